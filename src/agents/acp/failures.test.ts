import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRunning, textOf } from "../../../test/contracts/agent.contract.ts";
import {
  fileIn,
  keepSessions,
  makeFolder,
  open,
  pidsIn,
  play,
  type Options,
} from "../../../test/agents/acp-runtimes.ts";

describe("how it fails", () => {
  const quick = { context: { timing: { killGraceMs: 300, cancelGraceMs: 300, startMs: 500 } } };
  const table: readonly [string, readonly string[], Options, object][] = [
    [
      "an answer of the wrong version",
      ["--version", "2"],
      {},
      { reason: expect.stringContaining("version 2") },
    ],
    ["no answer at all", ["--mute"], quick, { reason: expect.stringContaining("within 0.5 s of its start") }],
    [
      "an end before its first answer, with what it said",
      ["--exit", "3"],
      {},
      { reason: expect.stringMatching(/exit code 3.*no model is configured/) },
    ],
    [
      "a login that is missing, with the ways there are",
      ["--auth"],
      {},
      {
        reason: expect.stringMatching(
          /Scripted Agent wants a login.*gateway's machine.*Log in with a browser/,
        ),
      },
    ],
    [
      "a program that is not there",
      [],
      { settings: { command: ["no-such-agent-anywhere"] } },
      { code: "agent/not-found", reason: expect.stringContaining("no-such-agent-anywhere") },
    ],
    ["an argument no program can be given", ["a\0b"], {}, {}],
  ];
  test.each(table)("%s", async (_, flags, options, expected) => {
    const events = await play(open(flags, options), "@say 1");
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: "failed", code: "agent/failed", passing: false, ...expected });
  });

  test("closing does not wait for one that does not answer its start", async () => {
    const workspace = makeFolder();
    const noted = Promise.withResolvers<void>();
    const processes = { record: async () => noted.resolve(), forget: async () => {} };
    const runtime = open(["--mute"], { context: { processes } });
    const events = play(runtime, "@say 1", { workspace });
    await noted.promise;
    await runtime.close();
    expect(await events).toMatchObject([{ kind: "failed", passing: true }]);
    expect(await play(runtime, "@say 1")).toMatchObject([{ kind: "failed", passing: true }]);
  });

  test("an error of the agent, in its own words", async () => {
    expect(await play(open(), "@error -32603 the model is on fire")).toMatchObject([
      { kind: "failed", passing: false, reason: "Scripted Agent refused: the model is on fire" },
    ]);
  });

  test("no error holds what the configuration gives it as a secret", async () => {
    const runtime = open([], { settings: { env: { SOME_KEY: "sk-1234567" } } });
    expect(await play(runtime, "@error -32603 the key sk-1234567 is wrong")).toMatchObject([
      { kind: "failed", reason: "Scripted Agent refused: the key •••• is wrong" },
    ]);
  });

  test("a crash is passing for every turn it was in; the next turn has another process", async () => {
    const workspace = makeFolder();
    const runtime = open();
    const other = play(runtime, "@touch begun\n@wait never", { workspace, sessionId: "b" });
    await fileIn(workspace, "begun");
    const reason = expect.stringMatching(/ended \(exit code 7\): the scripted agent crashes/) as string;
    const failed = [{ kind: "failed", code: "agent/failed", passing: true, reason }];
    expect(await play(runtime, "@crash 7", { workspace })).toEqual(failed);
    expect(await other).toEqual(failed);
    expect(textOf(await play(runtime, "@say back", { workspace }))).toBe("back");
  });

  test("time-out: the prompt is cancelled, the process goes on", async () => {
    const runtime = open([], { settings: { timeoutMs: 1500 } });
    const pid = textOf(await play(runtime, "@pid"));
    expect(await play(runtime, "@until-cancelled")).toMatchObject([
      { kind: "failed", code: "agent/timeout", passing: false, reason: "no answer within 1.5 s" },
    ]);
    expect(textOf(await play(runtime, "@pid"))).toBe(pid);
  });

  test("a prompt that does not end when cancelled: others that run are left alone, its session begins anew", async () => {
    const workspace = makeFolder();
    const runtime = open(["--load"], { context: { sessions: keepSessions() } });
    const stop = new AbortController();
    const stuck = play(runtime, "@hang", { workspace, signal: stop.signal });
    const pids = await pidsIn(workspace);
    const other = play(runtime, "@touch begun\n@wait go\n@say other", { workspace, sessionId: "b" });
    await fileIn(workspace, "begun");
    stop.abort();
    expect(await stuck).toEqual([]);
    writeFileSync(join(workspace, "go"), "");
    expect(textOf(await other)).toBe("other");
    expect(JSON.parse(textOf(await play(runtime, "@recall", { workspace })))).toEqual(["@recall"]);
    expect(pids.filter(isRunning)).toEqual(pids);
    await runtime.close();
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test("one that lets go of no prompt is not spared for the sake of those it was told to end before", async () => {
    const workspace = makeFolder();
    const runtime = open([], { context: { sessions: keepSessions() } });
    const [first, second] = [new AbortController(), new AbortController()];
    const pid = textOf(await play(runtime, "@pid", { workspace }));
    const stuck = play(runtime, "@hang", { workspace, signal: first.signal });
    await pidsIn(workspace);
    const other = play(runtime, "@touch begun\n@hang", { workspace, sessionId: "b", signal: second.signal });
    await fileIn(workspace, "begun");
    first.abort();
    await stuck;
    second.abort();
    await other;
    expect(isRunning(Number(pid))).toBe(false);
    expect(textOf(await play(runtime, "@say back", { workspace }))).toBe("back");
  });

  const unopened = {
    kind: "failed",
    passing: true,
    reason: expect.stringContaining("did not open the session"),
  };

  test("a session that is not opened in time: the next turn has another process", async () => {
    const workspace = makeFolder();
    const runtime = open(["--stuck"], { settings: { timeoutMs: 3000 } });
    expect(await play(runtime, "@say 1", { workspace })).toMatchObject([unopened]);
    expect(textOf(await play(runtime, "@say back", { workspace }))).toBe("back");
  });

  test("a session that is not opened in time, beside a turn that runs: that one goes on, the next turn opens it", async () => {
    const workspace = makeFolder();
    const runtime = open(["--stuck"], { settings: { timeoutMs: 3000 } });
    writeFileSync(join(workspace, "stuck"), "");
    const other = play(runtime, "@touch begun\n@wait go\n@say other", { workspace, sessionId: "b" });
    await fileIn(workspace, "begun");
    const stuck = makeFolder();
    const late = play(runtime, "@say 1", { workspace: stuck });
    await fileIn(stuck, "stuck");
    writeFileSync(join(workspace, "go"), "");
    expect(textOf(await other)).toBe("other");
    expect(await late).toMatchObject([unopened]);
    expect(textOf(await play(runtime, "@say back", { workspace: stuck }))).toBe("back");
  });

  test("what is offered is not waited for while a session is opened", async () => {
    const workspace = makeFolder();
    const stop = new AbortController();
    const runtime = open(["--stuck"]);
    const asked = { workspace, sessionId: "s", signal: stop.signal };
    const turn = play(runtime, "@say 1", asked);
    await fileIn(workspace, "stuck");
    expect(await runtime.offers("s")).toBeUndefined();
    stop.abort();
    expect(await turn).toEqual([]);
  });

  test("more memory than it may take ends it, and the limit is named", async () => {
    const runtime = open([], { settings: { memoryBytes: 250 * 1024 * 1024 } });
    expect(await play(runtime, "@memory 300\n@until-cancelled")).toMatchObject([
      { kind: "failed", passing: false, reason: expect.stringContaining("limit of 250 MB") },
    ]);
    expect(textOf(await play(runtime, "@say back"))).toBe("back");
  });

  test("it is noted from before its first session until it is gone", async () => {
    const noted: string[] = [];
    const processes = {
      record: async ({ pid }: { pid: number }) => void noted.push(`${pid} ${isRunning(pid)}`),
      forget: async ({ pid }: { pid: number }) => void noted.push(`${pid} ${isRunning(pid)}`),
    };
    const runtime = open([], { context: { processes } });
    const pid = textOf(await play(runtime, "@pid"));
    expect(noted).toEqual([`${pid} true`]);
    await runtime.close();
    expect(noted).toEqual([`${pid} true`, `${pid} false`]);
  });
});
