import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import {
  describeAgentContract,
  isRunning,
  makeContext,
  runTurn,
  textOf,
  waitFor,
} from "../../test/contracts/agent.contract.ts";
import { asId, type EntryId } from "../model/ids.ts";
import type { TakenFile } from "../model/media.ts";
import type { AgentRuntime } from "../model/ports.ts";
import type { CommandSettings } from "./command.ts";
import type { ProcessBook } from "./process-book.ts";
import { createRuntime } from "./runtime.ts";

const AGENTS = join(import.meta.dirname, "../../test/fixtures/agents");
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function workspace(): string {
  const folder = mkdtempSync(join(tmpdir(), "coderclaw-agent-"));
  folders.push(folder);
  return folder;
}

interface Options {
  readonly args?: readonly string[];
  readonly input?: "text" | "json";
  readonly timeoutMs?: number;
  readonly environment?: Record<string, string>;
  readonly lines?: string[];
  readonly memoryBytes?: number;
  readonly processes?: ProcessBook;
}

/** A runtime that runs one of the fixtures, or another program. */
function open(program: string, options: Options = {}): AgentRuntime {
  const { args = [], input = "text", timeoutMs = 20_000, environment = {}, lines = [] } = options;
  const settings: CommandSettings = {
    type: "command",
    command: [existsSync(join(AGENTS, program)) ? join(AGENTS, program) : program, ...args],
    input,
    timeoutMs,
    memoryBytes: options.memoryBytes,
  };
  return createRuntime(settings, {
    ...makeContext(lines),
    environment: () => ({ PATH: process.env["PATH"] ?? "", ...environment }),
    ...(options.processes && { processes: options.processes }),
  });
}

/** Numbers of the processes that a fixture said it started. */
async function startedIn(folder: string): Promise<readonly number[]> {
  const text = await waitFor("the fixture's processes", () =>
    existsSync(join(folder, "pids")) ? readFileSync(join(folder, "pids"), "utf8") : undefined,
  );
  return text.trim().split(" ").map(Number);
}

function hanging(program: string) {
  const folder = workspace();
  return { runtime: open(program), workspace: folder, started: async () => startedIn(folder) };
}

const shared = {
  answering: () => open("answer.sh"),
  silent: () => open("silent.sh"),
  failing: () => open("fail.sh"),
  workspace,
};
describeAgentContract("command", () => ({ ...shared, hanging: () => hanging("hang.sh") }));
describeAgentContract("command that does not end when asked", () => ({
  ...shared,
  hanging: () => hanging("stubborn.sh"),
}));

describe("what a program is given", () => {
  test("the variables of the turn beside its environment", async () => {
    const folder = workspace();
    const environment = { BASE_KEPT: "yes" };
    const events = await runTurn(open("environment.sh", { environment }), {
      prompt: "hi",
      workspace: folder,
    });
    expect(textOf(events).split("\n")).toEqual([
      folder,
      "BASE_KEPT=yes",
      "CODERCLAW_ACCOUNT_ID=default",
      "CODERCLAW_AGENT_ID=main",
      "CODERCLAW_ATTACHMENTS=[]",
      "CODERCLAW_CHAT_TARGET=chat_id:3",
      "CODERCLAW_SENDER=+15550100001",
      "CODERCLAW_SESSION_KEY=agent:main:main",
      "CODERCLAW_TURN_ATTEMPT=1",
      "CODERCLAW_TURN_ID=turn-1",
    ]);
  });

  test("its workspace, made private if it is missing", async () => {
    const folder = join(workspace(), "deep", "er");
    expect(textOf(await runTurn(open("environment.sh"), { prompt: "hi", workspace: folder }))).toContain(
      folder,
    );
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test("the whole turn as one JSON line", async () => {
    const runtime = open("answer.sh", { input: "json" });
    const text = textOf(await runTurn(runtime, { prompt: "two\nlines", workspace: workspace() }));
    expect(text).not.toContain("\n");
    expect(JSON.parse(text)).toEqual({
      turnId: "turn-1",
      attempt: 1,
      agentId: "main",
      accountId: "default",
      sessionKey: "agent:main:main",
      sessionId: "session-1",
      chatTarget: "chat_id:3",
      chat: { isGroup: false, name: "" },
      systemPrompt: "",
      prompt: "two\nlines",
      context: [],
      earlier: [],
      messages: [
        { guid: "GUID-7", sender: "+15550100001", text: "two\nlines", sentAt: "2026-01-02T03:04:05.000Z" },
      ],
    });
  });

  test("a group's turn as JSON: its instructions, its unanswered messages, earlier turns", async () => {
    const earlier = [{ atMs: 0, said: [{ sender: "Ben", text: "hi" }], answered: "hello" }];
    const asked = {
      prompt: "now",
      workspace: workspace(),
      systemPrompt: "Be brief.",
      earlier,
      context: ["aside"],
    };
    const text = textOf(await runTurn(open("answer.sh", { input: "json" }), asked));
    const sentAt = "2026-01-02T03:04:05.000Z";
    expect(JSON.parse(text)).toMatchObject({
      chat: { isGroup: true, name: "The crew" },
      systemPrompt: "Be brief.",
      prompt: "now",
      context: [{ guid: "GUID-1", sender: "+15550100001", text: "aside", sentAt }],
      earlier: [{ at: "1970-01-01T00:00:00.000Z", said: [{ sender: "Ben", text: "hi" }], answered: "hello" }],
    });
  });

  describe("files", () => {
    const there: TakenFile = {
      kind: "file",
      path: "/state/media/a.jpg",
      name: 'it"s [a]\n.heic',
      mimeType: "image/jpeg",
      bytes: 5,
      note: "converted from HEIC",
    };
    const plain: TakenFile = { ...there, path: "/state/media/b.jpg", note: "", transcript: "hello" };
    const files = new Map<EntryId, readonly TakenFile[]>([
      [asId<EntryId>(1), [plain]],
      [asId<EntryId>(7), [there, { kind: "missing", name: "b.mov", because: "it is too large" }]],
    ]);

    test("their paths as a JSON list, those of the context first", async () => {
      const asked = { prompt: "hi", workspace: workspace(), files, context: ["x"] };
      const lines = textOf(await runTurn(open("environment.sh"), asked)).split("\n");
      expect(lines).toContain('CODERCLAW_ATTACHMENTS=["/state/media/b.jpg","/state/media/a.jpg"]');
    });

    test("as JSON, of each message", async () => {
      const asked = { prompt: "hi", workspace: workspace(), files, context: ["x"] };
      const text = textOf(await runTurn(open("answer.sh", { input: "json" }), asked));
      const { kind: _there, ...first } = there;
      const { kind: _plain, note: _empty, ...second } = plain;
      expect(JSON.parse(text)).toMatchObject({
        context: [{ attachments: [second] }],
        messages: [{ attachments: [first, { name: "b.mov", missing: "it is too large" }] }],
      });
    });
  });

  test("a group's instructions, as text: before everything else, under a mark", async () => {
    const asked = { prompt: "[Message of Ben]\n> hi", workspace: workspace(), systemPrompt: "Be brief." };
    expect(textOf(await runTurn(open("answer.sh"), asked))).toBe(
      "[Instructions for this group]\nBe brief.\n\n[Message of Ben]\n> hi",
    );
  });

  test("no shell: what people write stays text", async () => {
    const prompt = "$(touch pwned) `id` ; rm -rf x";
    const folder = workspace();
    expect(textOf(await runTurn(open("answer.sh"), { prompt, workspace: folder }))).toBe(prompt);
    expect(existsSync(join(folder, "pwned"))).toBe(false);
  });

  test("a large input that it does not read is no failure", async () => {
    const events = await runTurn(open("deaf.sh"), { prompt: "x".repeat(500_000), workspace: workspace() });
    expect(events).toEqual([{ kind: "text", text: "not listening" }]);
  });

  test("a bare name is looked up on PATH, a relative path in the workspace", async () => {
    const folder = workspace();
    const environment = { PATH: [AGENTS, process.env["PATH"]].join(delimiter) };
    const onPath = open("cat", { environment });
    expect(textOf(await runTurn(onPath, { prompt: "a", workspace: folder }))).toBe("a");
    writeFileSync(join(folder, "own.sh"), "#!/bin/sh\necho mine\n", { mode: 0o755 });
    expect(textOf(await runTurn(open("./own.sh"), { prompt: "a", workspace: folder }))).toBe("mine");
  });
});

describe("what a program says", () => {
  test("line ends at the end are left out, other white space is not", async () => {
    const answer = await runTurn(open("answer.sh"), { prompt: "  a \n\r\n\n", workspace: workspace() });
    expect(textOf(answer)).toBe("  a ");
  });

  test("a mebibyte is kept, the rest is dropped and logged, no character is cut", async () => {
    const lines: string[] = [];
    const runtime = open("flood.sh", { args: ["700000"], lines });
    const text = textOf(await runTurn(runtime, { prompt: "", workspace: workspace() }));
    expect(Buffer.byteLength(text)).toBeGreaterThan(1024 * 1024 - 8);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(text).not.toContain("\ufffd");
    expect(lines.join("")).toContain("more than 1048576 bytes");
  });

  test("a child that holds its output open is ended with it", async () => {
    const folder = workspace();
    const events = await runTurn(open("leave-child.sh"), { prompt: "done", workspace: folder });
    expect(events).toEqual([{ kind: "text", text: "done" }]);
    expect((await startedIn(folder)).filter(isRunning)).toEqual([]);
  });

  test("a child outside its group that holds its output open delays nothing for long", async () => {
    const folder = workspace();
    const from = performance.now();
    const events = await runTurn(open("leave-escaped.js"), { prompt: "", workspace: folder });
    expect(events).toEqual([{ kind: "text", text: "escaped" }]);
    expect(performance.now() - from).toBeLessThan(15_000);
    for (const pid of await startedIn(folder)) process.kill(pid, "SIGKILL");
  });
});

describe("how a program fails", () => {
  const folder = workspace();
  const notProgram = join(folder, "not-executable");
  writeFileSync(notProgram, "#!/bin/sh\n", { mode: 0o644 });
  const badInterpreter = join(folder, "bad-interpreter");
  writeFileSync(badInterpreter, "#!/no/such/interpreter\n", { mode: 0o755 });
  const table: readonly [string, string, Options & { prompt?: string }, object][] = [
    [
      "exit code, with its last lines of stderr and nothing of its stdout",
      "fail.sh",
      { prompt: "3" },
      { code: "agent/failed", passing: false, reason: "exit code 3: first line | the model is on fire" },
    ],
    ["exit code 75 is passing", "fail.sh", { prompt: "75" }, { code: "agent/failed", passing: true }],
    [
      "a signal",
      "sh",
      { args: ["-c", "kill -9 $$"] },
      { code: "agent/failed", passing: false, reason: "ended by SIGKILL" },
    ],
    [
      "time-out",
      "hang.sh",
      { timeoutMs: 200 },
      { code: "agent/timeout", passing: false, reason: "no answer within 0.2 s" },
    ],
    ["not there", "no-such-program-anywhere", {}, { code: "agent/not-found", passing: false }],
    ["not there, by path", "/no/such/program", {}, { code: "agent/not-found", passing: false }],
    ["not executable", notProgram, {}, { code: "agent/not-found", passing: false }],
    ["no interpreter", badInterpreter, {}, { code: "agent/not-found", passing: false }],
    [
      "an argument no program can be given",
      "sh",
      { args: ["a\0b"] },
      { code: "agent/failed", passing: false },
    ],
  ];
  test.each(table)("%s", async (_, program, { prompt = "", ...options }, expected) => {
    const events = await runTurn(open(program, options), { prompt, workspace: workspace() });
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ kind: "failed", ...expected });
  });

  test("what it printed before its time was up comes first", async () => {
    const options = { args: ["-c", "echo so far; exec sleep 60"], timeoutMs: 1000 };
    const events = await runTurn(open("sh", options), { prompt: "", workspace: workspace() });
    expect(events).toMatchObject([
      { kind: "text", text: "so far" },
      { kind: "failed", code: "agent/timeout" },
    ]);
  });

  test("a time-out ends all it started", async () => {
    const folder = workspace();
    await runTurn(open("stubborn.sh", { timeoutMs: 500 }), { prompt: "", workspace: folder });
    expect((await startedIn(folder)).filter(isRunning)).toEqual([]);
  });

  test("more memory than it may take ends it, with what it started", async () => {
    const folder = workspace();
    const hog = "const b = Buffer.alloc(200e6, 1); setInterval(() => b[0], 1000)";
    const script = `'${process.execPath}' -e '${hog}' & echo "$$ $!" > pids; wait`;
    const runtime = open("sh", { args: ["-c", script], memoryBytes: 100 * 1024 * 1024 });
    const events = await runTurn(runtime, { prompt: "", workspace: folder });
    expect(events).toMatchObject([{ kind: "failed", code: "agent/failed", passing: false }]);
    expect(events[0]).toMatchObject({ reason: expect.stringContaining("its limit of 100 MB") });
    expect((await startedIn(folder)).filter(isRunning)).toEqual([]);
  });

  test("it is noted before it has its input, and no longer once it is gone", async () => {
    const folder = workspace();
    const noted: string[] = [];
    const processes: ProcessBook = {
      record: async ({ pid }) => void noted.push(isRunning(pid) ? "runs" : "is gone"),
      forget: async ({ pid }) => void noted.push(isRunning(pid) ? "runs" : "is gone"),
    };
    await runTurn(open("answer.sh", { processes }), { prompt: "hello", workspace: folder });
    expect(noted).toEqual(["runs", "is gone"]);
  });

  test("a workspace that cannot be made", async () => {
    const events = await runTurn(open("answer.sh"), { prompt: "", workspace: join(notProgram, "under") });
    expect(events).toMatchObject([{ kind: "failed", code: "agent/failed", passing: false }]);
  });

  test("a runtime that was closed runs nothing more", async () => {
    const runtime = open("answer.sh");
    await runtime.close();
    const events = await runTurn(runtime, { prompt: "hello", workspace: workspace() });
    expect(events).toMatchObject([{ kind: "failed", passing: true }]);
  });

  test("its stderr goes to the log, line by line, with the turn", async () => {
    const lines: string[] = [];
    await runTurn(open("fail.sh", { lines }), { prompt: "1", workspace: workspace(), turnId: "turn-9" });
    expect(lines.some((line) => line.includes("the model is on fire turnId=turn-9"))).toBe(true);
  });
});
