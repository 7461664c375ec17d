// What an event is about: whoever shows something reads it again when its topic was told.
import type { GatewayEvent } from "./running.ts";

/** `everything`: another process changed the state database, so anything may be other than before. */
export type Topic = "message" | "turn" | "speech" | "outbox" | "account" | "config" | "everything";

const TOPICS: Readonly<Record<GatewayEvent["step"], Topic>> = {
  "line.received": "message",
  "rows.accepted": "message",
  "rows.decided": "message",
  "command.begun": "message",
  "command.finished": "message",
  "turn.begun": "turn",
  "agent.said": "speech",
  "agent.answered": "turn",
  "turn.finished": "turn",
  "approval.asked": "turn",
  "approval.taken": "turn",
  "part.claimed": "outbox",
  "send.answered": "outbox",
  "part.settled": "outbox",
  "account.health": "account",
  "config.reloaded": "config",
  "config.invalid": "config",
  "store.changed": "everything",
};

/** The topic of a step. */
export function topicOf(step: GatewayEvent["step"]): Topic {
  return TOPICS[step];
}
