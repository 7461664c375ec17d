// One turn of an agent outside of the gateway: to see whether it answers, before anybody texts it.
import { randomBytes } from "node:crypto";
import type { LoadedConfig } from "../config/read/load.ts";
import type { AgentOffers, AgentSession } from "../model/agent-session.ts";
import { GatewayError } from "../model/errors.ts";
import type { Handle } from "../model/handle.ts";
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
} from "../model/ids.ts";
import type { TurnHost } from "../model/ports.ts";
import type { AgentSettings } from "../model/settings.ts";
import type { AgentSessions, Store } from "../model/store.ts";
import type { AgentEvent, AgentRequest } from "../model/turn.ts";
import type { MakeRuntime } from "./agents.ts";
import { openConfig, type Where } from "./open-state.ts";

type Failure = Extract<AgentEvent, { kind: "failed" }>;

/** What came of it. */
export type Trial =
  | {
      readonly ok: true;
      readonly answer: string;
      readonly durationMs: number;
      /** What it asked permission for; a trial allows nothing. */
      readonly denied: readonly string[];
      readonly offers: AgentOffers | undefined;
    }
  | {
      readonly ok: false;
      readonly code: Failure["code"];
      readonly reason: string;
      readonly durationMs: number;
    };

/** What is tried. */
export interface TrialRequest {
  readonly agentId: string;
  readonly prompt: string;
  readonly timeoutMs: number;
  /** Of this product. */
  readonly version: string;
  /** Instead of the one that is written. */
  readonly config?: LoadedConfig | undefined;
}

/**
 * Runs one turn of an agent as the configuration has it, in a session of its own that is forgotten.
 *
 * Contract: rejects with `cli/usage` for an agent that is not there. The agent has ended when this settles.
 */
export async function tryAgent(
  where: Where,
  { agentId, prompt, timeoutMs, version, config }: TrialRequest,
): Promise<Trial> {
  const loaded = config ?? (await openConfig(where));
  const agent = loaded.settings.agents.find(({ id }) => id === agentId);
  if (agent === undefined)
    throw new GatewayError("cli/usage", `There is no agent ${agentId}`, {
      hint: `The agents are ${loaded.settings.agents.map(({ id }) => id).join(", ")}.`,
    });
  const { buildParts } = await import("./build.ts");
  // What goes well says so by the answer.
  const settings = { ...loaded.settings, logLevel: "warn" as const };
  const parts = buildParts({ ...loaded, settings }, { version });
  return runTrial(agent, parts.runtimesOn(forgetfulPlaces()), { prompt, timeoutMs });
}

async function runTrial(
  agent: AgentSettings,
  make: MakeRuntime,
  { prompt, timeoutMs }: Pick<TrialRequest, "prompt" | "timeoutMs">,
): Promise<Trial> {
  const startedAt = performance.now();
  const durationMs = (): number => Math.round(performance.now() - startedAt);
  const runtime = make(agent.runtime, agent.id);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  const denied: string[] = [];
  const pieces: string[][] = [[]];
  try {
    const request = makeRequest(agent, prompt);
    const host: TurnHost = {
      ask: async ({ title, options }) => {
        denied.push(title);
        const refusal = options.find(({ kind }) => kind === "reject_once");
        return { optionId: refusal?.id, isExplained: false };
      },
      transcript: async () => [],
    };
    for await (const event of runtime.run(request, stop.signal, host)) {
      if (event.kind === "failed") return failed(event, durationMs());
      if (event.kind === "aside") pieces.push([]);
      if (event.kind === "text") pieces.at(-1)?.push(event.text);
    }
    if (stop.signal.aborted) return timedOut(timeoutMs, durationMs());
    const said = pieces.map((one) => one.join("")).filter((one) => one.trim() !== "");
    const offers = await runtime.offers(request.turn.sessionId);
    return { ok: true, answer: said.at(-1) ?? "", durationMs: durationMs(), denied, offers };
  } finally {
    clearTimeout(timer);
    await runtime.close();
  }
}

function failed({ code, reason }: Failure, durationMs: number): Trial {
  return { ok: false, code, reason, durationMs };
}

function timedOut(timeoutMs: number, durationMs: number): Trial {
  return { ok: false, code: "agent/timeout", reason: `no answer within ${timeoutMs / 1000} s`, durationMs };
}

/** What a trial leaves is gone with it. */
function forgetfulPlaces(): Pick<Store, "agentSessions" | "processes"> {
  const sessions = new Map<string, AgentSession>();
  const agentSessions: AgentSessions = {
    find: async (agentId, sessionId) => sessions.get(`${agentId} ${sessionId}`),
    keep: async (agentId, sessionId, session) => void sessions.set(`${agentId} ${sessionId}`, session),
    forget: async (agentId, sessionId) => void sessions.delete(`${agentId} ${sessionId}`),
  };
  const processes = { record: async () => {}, recorded: async () => [], forget: async () => {} };
  return { agentSessions, processes };
}

function makeRequest(agent: AgentSettings, text: string): AgentRequest {
  const id = randomBytes(6).toString("hex");
  const handle = "somebody@example.com" as Handle;
  const accountId = asId<AccountId>("default");
  const message = {
    accountId,
    rowId: asId<RowId>(1),
    guid: asId<MessageGuid>(`trial-${id}`),
    chatId: asId<ChatId>(1),
    chatGuid: asId<ChatGuid>(`iMessage;-;${handle}`),
    chatIdentifier: handle,
    chatName: "",
    participants: [handle],
    isGroup: false,
    sender: handle,
    isFromMe: false,
    text,
    createdAtMs: Date.now(),
    attachments: [],
  };
  return {
    turn: {
      id: asId<TurnId>(`trial-${id}`),
      accountId,
      conversationId: asId<ConversationId>(1),
      agentId: asId<AgentId>(agent.id),
      sessionKey: asId<SessionKey>(`agent:${agent.id}:trial`),
      sessionId: id,
      attempt: 1,
      messages: [{ entryId: asId<EntryId>(1), handle, message }],
      context: [],
      earlier: [],
      choices: { mode: undefined, model: undefined },
      streamed: "",
      saidLong: false,
    },
    files: new Map(),
    prompt: text,
    systemPrompt: "",
    workspace: agent.workspace,
    chatTarget: "chat_id:1",
    isGroup: false,
    mustAnswer: true,
  };
}
