import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { textOf } from "../../../test/contracts/agent.contract.ts";
import {
  chunk,
  heard,
  sendError,
  sendJson,
  sendText,
  stream,
} from "../../../test/fixtures/agents/model-server.ts";
import { openModelWorld, earlier, withTranscript } from "../../../test/fixtures/agents/model-world.ts";
import { asId, type EntryId } from "../../model/ids.ts";

const { ask, folder, last, open, reasonOf, server, tries } = await openModelWorld();

describe("a context that overflows", () => {
  const words = "This model's maximum context length is 4096 tokens.";
  const turns = ["1", "2", "3", "4", "5"].map((text) => earlier(text, "ok"));

  test("the history is halved until one message is left", async () => {
    const tooLong = sendError(400, words);
    server.next(tooLong, tooLong);
    expect(textOf(await ask(open(), withTranscript(turns)))).toBe("Heard: 5 / hello");
    expect(tries()).toBe(3);
    server.next(tooLong, tooLong, tooLong);
    expect(textOf(await ask(open(), withTranscript(turns)))).toBe("Heard: hello");
    server.next(tooLong, tooLong, tooLong, tooLong);
    expect(await ask(open(), withTranscript(turns))).toMatchObject([
      { kind: "failed", reason: `the conversation is too long for model "crab"; it says: ${words}` },
    ]);
    server.next(tooLong);
    expect(await reasonOf(open())).toContain("too long");
  });

  const raw = JSON.stringify({ error: { message: "prompt is too long: 9 tokens > 8 maximum" } });
  test.each([
    ["422", sendError(422, "input length exceeds the context length")],
    ["413 without words", sendText(413, "")],
    ["500", sendError(500, "the request exceeds the available context size")],
    ["503 with a text", sendText(503, "Context size has been exceeded.")],
    [
      "an error of the provider behind the server",
      sendJson(400, { error: { message: "Provider returned error", metadata: { raw } } }),
    ],
    ["200 with an error", sendJson(200, { object: "error", message: words, code: 400 })],
    ["200 with an error as a text", sendJson(200, { error: words })],
    ["an error in the stream", stream([`data: {"error":{"message":"${words}","code":500}}\n\n`])],
    ["an error as an event", stream([`event: error\ndata: {"message":"${words}"}\n\n`])],
    ["an error as a field", stream([`error: {"code":500,"message":"${words}"}\n\n`])],
    ["an error as a line", stream([chunk({ role: "assistant" }), `{"error":"${words}"}\n\n`])],
    [
      "an error in a choice",
      stream([`data: {"choices":[{"finish_reason":"error","error":{"message":"${words}"}}]}\n\n`]),
    ],
    ["no room for an answer", stream([chunk({ content: "" }), chunk({}, "length")])],
  ])("%s", async (_name, answer) => {
    server.next(answer, answer);
    expect(textOf(await ask(open(), withTranscript(turns)))).toBe("Heard: 5 / hello");
    expect(tries()).toBe(3);
  });

  test("in the middle of an answer: what there is of it is the answer", async () => {
    const error = `data: {"error":{"message":"${words}","code":500}}\n\n`;
    server.next(stream([chunk({ content: "half of" }), error]));
    expect(await ask(open(), withTranscript(turns))).toEqual([{ kind: "text", text: "half of" }]);
    expect(tries()).toBe(1);
  });
});

describe("pictures that a server does not take", () => {
  const path = join(folder, "a.png");
  const file = { kind: "file", path, name: "a.png", mimeType: "image/png", bytes: 1, note: "" } as const;
  const files = new Map([[asId<EntryId>(7), [file]]]);
  test.each([
    ["by their kind", sendError(400, "This model does not support image input.")],
    [
      "for want of a part",
      sendError(500, "image input is not supported - hint: you may need to provide the mmproj"),
    ],
    ["with 404", sendError(404, "No endpoints found that support image input")],
    ["for their size", sendText(413, "")],
  ])("%s: it is asked without them, and told so", async (_name, answer) => {
    writeFileSync(path, "\u0001");
    server.next(answer);
    await ask(open({ vision: true }), { files });
    expect(tries()).toBe(2);
    expect(heard(last())).toEqual([
      "hello\n\n[The pictures are not shown: the model's server did not take them]",
    ]);
  });
});
