import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { textOf } from "../../../test/contracts/agent.contract.ts";
import { keepSessions, makeFolder, open, play, rememberingHost } from "../../../test/agents/acp-runtimes.ts";
import { asId, type EntryId } from "../../model/ids.ts";
import type { TakenFile } from "../../model/media.ts";
import type { AgentEvent } from "../../model/turn.ts";

const timing = { killGraceMs: 300, cancelGraceMs: 300, lateMs: 20 };
const host = rememberingHost;
const ANEW = ["began-anew", "text"];

function kindsOf(events: readonly AgentEvent[]): readonly string[] {
  return events.map(({ kind }) => kind);
}

/** A folder whose session was begun by a process that has ended. */
async function restarted(flags: readonly string[], more: { readonly openMs?: number } = {}) {
  const workspace = makeFolder();
  const sessions = keepSessions();
  const context = { sessions, timing: { ...timing, ...more } };
  const first = open(["--load"], { context });
  await play(first, "@say 1", { workspace });
  await first.close();
  const runtime = open(["--load", ...flags], { context, settings: { timeoutMs: 4000 } });
  return { workspace, sessions, ask: async (script: string) => play(runtime, script, { workspace, host }) };
}

describe("a session that fails is begun again with the transcript, and that is told once", () => {
  test("it refuses every prompt", async () => {
    const { ask, sessions } = await restarted(["--loaded", "refuse"]);
    const [before] = [...sessions.kept.values()];
    const events = await ask("@recall");
    expect(kindsOf(events)).toEqual(ANEW);
    expect(textOf(events)).toContain("my cat is Tom");
    expect(JSON.parse(textOf(await ask("@recall")))).toHaveLength(2);
    expect([...sessions.kept.values()][0]?.nativeId).not.toBe(before?.nativeId);
  });

  test("its process crashes with every prompt", async () => {
    const { ask } = await restarted(["--loaded", "crash"]);
    // The flow asks again, as the failure is passing.
    expect(await ask("@say 2")).toMatchObject([{ kind: "failed", passing: true }]);
    expect(kindsOf(await ask("@say 2"))).toEqual(ANEW);
    expect(kindsOf(await ask("@say 3"))).toEqual(["text"]);
  });

  test("it is never loaded", async () => {
    const { ask } = await restarted(["--hang-load"], { openMs: 300 });
    expect(kindsOf(await ask("@say 2"))).toEqual(ANEW);
    expect(kindsOf(await ask("@say 3"))).toEqual(["text"]);
  });

  test("it gives no sign of life", async () => {
    const { ask } = await restarted(["--loaded", "hang"]);
    expect(await ask("@say 2")).toMatchObject([{ kind: "failed", code: "agent/timeout" }]);
    expect(await ask("@say 2")).toMatchObject([{ kind: "failed", code: "agent/timeout" }]);
    expect(kindsOf(await ask("@say 2"))).toEqual(ANEW);
  }, 20_000);

  test("something in its history is refused", async () => {
    const workspace = makeFolder();
    const runtime = open([], { context: { sessions: keepSessions(), timing } });
    await play(runtime, "@say 1", { workspace });
    await play(runtime, "@say poisoned\n@poison", { workspace });
    expect(kindsOf(await play(runtime, "@say 2", { workspace, host }))).toEqual(ANEW);
    expect(kindsOf(await play(runtime, "@say 3", { workspace, host }))).toEqual(["text"]);
  });
});

describe("a session is kept", () => {
  test("when a new one fails as well", async () => {
    const workspace = makeFolder();
    const sessions = keepSessions();
    const runtime = open([], { context: { sessions, timing } });
    await play(runtime, "@say 1", { workspace });
    const [before] = [...sessions.kept.values()];
    for (const _turn of [1, 2, 3])
      expect(await play(runtime, "@error -32603 no credit", { workspace, host })).toMatchObject([
        { kind: "failed", reason: "Scripted Agent refused: no credit" },
      ]);
    expect([...sessions.kept.values()][0]).toEqual(before);
    const recalled = await play(runtime, "@recall", { workspace, host });
    expect(kindsOf(recalled)).toEqual(["text"]);
    expect(JSON.parse(textOf(recalled))[0]).toBe("@say 1");
  });

  test("when a prompt fails after something was done: it is not done twice", async () => {
    const workspace = makeFolder();
    const runtime = open([], { context: { sessions: keepSessions(), timing } });
    await play(runtime, "@say 1", { workspace });
    const script = "@tool Search\n@error -32603 broken";
    expect(kindsOf(await play(runtime, script, { workspace, host }))).toEqual(["aside", "failed"]);
    const recalled = JSON.parse(textOf(await play(runtime, "@recall", { workspace, host }))) as string[];
    expect(recalled.filter((prompt) => prompt === script)).toHaveLength(1);
  });

  test("when nobody is logged in", async () => {
    const workspace = makeFolder();
    const runtime = open([], { context: { sessions: keepSessions(), timing } });
    await play(runtime, "@say 1", { workspace });
    for (const _turn of [1, 2, 3]) await play(runtime, "@error -32000 log in", { workspace, host });
    const recalled = JSON.parse(textOf(await play(runtime, "@recall", { workspace, host }))) as string[];
    expect(recalled).toHaveLength(5);
  });
});

describe("a file that the agent fails at", () => {
  function withFile(name: string, mimeType: string) {
    const path = join(makeFolder(), name);
    writeFileSync(path, "content");
    const file: TakenFile = { kind: "file", path, name, mimeType, bytes: 7, note: "" };
    return { files: new Map([[asId<EntryId>(7), [file]]]) };
  }

  test.each([
    ["a.png", "image/png"],
    ["a.csv", "text/csv"],
  ])("%s is named only, in this turn and from then on", async (name, mimeType) => {
    const workspace = makeFolder();
    const sessions = keepSessions();
    const runtime = open(["--images", "--refuse", mimeType], { context: { sessions, timing } });
    await play(runtime, "@say 1", { workspace });
    const asked = { workspace, host, ...withFile(name, mimeType) };
    const first = await play(runtime, "@blocks", asked);
    expect(kindsOf(first)).toEqual(ANEW);
    expect(textOf(first)).not.toContain(mimeType);
    const again = await play(runtime, "@blocks", asked);
    expect(kindsOf(again)).toEqual(["text"]);
    expect(textOf(again)).not.toContain(mimeType);
    expect(JSON.parse(textOf(await play(runtime, "@recall", { workspace })))).toHaveLength(3);
  });

  test("in the first message of a session nothing is lost, and nothing is told", async () => {
    const runtime = open(["--images", "--refuse", "image/png"], {
      context: { sessions: keepSessions(), timing },
    });
    const asked = { workspace: makeFolder(), ...withFile("a.png", "image/png") };
    expect(kindsOf(await play(runtime, "@blocks", asked))).toEqual(["text"]);
  });
});
