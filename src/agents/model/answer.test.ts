import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeRequest, silentHost, textOf, waitFor } from "../../../test/contracts/agent.contract.ts";
import { chunk, say, sendJson, stream } from "../../../test/fixtures/agents/model-server.ts";
import { openModelWorld } from "../../../test/fixtures/agents/model-world.ts";
import type { AgentEvent } from "../../model/turn.ts";
import { AnswerReader } from "./answer.ts";
import { ModelFault } from "./fault.ts";

const { ask, folder, last, lines, open, server, tries } = await openModelWorld();

const end = chunk({}, "stop");

describe("what becomes of an answer", () => {
  const whole = {
    choices: [{ message: { content: "all of it", reasoning_content: "hm" }, finish_reason: "stop" }],
  };
  test.each([
    ["pieces", say("all ", "of ", "it")],
    ["no [DONE]", stream([chunk({ content: "all of it" }), end])],
    ["neither [DONE] nor a reason to stop", stream([chunk({ content: "all of it" })])],
    ["the same without a blank line at the end", stream([chunk({ content: "all of it" }).trimEnd()])],
    ["[DONE] alone", stream([chunk({ content: "all of it" }), "data: [DONE]\n\n"])],
    ["no blank line at the end", stream([chunk({ content: "all of it" }), end, "data: [DONE]"])],
    [
      "CRLF, comments and fields",
      stream([": hi\r\n\r\n", `event: x\r\nid: 1\r\n${chunk({ content: "all of it" })}`, end]),
    ],
    [
      "a count of tokens behind",
      stream([chunk({ content: "all of it" }), end, 'data: {"choices":[],"usage":{}}\n\n']),
    ],
    [
      "nothing after [DONE] counts",
      stream([chunk({ content: "all of it" }), "data: [DONE]\n\n", chunk({ content: "!" })]),
    ],
    [
      "a connection that stays open behind [DONE]",
      stream([chunk({ content: "all of it" }), "data: [DONE]\n\n"], true),
    ],
    [
      "reasoning in a field",
      stream([chunk({ reasoning_content: "hm", reasoning: "hm" }), chunk({ content: "all of it" }), end]),
    ],
    ["reasoning in the text", say("<thi", "nk>hm</th", "ink>\n\nall of it")],
    ["reasoning that begins in the prompt", say("hm", " hm</th", "ink>\n\nall", " of it")],
    ["reasoning in words", say("analysisHm.assis", "tantfinalall of it")],
    [
      "parts",
      stream([
        chunk({
          content: [
            { type: "thinking", thinking: "hm" },
            { type: "text", text: "all of it" },
          ],
        }),
        end,
      ]),
    ],
    ["a refusal", stream([chunk({ content: null, refusal: "all of it" }), end])],
    ["plain JSON", sendJson(200, whole)],
    ["plain JSON as a stream", stream([JSON.stringify(whole)])],
  ])("%s", async (_name, answer) => {
    server.next(answer);
    const events = await ask(open());
    expect(events.every(({ kind }) => kind === "text")).toBe(true);
    expect(textOf(events)).toBe("all of it");
    expect(tries()).toBe(1);
    await waitFor("the connection's end", () => (server.open() === 0 ? true : undefined));
  });

  test("characters that the pieces cut", async () => {
    const bytes = Buffer.from(chunk({ content: "小爪🦀" }) + end);
    server.next((response) => {
      response.writeHead(200);
      for (const byte of bytes) response.write(Buffer.of(byte));
      response.end();
    });
    expect(textOf(await ask(open()))).toBe("小爪🦀");
  });

  test("text comes while the model still writes", async () => {
    const rest = Promise.withResolvers<void>();
    const runtime = open();
    // What a model says first is held back: it may turn out to be a thought.
    await ask(runtime);
    server.next((response) => {
      stream([chunk({ content: "first" })], true)(response, last());
      void rest.promise.then(() => response.end(chunk({ content: " second" }) + end));
    });
    const request = makeRequest({ prompt: "hello", workspace: folder });
    const running = runtime.run(request, new AbortController().signal, silentHost);
    const events = running[Symbol.asyncIterator]();
    expect(await events.next()).toMatchObject({ value: { kind: "text", text: "first" } });
    rest.resolve();
    expect(await events.next()).toMatchObject({ value: { kind: "text", text: " second" } });
    expect(await events.next()).toMatchObject({ done: true });
  });

  test("more than a mebibyte is cut at a character", async () => {
    server.next(
      say(
        "a",
        ..."é"
          .repeat(600)
          .match(/.{600}/g)!
          .flatMap((part) => Array.from({ length: 1000 }, () => part)),
      ),
    );
    const text = textOf(await ask(open()));
    expect(Buffer.byteLength(text)).toBe(1024 * 1024 - 1);
    expect(text.endsWith("é")).toBe(true);
    expect(lines.join("")).toContain("the rest was dropped");
  });
});

test("an answer that the model had no room to end is given as it is, and the log says so", async () => {
  server.next(stream([chunk({ content: "half of" }), chunk({}, "length")]));
  expect(textOf(await ask(open()))).toBe("half of");
  expect(lines.join("")).toContain('model "crab" ran out of room');
});

describe("thoughts whose opening mark is in the prompt", () => {
  test("they are held back until they end, at each turn", async () => {
    const runtime = open();
    for (const _turn of [1, 2]) {
      server.next(say("hm ", "hm ", "</think>", "one\n\n", "two"));
      const events = await ask(runtime);
      expect(textOf(events)).toBe("one\n\ntwo");
      expect(events.every(({ kind }) => kind === "text")).toBe(true);
    }
  });

  test("a model that seemed to have none: they are no part of the answer", async () => {
    const runtime = open();
    await ask(runtime);
    const rest = Promise.withResolvers<void>();
    server.next((response) => {
      stream([chunk({ content: "hm" })], true)(response, last());
      void rest.promise.then(() => response.end(chunk({ content: "</think>yes" }) + end));
    });
    const request = makeRequest({ prompt: "hello", workspace: folder });
    const events: AgentEvent[] = [];
    for await (const event of runtime.run(request, new AbortController().signal, silentHost)) {
      events.push(event);
      rest.resolve();
    }
    expect(events).toEqual([{ kind: "text", text: "hm" }, { kind: "aside" }, { kind: "text", text: "yes" }]);
  });

  test("cut before they end, they are no answer", async () => {
    const runtime = open();
    server.next(say("hm</think>yes"));
    await ask(runtime);
    server.next(stream([chunk({ content: "hm" }), chunk({}, "length")]));
    expect(await ask(runtime)).toMatchObject([
      { kind: "failed", reason: expect.stringContaining("used up the room") },
    ]);
    const late = open({ timeoutMs: 500 });
    server.next(say("hm</think>yes"), stream([chunk({ content: "hm" })], true));
    await ask(late);
    expect((await ask(late)).filter(({ kind }) => kind === "text")).toEqual([]);
  });
});

test("what is read does not depend on the pieces in which it comes", () => {
  const place = { agentId: "main", baseUrl: "http://a.example/v1", model: "crab", apiKey: undefined };
  const read = (pieces: readonly Uint8Array[]): string => {
    const reader = new AnswerReader(place);
    return [...pieces.map((piece) => reader.push(piece)), reader.end()].reduce(
      (before, { startsOver, text }) => (startsOver ? text : before + text),
      "",
    );
  };
  const word = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("<think>", "</think>yes", "\n\n", "data: "),
  );
  const ends = fc.constantFrom(chunk({}, "stop"), "data: [DONE]\n\n", `${chunk({}, "stop")}data: [DONE]`);
  fc.assert(
    fc.property(fc.array(word), ends, fc.array(fc.nat(2000)), (words, last, cuts) => {
      const text = ["said: ", ...words, "</think>end"].map((content) => chunk({ content })).join("") + last;
      const bytes = Buffer.from(text);
      const sorted = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = sorted.slice(1).map((to, at) => bytes.subarray(sorted[at], to));
      expect(read(pieces)).toBe(read([bytes]));
    }),
  );
});

test("any bytes are text or a fault, never anything else", () => {
  const place = { agentId: "main", baseUrl: "http://a.example/v1", model: "crab", apiKey: undefined };
  const part = fc.oneof(
    fc.uint8Array(),
    fc
      .constantFrom(
        "data: {",
        '"choices":[{',
        '"delta":{"content":',
        '"a"',
        "}]}",
        "\n\n",
        "{",
        "[",
        "<",
        "null",
      )
      .map((text) => Buffer.from(text)),
    fc.jsonValue().map((value) => Buffer.from(`data: ${JSON.stringify(value)}\n\n`)),
    fc.jsonValue().map((value) => Buffer.from(`data: ${JSON.stringify({ choices: [value] })}\n\n`)),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const reader = new AnswerReader(place);
      try {
        for (const { text } of [...parts.map((piece) => reader.push(piece)), reader.end()])
          expect(typeof text).toBe("string");
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFault);
      }
    }),
  );
});
