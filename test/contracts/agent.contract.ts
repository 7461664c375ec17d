// What every kind of agent must do, whatever it runs: answer, say nothing, fail, end when told, keep turns apart.
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import {
  asId,
  type AccountId,
  type AgentId,
  type ChatGuid,
  type ChatId,
  type ConversationId,
  type EntryId,
  type MessageGuid,
  type RowId,
  type SessionKey,
  type TurnId,
} from "../../src/model/ids.ts";
import type { RuntimeContext } from "../../src/agents/runtime.ts";
import { openLog } from "../../src/lib/log.ts";
import { NO_PROXIES } from "../../src/lib/proxy.ts";
import type { Handle } from "../../src/model/handle.ts";
import type { AgentRuntime, TurnHost } from "../../src/model/ports.ts";
import type { SessionChoices } from "../../src/model/agent-session.ts";
import type { AgentEvent, AgentRequest, EarlierTurn, TurnFiles, TurnMessage } from "../../src/model/turn.ts";

/** Ways to behave that the suite asks for; a kind of agent that cannot do one leaves it out. */
export interface AgentWorld {
  /** An agent whose answer holds the prompt. */
  readonly answering: () => AgentRuntime;
  /** An agent that ends without an answer. */
  readonly silent?: () => AgentRuntime;
  /** An agent that fails, and not in passing. */
  readonly failing?: () => AgentRuntime;
  /** An agent that never ends and starts processes; `started` gives their numbers once they run. */
  readonly hanging?: () => Hanging;
  /** A folder for turns that need none of their own. */
  readonly workspace: () => string;
}

/** An agent that will not end by itself. */
export interface Hanging {
  readonly runtime: AgentRuntime;
  readonly workspace: string;
  readonly started: () => Promise<readonly number[]>;
}

/** Registers the suite for one kind of agent. */
export function describeAgentContract(name: string, open: () => AgentWorld): void {
  const offers = open();
  describe(`agent contract: ${name}`, () => {
    test("answers", async () => {
      const world = open();
      const events = await runTurn(world.answering(), {
        prompt: "hello 🦀\nthere",
        workspace: world.workspace(),
      });
      expect(events.every((event) => event.kind === "text")).toBe(true);
      expect(textOf(events)).toContain("hello 🦀\nthere");
    });

    test("turns side by side do not mix", async () => {
      const world = open();
      const runtime = world.answering();
      const prompts = Array.from({ length: 8 }, (_, index) => `prompt number ${index}.`);
      const answers = await Promise.all(
        prompts.map(async (prompt) =>
          textOf(await runTurn(runtime, { prompt, workspace: world.workspace() })),
        ),
      );
      answers.forEach((answer, index) => {
        expect(answer).toContain(prompts[index]);
        expect(answer.match(/prompt number/g)).toHaveLength(1);
      });
      await runtime.close();
    });

    test("a turn that was cancelled before it began says nothing", async () => {
      const world = open();
      const signal = AbortSignal.abort();
      const request = { prompt: "hello", workspace: world.workspace(), signal };
      expect(await runTurn(world.answering(), request)).toEqual([]);
    });

    test("closing twice is no error", async () => {
      const runtime = open().answering();
      await runtime.close();
      await runtime.close();
    });

    test.runIf(offers.silent)("an agent with nothing to say says nothing", async () => {
      const world = open();
      const events = await runTurn(world.silent!(), { prompt: "hello", workspace: world.workspace() });
      expect(textOf(events)).toBe("");
      expect(events.some((event) => event.kind === "failed")).toBe(false);
    });

    test.runIf(offers.failing)("a failure is the last event and has a reason", async () => {
      const world = open();
      const events = await runTurn(world.failing!(), { prompt: "1", workspace: world.workspace() });
      const last = events.at(-1);
      expect(events.filter((event) => event.kind === "failed")).toHaveLength(1);
      expect(last).toMatchObject({ kind: "failed", passing: false, code: "agent/failed" });
      expect(last?.kind === "failed" && last.reason).not.toBe("");
    });

    test.runIf(offers.hanging)(
      "cancelling ends the agent and all it started, and it says nothing",
      async () => {
        const { runtime, workspace, started } = open().hanging!();
        const stop = new AbortController();
        const events = runTurn(runtime, { prompt: "hello", workspace, signal: stop.signal });
        const pids = await started();
        expect(pids.filter(isRunning)).toEqual(pids);
        stop.abort();
        expect(await events).toEqual([]);
        expect(pids.filter(isRunning)).toEqual([]);
      },
    );

    test.runIf(offers.hanging)("closing ends what runs; its failure is passing", async () => {
      const { runtime, workspace, started } = open().hanging!();
      const events = runTurn(runtime, { prompt: "hello", workspace });
      const pids = await started();
      await runtime.close();
      expect(pids.filter(isRunning)).toEqual([]);
      expect(await events).toMatchObject([{ kind: "failed", passing: true }]);
    });
  });
}

/** What a test says of a turn. */
export interface AskedTurn {
  readonly prompt: string;
  readonly workspace: string;
  readonly turnId?: string;
  /** Of a group: then the turn is one of a group. */
  readonly systemPrompt?: string;
  readonly earlier?: readonly EarlierTurn[];
  /** Unanswered messages of the group. */
  readonly context?: readonly string[];
  /** By entry: that of the message is 7, those of the context count from 1. */
  readonly files?: TurnFiles;
  readonly sessionId?: string;
  /** That of the session's own by default. */
  readonly sessionKey?: string;
  readonly choices?: Partial<SessionChoices>;
  /** Otherwise an agent may be silent. */
  readonly mustAnswer?: boolean;
}

/** A host that has no transcript, and whose owner says no to everything. */
export const silentHost: TurnHost = {
  ask: async ({ options }) => ({
    optionId: options.find(({ kind }) => kind === "reject_once")?.id,
    isExplained: false,
  }),
  transcript: async () => [],
};

/** What runtimes are made with in tests: nothing is kept, nothing is waited for long; `lines` gets the log. */
export function makeContext(lines: string[] = []): RuntimeContext {
  const terminal = { write: (text: string) => lines.push(text) };
  return {
    agentId: asId<AgentId>("main"),
    environment: () => ({ PATH: process.env["PATH"] ?? "" }),
    log: openLog({ threshold: "debug", secrets: [], terminal, now: () => Date.now() }),
    version: "0.0.0",
    sessions: { find: async () => undefined, keep: async () => {}, forget: async () => {} },
    processes: { record: async () => {}, forget: async () => {} },
    proxies: NO_PROXIES,
    keepFile: async (_content, name) => `/kept/${name}`,
    timing: { killGraceMs: 300, cancelGraceMs: 300, lateMs: 20 },
  };
}

/** Runs a turn to its end. */
export async function runTurn(
  runtime: AgentRuntime,
  asked: AskedTurn & { readonly signal?: AbortSignal; readonly host?: TurnHost },
): Promise<AgentEvent[]> {
  const events: AgentEvent[] = [];
  const signal = asked.signal ?? new AbortController().signal;
  const host = asked.host ?? silentHost;
  for await (const event of runtime.run(makeRequest(asked), signal, host)) events.push(event);
  return events;
}

/** The text of a turn's events. */
export function textOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.kind === "text" ? event.text : "")).join("");
}

/** True while a process with this number does anything; one that ended and waits for its parent to notice does not. */
export function isRunning(pid: number): boolean {
  const { status, stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return status === 0 && !stdout.trim().startsWith("Z");
}

/** Asks again and again until there is an answer. */
export async function waitFor<T>(what: string, ask: () => T | undefined): Promise<T> {
  const until = performance.now() + 15_000;
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error(`waited too long for ${what}`);
    await delay(10);
  }
}

/** A turn that answers one message. */
export function makeRequest(asked: AskedTurn): AgentRequest {
  const isGroup = asked.systemPrompt !== undefined;
  return {
    turn: {
      id: asId<TurnId>(asked.turnId ?? "turn-1"),
      accountId: asId<AccountId>("default"),
      conversationId: asId<ConversationId>(1),
      agentId: asId<AgentId>("main"),
      sessionKey: asId<SessionKey>(asked.sessionKey ?? `agent:main:${asked.sessionId ?? "main"}`),
      sessionId: asked.sessionId ?? "session-1",
      attempt: 1,
      messages: [makeMessage(asked.prompt, { isGroup, rowId: 7 })],
      context: (asked.context ?? []).map((text, at) => makeMessage(text, { isGroup, rowId: at + 1 })),
      earlier: asked.earlier ?? [],
      choices: { mode: undefined, model: undefined, ...asked.choices },
      streamed: "",
      saidLong: false,
    },
    files: asked.files ?? new Map(),
    prompt: asked.prompt,
    systemPrompt: asked.systemPrompt ?? "",
    workspace: asked.workspace,
    chatTarget: "chat_id:3",
    isGroup,
    mustAnswer: asked.mustAnswer ?? false,
  };
}

function makeMessage(text: string, row: { readonly isGroup: boolean; readonly rowId: number }): TurnMessage {
  const { isGroup, rowId } = row;
  return {
    entryId: asId<EntryId>(rowId),
    handle: "+15550100001" as Handle,
    message: {
      accountId: asId<AccountId>("default"),
      rowId: asId<RowId>(rowId),
      guid: asId<MessageGuid>(`GUID-${rowId}`),
      chatId: asId<ChatId>(3),
      chatGuid: asId<ChatGuid>("iMessage;-;+15550100001"),
      chatIdentifier: "+15550100001",
      chatName: isGroup ? "The crew" : "",
      participants: ["+15550100001"],
      isGroup,
      sender: "+1 555 010 0001",
      isFromMe: false,
      text,
      createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
      attachments: [],
    },
  };
}
