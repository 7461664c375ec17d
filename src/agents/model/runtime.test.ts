import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeAgentContract, textOf, waitFor } from "../../../test/contracts/agent.contract.ts";
import { chunk, heard, saySilence, sendError, stream } from "../../../test/fixtures/agents/model-server.ts";
import { openModelWorld, earlier, withTranscript } from "../../../test/fixtures/agents/model-world.ts";
import { asId, type EntryId } from "../../model/ids.ts";

const KEY = "sk-this-is-the-key";
const { ask, folder, last, open, server, tries } = await openModelWorld();

describeAgentContract("model", () => ({
  answering: () => open(),
  failing: () => {
    server.next(sendError(400, "no"));
    return open();
  },
  hanging: () => {
    const asked = server.chats.length;
    server.next(saySilence);
    const started = async () =>
      waitFor("the request", () => (server.chats.length > asked ? ([] as readonly number[]) : undefined));
    return { runtime: open(), workspace: folder, started };
  },
  workspace: () => folder,
}));

describe("what a model is asked", () => {
  test("model, messages and key; no key where none is set", async () => {
    await ask(open({ system: "Be brief." }), { systemPrompt: "Be polite." });
    expect(last().body).toEqual({
      model: "crab",
      stream: true,
      messages: [
        { role: "system", content: "Be brief.\n\nBe polite." },
        { role: "user", content: "hello" },
      ],
    });
    expect(last().headers).not.toHaveProperty("authorization");
    await ask(open({ apiKey: KEY }));
    expect(last().headers).toMatchObject({ authorization: `Bearer ${KEY}` });
  });

  test("what was said before, as far as it fits", async () => {
    const before3 = withTranscript([
      earlier("a".repeat(400), "b"),
      earlier("my name is Anna", "Hello Anna."),
      earlier("c", "d"),
    ]);
    await ask(open({ historyTokens: 50 }), before3);
    expect(heard(last())).toEqual(["my name is Anna", "c", "hello"]);
    await ask(open({ historyTokens: 0 }), before3);
    expect(heard(last())).toEqual(["hello"]);
  });

  test("the model that was chosen in chat", async () => {
    await ask(open(), { choices: { model: "lobster" } });
    expect(last().body?.model).toBe("lobster");
  });

  test("pictures, where it sees", async () => {
    const path = join(folder, "a.png");
    writeFileSync(path, "\u0001");
    const file = { kind: "file", path, name: "a.png", mimeType: "image/png", bytes: 1, note: "" } as const;
    const files = new Map([
      [
        asId<EntryId>(7),
        [
          file,
          { ...file, mimeType: "application/pdf" },
          { ...file, bytes: 6_000_000 },
          { ...file, path: join(folder, "gone.png") },
          { kind: "missing", name: "b.png", because: "too large" } as const,
        ],
      ],
    ]);
    await ask(open({ vision: true }), { files });
    expect(last().body?.messages.at(-1)?.content).toEqual([
      { type: "text", text: "hello" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AQ==" } },
    ]);
    await ask(open(), { files });
    expect(last().body?.messages.at(-1)?.content).toBe("hello");
  });
});

describe("time", () => {
  test("a turn has an end", async () => {
    server.next(saySilence);
    expect(await ask(open({ timeoutMs: 50 }))).toEqual([
      { kind: "failed", code: "agent/timeout", reason: "no answer within 0.05 s", passing: false },
    ]);
    server.next(stream([chunk({ content: "on and on" })], true));
    expect(await ask(open({ timeoutMs: 300 }))).toMatchObject([
      { kind: "text" },
      { kind: "failed", code: "agent/timeout" },
    ]);
    await waitFor("the connection's end", () => (server.open() === 0 ? true : undefined));
  });

  test("an answer that stalls is not waited for", async () => {
    const runtime = open({}, { patience: { connectMs: 1000, stallMs: 30 } });
    await ask(runtime);
    server.next(stream([chunk({ content: "on" })], true));
    expect(await ask(runtime)).toMatchObject([
      { kind: "text", text: "on" },
      { kind: "failed", reason: "nothing more came for 0.03 s, after the answer had begun", passing: true },
    ]);
  });

  test("a cancelled turn closes its request, also while it waits to try again", async () => {
    server.next(stream([chunk({ content: "on" })], true));
    const stop = new AbortController();
    const events = ask(open(), { signal: stop.signal });
    await waitFor("the request", () => (tries() === 1 ? true : undefined));
    stop.abort();
    expect(textOf(await events).length).toBeLessThanOrEqual(2);
    await waitFor("the connection's end", () => (server.open() === 0 ? true : undefined));

    server.next(sendError(429, "later", { "retry-after": "10" }));
    const again = new AbortController();
    const waiting = ask(open(), { signal: again.signal });
    await waitFor("the request", () => (tries() === 2 ? true : undefined));
    again.abort();
    expect(await waiting).toEqual([]);
  });

  test("turns of one session run one after another, others beside them; one that waits can be cancelled", async () => {
    const runtime = open();
    server.next(saySilence);
    const stop = new AbortController();
    const first = ask(runtime, { signal: stop.signal });
    await waitFor("the request", () => (tries() === 1 ? true : undefined));
    const second = ask(runtime, { prompt: "second" });
    const cancelled = new AbortController();
    const third = ask(runtime, { prompt: "third", signal: cancelled.signal });
    expect(textOf(await ask(runtime, { prompt: "elsewhere", sessionId: "session-2" }))).toBe(
      "Heard: elsewhere",
    );
    cancelled.abort();
    expect(await third).toEqual([]);
    expect(tries()).toBe(2);
    stop.abort();
    expect(await first).toEqual([]);
    expect(textOf(await second)).toBe("Heard: second");
  });

  test("closing before the first turn ends it when it comes", async () => {
    const runtime = open();
    await runtime.close();
    expect(await ask(runtime)).toMatchObject([{ kind: "failed", passing: true }]);
    expect(tries()).toBe(0);
  });
});

describe("what it offers", () => {
  test("the models of the API and the configured one; asked once a minute", async () => {
    server.models = ["crab", "lobster"];
    const runtime = open({ apiKey: KEY });
    const asked = server.others.length;
    const offers = {
      modes: [],
      mode: undefined,
      models: [
        { id: "crab", name: "crab" },
        { id: "lobster", name: "lobster" },
      ],
      model: "crab",
      commands: [],
    };
    expect(await runtime.offers("session-1")).toEqual(offers);
    expect(await runtime.offers("session-2")).toEqual(offers);
    expect(server.others.slice(asked)).toMatchObject([
      { method: "GET", path: "/v1/models", headers: { authorization: `Bearer ${KEY}` } },
    ]);
  });

  test("no list", async () => {
    expect(await open().offers("session-1")).toMatchObject({ models: [], model: "crab" });
  });
});
