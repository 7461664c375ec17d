// Which requests of agents a message is written under: those that its chat shows, and those that it is a tapback on or an inline reply to.
import type { ApprovalRequest, Shown, ShownApproval } from "../model/approval.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, ConversationId, MessageGuid, RowId } from "../model/ids.ts";
import type { InboundMessage } from "../model/message.ts";
import { readMade, readOffer, type ApprovalRow } from "./approval-rows.ts";
import type { Database } from "./sqlite.ts";

/** So long the numbers of a request that is over are its own. */
export const KEPT_NUMBERS_MS = 10 * 60_000;

interface ShownRow extends ApprovalRow {
  readonly owner: Handle;
  readonly group_id: number;
  readonly more_group_id: number | null;
  readonly first_number: number;
  readonly is_turn_here: number;
  readonly reminded: number;
  readonly asked_count: number;
}

interface PartRow {
  readonly conversation_id: ConversationId | null;
  readonly state: string;
  readonly sent_guid: MessageGuid | null;
  readonly sent_row: RowId | null;
  readonly anchor_row: RowId | null;
  readonly sent_at_ms: number | null;
  readonly claimed_at_ms: number | null;
  /** Of the row that came back for it. */
  readonly own_guid: MessageGuid | null;
  readonly own_row: RowId | null;
  readonly own_date_ms: number | null;
}

/** Where a message was written. */
export interface WrittenIn {
  readonly message: InboundMessage;
  readonly conversationId: ConversationId;
  readonly handle: Handle | undefined;
  readonly nowMs: number;
}

/** Looks for requests in a chat. Contract: called inside verbs only. */
export class ShownApprovals {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** Oldest first. */
  of({ message, conversationId, handle, nowMs }: WrittenIn): readonly ShownApproval[] {
    const { accountId, isGroup, participants } = message;
    // Owners are asked in direct chats alone.
    if (handle === undefined || isGroup || participants.length > 1) return [];
    const sinceMs = nowMs - KEPT_NUMBERS_MS;
    const rows = new Map(
      [
        ...this.#sql.open.all(accountId, handle, sinceMs),
        ...this.#sql.closed.all(accountId, handle, sinceMs),
        ...this.#named(message, handle),
      ].map((row) => [row.id, row]),
    );
    return [...rows.values()]
      .sort((one, other) => one.id - other.id)
      .flatMap((row) => this.#read(row, { conversationId, handle, accountId }));
  }

  /** The requests of which one message is meant by a tapback or an inline reply. */
  #named({ accountId, reaction, quoted }: InboundMessage, handle: Handle): ShownRow[] {
    const guid = reaction?.target ?? quoted?.guid;
    if (guid === undefined) return [];
    const groups = this.#sql.groupsOf.all(guid, accountId, guid, accountId);
    return groups.flatMap(({ group_id: id }) => this.#sql.byGroup.all(accountId, handle, id, id));
  }

  /** Nothing, where it is shown elsewhere, or not on its way. */
  #read(
    row: ShownRow,
    chat: { readonly conversationId: ConversationId; readonly handle: Handle; readonly accountId: AccountId },
  ): ShownApproval[] {
    const parts = this.#sql.parts.all(row.group_id);
    const isHere = parts.some(({ conversation_id: id }) => id === chat.conversationId);
    // What went to a bare handle is in that person's direct chat; which one that is shows when its row comes back.
    const isUnplaced = parts.every(({ conversation_id: id }) => id === null) && row.owner === chat.handle;
    const hasLeft = parts.some(({ state }) => ["sending", "unknown", "sent"].includes(state));
    if (!(isHere || isUnplaced) || !hasLeft) return [];
    const more = row.more_group_id === null ? [] : this.#sql.parts.all(row.more_group_id);
    const shown = readShown(parts);
    return [
      {
        id: row.id,
        request: JSON.parse(row.request) as ApprovalRequest,
        offer: readOffer(row),
        firstNumber: row.first_number,
        isTurnHere: row.is_turn_here === 1,
        isReminded: row.reminded === 1,
        isAskedElsewhere: row.asked_count > 1,
        expiresAtMs: row.expires_at_ms,
        decision: readMade(row),
        shown,
        guids: [...parts, ...more].flatMap(guidsOf),
        isLastSaid: shown !== undefined && !this.#hasSaidMore(chat.conversationId, shown.claimedAtMs),
      },
    ];
  }

  /** Something but notices went out since. */
  #hasSaidMore(conversationId: ConversationId, sinceMs: number): boolean {
    return this.#sql.saidSince.get(conversationId, sinceMs, conversationId) !== undefined;
  }
}

function guidsOf({ sent_guid: sent, own_guid: own }: PartRow): MessageGuid[] {
  return [sent, own].filter((guid) => guid !== null);
}

function readShown(parts: readonly PartRow[]): Shown | undefined {
  const last = parts.at(-1);
  if (!last || parts.some(({ state, sent_at_ms: atMs }) => state !== "sent" || atMs === null))
    return undefined;
  return {
    confirmedAtMs: Math.max(...parts.map(({ sent_at_ms: atMs }) => atMs ?? 0)),
    claimedAtMs: last.claimed_at_ms ?? 0,
    dateMs: last.own_date_ms ?? undefined,
    afterRow: last.own_row ?? last.sent_row ?? last.anchor_row ?? (0 as RowId),
  };
}

function prepare(db: Database) {
  const shown = (where: string) =>
    db.sql<ShownRow>(
      `SELECT approval.*, owner, group_id, more_group_id, first_number, is_turn_here, reminded,
         (SELECT count(*) FROM approval_asked AS other WHERE other.approval_id = approval.id) AS asked_count
       FROM approval_asked JOIN approval ON approval.id = approval_id
       WHERE approval_asked.account_id = ? AND owner = ? AND ${where}`,
    );
  const isReply =
    "origin NOT IN ('question', 'notice', 'progress') AND state IN ('sending', 'unknown', 'sent')";
  return {
    open: shown("closed_at_ms IS NULL AND expires_at_ms > ?"),
    closed: shown("closed_at_ms > ?"),
    byGroup: shown("(group_id = ? OR more_group_id = ?)"),
    groupsOf: db.sql<{ group_id: number }>(
      `SELECT group_id FROM part WHERE sent_guid = ? AND account_id = ?
       UNION SELECT part.group_id FROM inbox JOIN part ON part.own_entry = inbox.id
         WHERE inbox.guid = ? AND inbox.account_id = ?`,
    ),
    parts: db.sql<PartRow>(
      `SELECT coalesce(inbox.conversation_id, part.conversation_id) AS conversation_id, part.state, sent_guid, sent_row, anchor_row, sent_at_ms, claimed_at_ms,
         inbox.guid AS own_guid, inbox.row_id AS own_row, json_extract(inbox.message, '$.createdAtMs') AS own_date_ms
       FROM part LEFT JOIN inbox ON inbox.id = part.own_entry WHERE group_id = ? ORDER BY part.id`,
    ),
    saidSince: db.sql<object>(
      `SELECT 1 FROM part WHERE conversation_id = ? AND sent_at_ms >= ? AND ${isReply}
       UNION ALL SELECT 1 FROM part WHERE conversation_id = ? AND sent_at_ms IS NULL AND ${isReply} LIMIT 1`,
    ),
  };
}
