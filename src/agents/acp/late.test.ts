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
import { existsSync } from "node:fs";

const timing = { killGraceMs: 300, cancelGraceMs: 2000, lateMs: 800 };
const context = { timing };

describe("what comes after the end of a turn", () => {
  test.each([[5], [100], [250]])("%i ms late: it belongs to its own turn", async (ms) => {
    const runtime = open([], { context });
    const [first, second] = await Promise.all([
      play(runtime, `@say one\n@late ${ms}  and the rest`),
      play(runtime, "@say two"),
    ]);
    expect(textOf(first)).toBe("one and the rest");
    expect(textOf(second)).toBe("two");
  });

  test("all of the answer is late", async () => {
    const asked = { mustAnswer: true };
    expect(textOf(await play(open([], { context }), "@late 200 one", asked))).toBe("one");
  });

  test("it takes back nothing: a late tool call does not make the answer an aside", async () => {
    const events = await play(open([], { context }), "@say one\n@late 50  more");
    expect(events.every(({ kind }) => kind === "text")).toBe(true);
  });

  test("after a stop it is nobody's, and the next turn waits for it", async () => {
    const workspace = makeFolder();
    const runtime = open([], { context });
    const stop = new AbortController();
    const stopped = play(runtime, "@late 300 SECRET\n@touch begun\n@until-cancelled", {
      workspace,
      signal: stop.signal,
    });
    await fileIn(workspace, "begun");
    stop.abort();
    expect(await stopped).toEqual([]);
    expect(textOf(await play(runtime, "@say two\n@pause 300", { workspace }))).toBe("two");
    expect(existsSync(join(workspace, "begun"))).toBe(true);
  });
});

describe("the past of a session that is loaded", () => {
  test.each([[[]], [["--replay-late", "5"]], [["--replay-late", "150"]], [["--replay-late", "300"]]])(
    "%j: it is nobody's answer",
    async (flags) => {
      const workspace = makeFolder();
      const sessions = keepSessions();
      const all = ["--load", "--replay", ...flags];
      const first = open(all, { context: { timing, sessions } });
      await play(first, "@say 1", { workspace });
      await first.close();
      const again = open(all, { context: { timing, sessions } });
      expect(textOf(await play(again, "@say 2\n@pause 300", { workspace, host: rememberingHost }))).toBe("2");
    },
  );
});

describe("a turn without a word", () => {
  test.each([
    ["@think hm", "(I finished without a reply.)"],
    ["@tool Search", "(I finished without a reply.)"],
    ["@say <think>hm</think>", "(I finished without a reply.)"],
    ["@say hm</think>", "(I finished without a reply.)"],
    ["@stop cancelled", "(I finished without a reply.)"],
    ["@say I look.\n@tool Search", "I look."],
  ])("%j says %j", async (script, text) => {
    expect(textOf(await play(open(), script, { mustAnswer: true })).replace("hm", "")).toBe(text);
  });

  test("a denial is told as one", async () => {
    const events = await play(open(["--speechless"]), "@ask run rm", { mustAnswer: true });
    expect(textOf(events)).toBe("Not done: it was denied.");
  });

  test("in a group where nobody has to be called, silence is an answer", async () => {
    expect(await play(open(), "@think hm", { mustAnswer: false })).toEqual([]);
  });
});

describe("thoughts", () => {
  test.each([
    ["@say <think>SECRET</think>yes", "yes"],
    ["@say <thi\n@say nk>SECRET</th\n@say ink>yes", "yes"],
    ["@say [THINK]SECRET[/THINK]yes", "yes"],
    ["@say <think>SECRET\n@tool Search\n@say yes", "yes"],
    ["@say use `<think>` here", "use `<think>` here"],
  ])("%j", async (script, text) => {
    expect(textOf(await play(open(), script))).toBe(text);
  });

  test("one whose opening mark is in the prompt is no part of the answer", async () => {
    const events = await play(open(), "@say SECRET\n@pause 50\n@say </think>yes");
    expect(events).toEqual([
      { kind: "text", text: "SECRET" },
      { kind: "aside" },
      { kind: "text", text: "yes" },
    ]);
  });
});
