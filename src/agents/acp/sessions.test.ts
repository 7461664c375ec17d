import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { textOf } from "../../../test/contracts/agent.contract.ts";
import {
  fileIn,
  keepSessions,
  makeFolder,
  open,
  play,
  rememberingHost,
} from "../../../test/agents/acp-runtimes.ts";

describe("sessions", () => {
  test("one process holds many, and each remembers its own", async () => {
    const runtime = open();
    const talk = async (sessionId: string, script: string) =>
      textOf(await play(runtime, script, { sessionId }));
    await Promise.all([talk("a", "@say 1"), talk("b", "@say 2")]);
    expect(JSON.parse(await talk("a", "@recall"))).toEqual(["@say 1", "@recall"]);
    expect(JSON.parse(await talk("b", "@recall"))).toEqual(["@say 2", "@recall"]);
    expect(await talk("a", "@pid")).toBe(await talk("b", "@pid"));
  });

  test("prompts of one run one after another, those of two side by side", async () => {
    const workspace = makeFolder();
    const runtime = open();
    const first = play(runtime, "@touch begun\n@wait go\n@say first", { workspace, sessionId: "a" });
    await fileIn(workspace, "begun");
    const second = play(runtime, "@touch go2\n@say second", { workspace, sessionId: "a" });
    const third = play(runtime, "@say third", { workspace, sessionId: "b" });
    expect(textOf(await third)).toBe("third");
    expect(existsSync(join(workspace, "go2"))).toBe(false);
    writeFileSync(join(workspace, "go"), "");
    expect([textOf(await first), textOf(await second)]).toEqual(["first", "second"]);
  });

  test("one that is stopped while it waits for another of its session ends at once", async () => {
    const workspace = makeFolder();
    const runtime = open();
    const first = play(runtime, "@touch begun\n@wait go\n@say first", { workspace });
    await fileIn(workspace, "begun");
    const stop = new AbortController();
    const second = play(runtime, "@say second", { workspace, signal: stop.signal });
    stop.abort();
    expect(await second).toEqual([]);
    writeFileSync(join(workspace, "go"), "");
    expect(textOf(await first)).toBe("first");
    expect(JSON.parse(textOf(await play(runtime, "@recall", { workspace })))).toHaveLength(2);
  });

  test.each([[["--load"]], [["--load", "--replay"]], [["--resume"]]])(
    "%j: it outlives the process",
    async (flags) => {
      const workspace = makeFolder();
      const sessions = keepSessions();
      const context = { sessions };
      const first = open(flags, { context });
      await play(first, "@say 1", { workspace, host: rememberingHost });
      await first.close();
      const events = await play(open(flags, { context }), "@recall", { workspace, host: rememberingHost });
      expect(events).toHaveLength(1);
      const [opening, last] = JSON.parse(textOf(events)) as string[];
      expect(opening).toContain("@say 1");
      expect(last).toBe("@recall");
    },
  );

  test("one that cannot be had again is begun anew with the transcript, and that is told once", async () => {
    const workspace = makeFolder();
    const context = { sessions: keepSessions() };
    const first = open([], { context });
    await play(first, "@say 1", { workspace });
    await first.close();
    const again = open([], { context });
    const events = await play(again, "@recall", { workspace, host: rememberingHost });
    expect(events[0]).toEqual({ kind: "began-anew" });
    const [prompt] = JSON.parse(textOf(events)) as string[];
    expect(prompt).toContain("> my cat is Tom");
    expect(prompt?.endsWith("@recall")).toBe(true);
    const next = await play(again, "@recall", { workspace, host: rememberingHost });
    expect(next.map(({ kind }) => kind)).toEqual(["text"]);
  });

  test("so is one that the agent has forgotten; and nothing is told where nothing was said before", async () => {
    const workspace = makeFolder();
    const sessions = keepSessions();
    sessions.kept.set("session-1", {
      nativeId: "long-gone",
      offers: { modes: [], mode: undefined, models: [], model: undefined, commands: [] },
    });
    const context = { sessions };
    const runtime = open(["--load"], { context });
    const events = await play(runtime, "@say 1", { workspace, host: rememberingHost });
    expect(events[0]).toEqual({ kind: "began-anew" });
    expect(sessions.kept.get("session-1")?.nativeId).not.toBe("long-gone");
    expect(await play(open(), "@say 1")).toEqual([{ kind: "text", text: "1" }]);
  });

  test("one that was reset is closed, where the agent lets it be, and is kept no longer", async () => {
    const sessions = keepSessions();
    const runtime = open(["--close"], { context: { sessions } });
    const sessionKey = "agent:main:anna";
    await play(runtime, "@say 1", { sessionKey, sessionId: "before" });
    await play(runtime, "@say 1", { sessionId: "other" });
    await play(runtime, "@say 1", { sessionKey, sessionId: "after" });
    expect(textOf(await play(runtime, "@sessions", { sessionKey, sessionId: "after" }))).toBe("2");
    expect([...sessions.kept.keys()]).toEqual(["other", "after"]);
  });

  test("one that the agent loses while it runs fails in passing, and is begun anew", async () => {
    const runtime = open();
    const host = rememberingHost;
    await play(runtime, "@forget", { host });
    expect(await play(runtime, "@say 1", { host })).toMatchObject([{ kind: "failed", passing: true }]);
    const again = await play(runtime, "@say 1", { host });
    expect(again.map(({ kind }) => kind)).toEqual(["began-anew", "text"]);
  });

  test("a command of the agent's own stays the first thing it reads", async () => {
    const runtime = open();
    const host = rememberingHost;
    expect(textOf(await play(runtime, "/compact", { host }))).toBe("You said: /compact");
    expect((await play(runtime, "@say 1", { host }))[0]).toEqual({ kind: "began-anew" });
  });
});

describe("choices", () => {
  const NONE = { modes: [], mode: undefined, models: [], model: undefined, commands: [] };

  test.each([
    ["--modes", "--models"],
    ["--mode-option", "--old-models"],
  ])("%s %s: are told to the agent before the prompt, once", async (...flags) => {
    const runtime = open([...flags, "--commands"]);
    expect(await runtime.offers("session-1")).toBeUndefined();
    const choices = { mode: "build", model: "large" };
    expect(JSON.parse(textOf(await play(runtime, "@state")))).toEqual({ mode: "ask", model: "small" });
    expect(JSON.parse(textOf(await play(runtime, "@state", { choices })))).toEqual(choices);
    expect(await runtime.offers("session-1")).toEqual({
      modes: [
        { id: "ask", name: "ASK" },
        { id: "build", name: "BUILD" },
      ],
      mode: "build",
      models: [
        { id: "small", name: "SMALL" },
        { id: "large", name: "LARGE" },
      ],
      model: "large",
      commands: [
        { name: "review", description: "Reviews what changed" },
        { name: "compact", description: "Makes the session shorter" },
      ],
    });
    await play(runtime, "@mode ask", { choices });
    expect((await runtime.offers("session-1"))?.mode).toBe("ask");
    expect(JSON.parse(textOf(await play(runtime, "@state", { choices })))).toEqual(choices);
  });

  test.each([
    [{}, { mode: "ask", model: "small" }],
    [
      { mode: "ask", model: "large" },
      { mode: "ask", model: "large" },
    ],
  ])("given back, what was in force before is again: configured %j", async (settings, expected) => {
    const sessions = keepSessions();
    const workspace = makeFolder();
    const flags = ["--load", "--modes", "--models"];
    const choices = { mode: "build", model: "small" };
    const runtime = open(flags, { settings, context: { sessions } });
    expect(JSON.parse(textOf(await play(runtime, "@state", { workspace, choices })))).toEqual(choices);
    expect(JSON.parse(textOf(await play(runtime, "@state", { workspace })))).toEqual(expected);
    // What the agent changes by itself stays, as nobody chose.
    await play(runtime, "@mode build", { workspace });
    expect(JSON.parse(textOf(await play(runtime, "@state", { workspace })))).toMatchObject({ mode: "build" });
    await play(runtime, "@mode ask", { workspace });
    await play(runtime, "hello", { workspace, choices });
    await runtime.close();
    const next = open(flags, { settings, context: { sessions } });
    expect(JSON.parse(textOf(await play(next, "@state", { workspace, choices })))).toEqual(choices);
    expect(JSON.parse(textOf(await play(next, "@state", { workspace })))).toEqual(expected);
  });

  test("one that the agent refuses is logged, and leaves the configuration's in force", async () => {
    const lines: string[] = [];
    const runtime = open(["--modes"], { lines, settings: { mode: "build" } });
    const events = await play(runtime, "@state", { choices: { mode: "no-such", model: "large" } });
    expect(JSON.parse(textOf(events))).toEqual({ mode: "build", model: "small" });
    expect(lines.filter((line) => line.includes("was chosen in chat"))).toHaveLength(2);
  });

  test("one of the configuration that the agent refuses fails the turn: it might do more than it should", async () => {
    const events = await play(open(["--modes"], { settings: { mode: "plan" } }), "@say done");
    expect(events).toMatchObject([
      {
        kind: "failed",
        passing: false,
        reason: expect.stringMatching(/configured mode plan: .*; it offers ask, build/),
      },
    ]);
  });

  test("what is offered is known without the agent, as it was last heard of", async () => {
    const sessions = keepSessions();
    const runtime = open(["--modes"], { context: { sessions } });
    await play(runtime, "@say 1");
    await runtime.close();
    const offers = await open([], { context: { sessions } }).offers("session-1");
    expect(offers).toEqual({ ...NONE, modes: expect.any(Array), mode: "ask" });
  });
});
