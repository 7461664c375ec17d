// The agents with what they do now and what they remember: running turns, sessions, modes and models to choose from.
import type { AgentOffers } from "../../model/agent-session.ts";
import { GatewayError } from "../../model/errors.ts";
import { asId, type AgentId, type SessionKey } from "../../model/ids.ts";
import type { RunningTurnView, SessionSummary } from "../../model/views.ts";
import { listAgents } from "../agents/list.ts";
import type { RunningGateway } from "../status/running.ts";
import { badKey, clipText, makePage, type Page } from "./piece.ts";

/** `GET agents`. */
export interface AgentsAnswer {
  readonly agents: readonly AgentItem[];
}

export interface AgentItem {
  readonly id: string;
  readonly name: string;
  readonly runtime: "echo" | "command" | "acp" | "model";
  /** The program, or the model and where it is; empty for an agent that needs nothing. */
  readonly runs: string;
  readonly workspace: string;
  readonly isDefault: boolean;
  /** False: its program is not on the gateway's machine. */
  readonly isThere: boolean;
  readonly running: readonly RunningTurn[];
  /** The latest used first. */
  readonly sessions: readonly AgentSessionItem[];
  /** It has more of them: give it as `before` to `GET agents/:id/sessions`. */
  readonly moreSessions: string | undefined;
}

export interface RunningTurn {
  readonly turnId: string;
  readonly accountId: string;
  readonly conversationId: number;
  readonly startedAtMs: number;
  readonly attempt: number;
  /** The end of what it said so far. */
  readonly output: string;
  readonly outputChars: number;
}

export interface AgentSessionItem {
  readonly key: string;
  readonly sessionId: string;
  readonly createdAtMs: number;
  readonly lastTurnAtMs: number | undefined;
  readonly turns: number;
  /** What was chosen for it, else what the agent says is in force; undefined: it is the agent's own. */
  readonly mode: string | undefined;
  readonly model: string | undefined;
  /** What can be chosen, as far as the agent has said. */
  readonly modes: readonly { readonly id: string; readonly name: string }[];
  readonly models: readonly { readonly id: string; readonly name: string }[];
}

/** Sessions shown beside each agent, and in each piece of the list of one. */
const FIRST_SESSIONS = 5;
const MOST_CHOICES = 100;
const LONGEST_OUTPUT = 4000;

/** All agents. */
export async function readAgents(
  running: RunningGateway,
  searchPath: readonly string[],
): Promise<AgentsAnswer> {
  const [listed, turns] = await Promise.all([
    listAgents(running.settings(), searchPath),
    running.store.views.runningTurns(),
  ]);
  const agents = await Promise.all(
    listed.map(async (agent) => {
      const sessions = await listAgentSessions(running, agent.id, { limit: FIRST_SESSIONS });
      return {
        ...agent,
        running: turns
          .filter(({ agentId }) => agentId === agent.id)
          .map((turn) => runningTurn(running, turn)),
        sessions: sessions.items,
        moreSessions: sessions.next,
      };
    }),
  );
  return { agents };
}

/** A piece of an agent's sessions, the latest used first. Throws `cli/usage`. */
export async function listAgentSessions(
  running: RunningGateway,
  agentId: string,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<Page<AgentSessionItem>> {
  const id = asId<AgentId>(agentId);
  const place = readPlace(before);
  const rows = await running.store.views.sessionsOf(id, { before: place, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const offers = new Map<SessionKey, AgentOffers | undefined>();
  for (const { key, sessionId } of shown) offers.set(key, await running.agentOffers(id, sessionId));
  return makePage(shown, {
    show: (session) => sessionItem(session, offers.get(session.key)),
    keyOf: (session) => `${lastAtMs(session)}.${session.key}`,
    isMore: rows.length > limit,
  });
}

/** Has a session's agent work in another mode or by another model; without a choice by its own again. Throws `session/unknown`, `cli/usage`. */
export async function chooseForSession(
  running: RunningGateway,
  { agentId, key, what, choice }: SessionChoice,
  nowMs: number,
): Promise<string> {
  const session = await requireSession(running, agentId, key);
  if (choice !== undefined) {
    const offers = await running.agentOffers(session.agentId, session.sessionId);
    const offered = (what === "mode" ? offers?.modes : offers?.models) ?? [];
    if (!offered.some(({ id }) => id === choice))
      throw new GatewayError(
        "cli/usage",
        `Agent ${agentId} offers no ${what} ${JSON.stringify(choice.slice(0, 60))}.`,
        {
          hint: "Choose one of those it lists; reload the page to see them.",
        },
      );
  }
  await running.store.sessions.choose(session.key, { what, id: choice }, nowMs);
  return choice === undefined
    ? `The ${what} is the agent's own choice again`
    : `The ${what} is ${choice} from now on`;
}

/** What is chosen for which session. */
export interface SessionChoice {
  readonly agentId: string;
  readonly key: string;
  readonly what: "mode" | "model";
  /** Undefined: the agent's own. */
  readonly choice: string | undefined;
}

/** The session of an agent by its key. Throws `session/unknown`. */
export async function requireSession(
  running: RunningGateway,
  agentId: string,
  key: string,
): Promise<SessionSummary> {
  const session = await running.store.sessions.show(asId<SessionKey>(key), 1);
  if (session?.agentId === agentId) return session;
  throw new GatewayError(
    "session/unknown",
    `Agent ${agentId} has no session ${JSON.stringify(key.slice(0, 80))}.`,
    {
      hint: "See `coderclaw sessions list`.",
    },
  );
}

function lastAtMs({ lastTurnAtMs, createdAtMs }: SessionSummary): number {
  return lastTurnAtMs ?? createdAtMs;
}

function readPlace(text: string | undefined) {
  if (text === undefined) return undefined;
  const [, at, key] = /^(\d{1,15})\.(.{1,500})$/s.exec(text) ?? [];
  if (at === undefined || key === undefined) throw badKey(text);
  return { lastAtMs: Number(at), key: asId<SessionKey>(key) };
}

function runningTurn(
  running: RunningGateway,
  { id, accountId, conversationId, startedAtMs, attempt }: RunningTurnView,
): RunningTurn {
  const { text, chars } = running.turnOutput(id);
  return {
    turnId: id,
    accountId,
    conversationId,
    startedAtMs,
    attempt,
    output: text.slice(-LONGEST_OUTPUT).toWellFormed(),
    outputChars: chars,
  };
}

function sessionItem(session: SessionSummary, offers: AgentOffers | undefined): AgentSessionItem {
  const { key, sessionId, createdAtMs, lastTurnAtMs, turns, choices } = session;
  const named = (list: AgentOffers["modes"] = []) =>
    list
      .slice(0, MOST_CHOICES)
      .map(({ id, name }) => ({ id: clipText(id, 200).text, name: clipText(name, 200).text }));
  return {
    key,
    sessionId,
    createdAtMs,
    lastTurnAtMs,
    turns,
    mode: choices.mode ?? offers?.mode,
    model: choices.model ?? offers?.model,
    modes: named(offers?.modes),
    models: named(offers?.models),
  };
}
