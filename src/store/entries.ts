// Journaled rows as the tables hold them, read back as entries.
import type { Decision, Outcome } from "../model/decision.ts";
import type { Handle } from "../model/handle.ts";
import type { ConversationId, EntryId } from "../model/ids.ts";
import type { Entry } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { TurnMessage } from "../model/turn.ts";

/** The columns that make an entry. */
export const ENTRY_COLUMNS = "id, conversation_id, message, received_at_ms, missed, healthy_at_ms";

/** A row of `ENTRY_COLUMNS`. */
export interface EntryRow {
  readonly id: EntryId;
  readonly conversation_id: ConversationId | null;
  readonly message: string;
  readonly received_at_ms: number;
  readonly missed: number;
  readonly healthy_at_ms: number;
}

/** The entry of a row. */
export function readEntry(row: EntryRow): Entry {
  return {
    id: row.id,
    conversationId: row.conversation_id ?? undefined,
    message: JSON.parse(row.message) as InboundMessage,
    receivedAtMs: row.received_at_ms,
    missed: row.missed === 1,
    healthyAtMs: row.healthy_at_ms,
  };
}

/** The columns that make a message of a turn. */
export const SAID_COLUMNS = "id, handle, message, said";

/** A row of `SAID_COLUMNS`. */
export interface SaidRow {
  readonly id: EntryId;
  readonly handle: Handle | null;
  readonly message: string;
  readonly said: string | null;
}

/** The message of a row as an agent is given it. */
export function readSaid(row: SaidRow): TurnMessage {
  const written = JSON.parse(row.message) as InboundMessage;
  const message = row.said === null ? written : { ...written, text: row.said };
  return { entryId: row.id, handle: row.handle ?? (message.sender as Handle), message };
}

/** The decision of a row; JSON knows no `undefined`. */
export function readDecision(json: string): Decision {
  const decision = JSON.parse(json) as Decision;
  return { ...decision, handle: decision.handle };
}

/** What decisions are counted by. */
export function outcomeCode(outcome: Outcome): string {
  return "code" in outcome ? outcome.code : outcome.kind;
}
