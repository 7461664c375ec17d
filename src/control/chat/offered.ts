// What the agent of a conversation offers there, and what of it is chosen; its texts made fit for a line of a reply.
import type { AgentOffers, SessionChoices } from "../../model/agent-session.ts";
import type { AgentSettings, RuntimeSettings } from "../../model/settings.ts";
import { plainLine } from "../../model/plain-line.ts";
import type { Asked } from "./answer.ts";

/** The agent of a conversation. */
export interface OfferedHere {
  /** As people call it. */
  readonly name: string;
  readonly runtime: RuntimeSettings | undefined;
  /** What was chosen in chat. */
  readonly choices: SessionChoices;
  /** What the configuration says; undefined: nothing. */
  readonly configured: SessionChoices;
  /** Undefined: nothing is heard of it yet. */
  readonly offers: AgentOffers | undefined;
}

/** Reads it. An agent that has not spoken in a new session yet offers what it did in the one before. */
export async function readOffered({ command, running, settings }: Asked): Promise<OfferedHere> {
  const { agentId, sessionKey } = command;
  const agent = settings.agents.find(({ id }) => id === agentId);
  const session = await running.store.sessions.show(sessionKey, 1);
  const offers = await running.agentOffers(agentId, session?.sessionId ?? "");
  const before = offers ? undefined : await running.store.sessions.agentSession(sessionKey, agentId);
  return {
    name: agent?.name ?? agentId,
    runtime: agent?.runtime,
    choices: session?.choices ?? NOTHING,
    configured: configuredOf(agent),
    offers: offers ?? (before && { ...before.offers, ...NOTHING }),
  };
}

const NOTHING: SessionChoices = { mode: undefined, model: undefined };

/** What is in force: what was chosen, else what the configuration says, else what the agent says by itself. */
export function inForce(
  { choices, configured, offers }: OfferedHere,
  what: keyof SessionChoices,
): string | undefined {
  return choices[what] ?? configured[what] ?? offers?.[what];
}

/** An agent's text on one line of at most `most` characters. */
export function tidy(text: string, most: number): string {
  return plainLine(text, most);
}

function configuredOf(agent: AgentSettings | undefined): SessionChoices {
  if (agent?.runtime.type === "acp") return { mode: agent.runtime.mode, model: agent.runtime.model };
  if (agent?.runtime.type === "model") return { mode: undefined, model: agent.runtime.model };
  return NOTHING;
}
