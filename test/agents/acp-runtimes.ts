// Runtimes of the scripted agent, and what their tests need around them.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { makeContext, runTurn, silentHost, waitFor, type AskedTurn } from "../contracts/agent.contract.ts";
import type { AgentSession } from "../../src/model/agent-session.ts";
import type { ApprovalRequest } from "../../src/model/approval.ts";
import type { AgentRuntime, TurnHost } from "../../src/model/ports.ts";
import type { AgentSessions } from "../../src/model/store.ts";
import type { AgentEvent, EarlierTurn } from "../../src/model/turn.ts";
import { createRuntime, type RuntimeContext } from "../../src/agents/runtime.ts";
import type { AcpSettings } from "../../src/agents/acp/runtime.ts";

const AGENT = join(import.meta.dirname, "../fixtures/agents/acp-agent.ts");
const folders: string[] = [];
const runtimes: AgentRuntime[] = [];
afterAll(async () => {
  await Promise.all(runtimes.map(async (runtime) => runtime.close()));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder; it is removed with the test file's end. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "coderclaw-acp-"));
  folders.push(folder);
  return folder;
}

/** How a runtime differs from the usual one. */
export interface Options {
  readonly settings?: Partial<AcpSettings>;
  readonly context?: Partial<RuntimeContext>;
  readonly lines?: string[];
}

/** A runtime of the scripted agent, started with these flags. */
export function open(
  flags: readonly string[] = [],
  { settings, context, lines }: Options = {},
): AgentRuntime {
  const runtime = createRuntime(
    {
      type: "acp",
      command: [process.execPath, AGENT, ...flags],
      env: {},
      permissions: "ask",
      mode: undefined,
      model: undefined,
      timeoutMs: 20_000,
      memoryBytes: undefined,
      ...settings,
    },
    { ...makeContext(lines), ...context },
  );
  runtimes.push(runtime);
  return runtime;
}

/** Keeps sessions as the store does. */
export function keepSessions(): AgentSessions & { readonly kept: Map<string, AgentSession> } {
  const kept = new Map<string, AgentSession>();
  return {
    kept,
    find: async (_, sessionId) => kept.get(sessionId),
    keep: async (_, sessionId, session) => void kept.set(sessionId, session),
    forget: async (_, sessionId) => void kept.delete(sessionId),
  };
}

/** A host that gives this answer to every question. */
export function answering(answer: string | undefined): TurnHost & { readonly asked: ApprovalRequest[] } {
  const asked: ApprovalRequest[] = [];
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      return { optionId: answer, isExplained: false };
    },
    transcript: async () => [],
  };
}

const EARLIER: readonly EarlierTurn[] = [
  { atMs: 0, said: [{ sender: "Ben", text: "my cat is Tom" }], answered: "noted" },
];
/** A host whose session has said something before. */
export const rememberingHost: TurnHost = { ...silentHost, transcript: async () => EARLIER };

/** Runs a script in a folder of its own. */
export async function play(
  runtime: AgentRuntime,
  script: string,
  asked: Partial<AskedTurn> & { readonly signal?: AbortSignal; readonly host?: TurnHost } = {},
): Promise<AgentEvent[]> {
  return runTurn(runtime, { workspace: makeFolder(), ...asked, prompt: script });
}

/** Numbers of the processes that `@hang` started in a folder. */
export async function pidsIn(folder: string): Promise<readonly number[]> {
  const text = await waitFor("the fixture's processes", () => {
    const file = join(folder, "pids");
    return existsSync(file) ? readFileSync(file, "utf8") || undefined : undefined;
  });
  return text.split(" ").map(Number);
}

/** Waits until a file is in a folder. */
export async function fileIn(folder: string, name: string): Promise<void> {
  await waitFor(name, () => (existsSync(join(folder, name)) ? true : undefined));
}
