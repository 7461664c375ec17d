// Parts on their way out as the tables hold them, and the order in which the parts of one lane go.
import type { NewPart, OutboundPart, PartOrigin, PartState } from "../model/delivery.ts";
import type { TextRange } from "../model/formatting.ts";
import type {
  AccountId,
  AttemptId,
  ConversationId,
  EntryId,
  MessageGuid,
  PartId,
  RowId,
  TurnId,
} from "../model/ids.ts";
import type { NewGroup, OutboxItem } from "../model/journal.ts";
import type { OutboundFile } from "../model/media.ts";
import { shownText } from "../model/shown-text.ts";
import { renderEntry, type Target } from "../model/target.ts";
import { readChat, type ChatRow, type Conversations } from "./conversations.ts";
import type { Database } from "./sqlite.ts";

/** A row of `part`, with the chat of its conversation. */
export interface PartRow extends Nullable<ChatRow> {
  readonly id: PartId;
  readonly lane: string;
  readonly group_id: number;
  readonly account_id: AccountId;
  readonly conversation_id: ConversationId | null;
  readonly turn_id: TurnId | null;
  readonly origin: PartOrigin;
  readonly target: string;
  readonly text: string;
  readonly state: PartState;
  readonly reason: string | null;
  readonly first_reason: string | null;
  readonly attempts: number;
  readonly attempt_id: AttemptId | null;
  readonly anchor_row: RowId | null;
  readonly claimed_at_ms: number | null;
  readonly not_before_ms: number;
  readonly created_at_ms: number;
  readonly sent_guid: MessageGuid | null;
  readonly sent_at_ms: number | null;
  readonly echoed: number;
  readonly formatting: string | null;
  readonly file: string | null;
  readonly unknown_since_ms: number | null;
  readonly handed_over: number;
}

type Nullable<T> = { readonly [Key in keyof T]: T[Key] | null };

/** Selects rows of `part`; a condition follows. */
export const SELECT_PART = `SELECT part.*, chat_id, chat_guid, chat_identifier, is_group, peer
  FROM part LEFT JOIN conversation ON conversation.id = part.conversation_id`;

/** Where a group comes from. */
export interface PartSource {
  readonly nowMs: number;
  readonly turnId?: TurnId;
  readonly entryId?: EntryId;
}

interface LanePart {
  readonly id: PartId;
  readonly group_id: number;
  readonly state: "queued" | "sending" | "unknown" | "parked";
  readonly not_before_ms: number;
}

/** Puts parts into the outbox and keeps each lane's next part. Contract: called inside verbs only. */
export class Parts {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #conversations: Conversations;

  constructor(db: Database, conversations: Conversations) {
    this.#sql = prepare(db);
    this.#conversations = conversations;
  }

  /** Queues a group; the answer has the ids of its parts, in order. */
  add(group: NewGroup, source: PartSource): PartId[] {
    const [first] = group.parts;
    if (!first) return [];
    const conversationId = group.conversationId ?? this.#conversations.named(group.accountId, first.target);
    const lane =
      conversationId === undefined
        ? `${group.accountId} ${renderEntry(first.target)}`
        : `conversation ${conversationId}`;
    const groupId = this.#sql.nextId.get()?.id ?? 1;
    const ids = group.parts.map((part) =>
      this.#insert(part, source, [groupId, lane, group.accountId, conversationId ?? null]),
    );
    this.refresh(lane, group.accountId);
    return ids;
  }

  /** Looks again for the part of a lane that goes next. To be called after anything changed the state of one of its parts. */
  refresh(lane: string, accountId: AccountId): void {
    const next = this.#next(lane);
    if (next) this.#sql.setLane.run(lane, accountId, next.id, next.not_before_ms);
    else this.#sql.clearLane.run(lane);
  }

  /** The part that must be out of the way before a queued one is tried; undefined: none. */
  before({ id, lane, group_id: groupId, state }: PartRow): PartId | undefined {
    if (state !== "queued") return undefined;
    for (const part of this.#sql.walkLane.iterate(lane)) {
      if (part.id >= id) return undefined;
      if (part.state !== "parked" || part.group_id === groupId) return part.id;
    }
    return undefined;
  }

  /** The oldest part not yet sent, unless something holds the lane back; a parked part holds back its own group only. */
  #next(lane: string): LanePart | undefined {
    let parkedGroup: number | undefined;
    for (const part of this.#sql.walkLane.iterate(lane)) {
      if (part.state === "sending" || part.state === "unknown") return undefined;
      if (part.state === "parked") parkedGroup = part.group_id;
      else if (part.group_id !== parkedGroup) return part;
    }
    return undefined;
  }

  #insert(
    part: NewPart,
    source: PartSource,
    place: readonly [groupId: number, lane: string, accountId: string, conversationId: number | null],
  ): PartId {
    const cause = [source.turnId ?? null, source.entryId ?? null] as const;
    // The last place that every message passes, whoever made it. What was cleaned here has its formatting elsewhere.
    const text = shownText(part.text);
    const isFormatted = part.formatting?.length && text === part.text;
    const formatting = isFormatted ? JSON.stringify(part.formatting) : null;
    const file = part.file === undefined ? null : JSON.stringify(part.file);
    const what = [part.origin, JSON.stringify(part.target), text, formatting, file] as const;
    return this.#sql.insert.insert(...place, ...cause, ...what, source.nowMs, source.nowMs) as PartId;
  }
}

function prepare(db: Database) {
  return {
    nextId: db.sql<{ id: number }>("SELECT coalesce(max(id), 0) + 1 AS id FROM part"),
    insert: db.sql(
      `INSERT INTO part (group_id, lane, account_id, conversation_id, turn_id, entry_id, origin, target, text,
         formatting, file, not_before_ms, created_at_ms, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued')`,
    ),
    walkLane: db.sql<LanePart>(
      `SELECT id, group_id, state, not_before_ms FROM part
       WHERE lane = ? AND state IN ('queued', 'sending', 'unknown', 'parked') ORDER BY id`,
    ),
    setLane: db.sql(
      `INSERT INTO lane (key, account_id, part_id, due_ms) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET part_id = excluded.part_id, due_ms = excluded.due_ms`,
    ),
    clearLane: db.sql("DELETE FROM lane WHERE key = ?"),
  };
}

function readCommon(row: PartRow) {
  const target = JSON.parse(row.target) as Target;
  return {
    id: row.id,
    accountId: row.account_id,
    conversationId: row.conversation_id ?? undefined,
    turnId: row.turn_id ?? undefined,
    origin: row.origin,
    target,
    expectedGuid: (target.kind === "chat_id" && row.chat_guid) || undefined,
    text: row.text,
    formatting: row.formatting === null ? [] : (JSON.parse(row.formatting) as TextRange[]),
    file: row.file === null ? undefined : (JSON.parse(row.file) as OutboundFile),
    chat: hasChat(row) ? readChat(row) : undefined,
    attempts: row.attempts,
  };
}

function hasChat(row: PartRow): row is PartRow & ChatRow {
  return row.conversation_id !== null;
}

/** The claimed part of a row that has been claimed at least once. */
export function readPart(row: PartRow): OutboundPart {
  const { attempt_id: attemptId, anchor_row: anchorRow, claimed_at_ms: claimedAtMs } = row;
  if (attemptId === null || anchorRow === null || claimedAtMs === null)
    throw new Error(`part ${row.id} was never claimed`);
  const unknownSinceMs = row.unknown_since_ms ?? undefined;
  const handedOver = row.handed_over === 1;
  return { ...readCommon(row), attemptId, anchorRow, claimedAtMs, unknownSinceMs, handedOver };
}

/** The list item of a row. */
export function readItem(row: PartRow): OutboxItem {
  return {
    ...readCommon(row),
    state: row.state,
    reason: row.reason ?? undefined,
    firstReason: row.first_reason ?? undefined,
    createdAtMs: row.created_at_ms,
    notBeforeMs: row.not_before_ms,
    sentGuid: row.sent_guid ?? undefined,
    sentAtMs: row.sent_at_ms ?? undefined,
  };
}
