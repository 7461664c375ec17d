// Our own parts as the rows of a chat are compared with them: those that a row may be, and what was said last.
import type { PartState } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, ConversationId, MessageGuid, PartId } from "../model/ids.ts";
import type { OwnPart } from "../model/journal.ts";
import type { OutboundFile } from "../model/media.ts";
import type { InboundMessage } from "../model/message.ts";
import { entryNamesChat, type Target } from "../model/target.ts";
import type { Database } from "./sqlite.ts";

const OWN_RECENT_MS = 10 * 60_000;
const UNRETURNED_KEPT = 50;
/** What was of unknown fate may appear so long after, when Messages comes to itself. */
const MAY_APPEAR_MS = 24 * 60 * 60_000;

interface OwnRow {
  readonly id: PartId;
  readonly group_id: number;
  readonly state: PartState;
  readonly text: string;
  readonly file: string | null;
  readonly sent_guid: MessageGuid | null;
  readonly sent_at_ms: number | null;
  readonly echoed: number;
  readonly returned: number;
  readonly target: string;
}

/** Reads them. Contract: called inside verbs only. */
export class OwnParts {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** The one that has this guid, or whose attempt was given it. */
  byGuid(accountId: AccountId, guid: MessageGuid): OwnPart | undefined {
    const row = this.#sql.byGuid.get(guid, accountId) ?? this.#sql.byAttempt.get(guid, accountId);
    return row && readOwn(row);
  }

  /** Those of a conversation that are unconfirmed, were confirmed lately, or may still appear; oldest first. */
  recent(
    message: InboundMessage,
    conversationId: ConversationId,
    { handle, nowMs }: { readonly handle: Handle | undefined; readonly nowMs: number },
  ): OwnPart[] {
    const sinceMs = nowMs - OWN_RECENT_MS;
    const unconfirmed = this.#sql.unconfirmed.all(conversationId);
    const sent = this.#sql.sentSince.all(conversationId, sinceMs);
    const mayAppear = this.#sql.mayAppear.all(conversationId, nowMs - MAY_APPEAR_MS);
    // A message to a chat that was not known then belongs to no conversation until one of its rows is seen.
    const unplaced = [
      ...this.#sql.unplacedUnconfirmed.all(message.accountId),
      ...this.#sql.unplacedSentSince.all(sinceMs, message.accountId),
      ...this.#sql.unplacedMayAppear.all(nowMs - MAY_APPEAR_MS, message.accountId),
    ].filter((row) => wentTo(JSON.parse(row.target) as Target, message, handle));
    return [...unconfirmed, ...sent, ...mayAppear, ...unplaced]
      .sort((one, other) => one.id - other.id)
      .map(readOwn);
  }

  /** Those that were confirmed and whose own row was not seen; oldest first. */
  unreturned(conversationId: ConversationId): OwnPart[] {
    return this.#sql.unreturned.all(conversationId).toReversed().map(readOwn);
  }

  /** The newest group of which anything was sent or is being sent, with what was said before it in the same turn. */
  lastReply(conversationId: ConversationId): string[] {
    const ended = this.#sql.newestSent.get(conversationId);
    const open = this.#sql.newestUnconfirmed.get(conversationId);
    const groupId = Math.max(ended?.group_id ?? 0, open?.group_id ?? 0);
    return groupId === 0 ? [] : this.#sql.saidWithGroup.all(groupId).map((row) => row.text);
  }
}

/** True when a target may mean the chat of a row. In a direct chat our own rows name the other person, too. */
function wentTo(target: Target, message: InboundMessage, handle: Handle | undefined): boolean {
  if (target.kind !== "handle") return entryNamesChat(target, message);
  return !message.isGroup && message.participants.length <= 1 && target.handle === handle;
}

function readOwn(row: OwnRow): OwnPart {
  return {
    id: row.id,
    state: row.state,
    text: row.text,
    ...(row.file === null ? {} : { file: JSON.parse(row.file) as OutboundFile }),
    guid: row.sent_guid ?? undefined,
    sentAtMs: row.sent_at_ms ?? undefined,
    echoed: row.echoed === 1,
    returned: row.returned === 1,
  };
}

function prepare(db: Database) {
  const own = (rest: string) =>
    db.sql<OwnRow>(
      `SELECT part.id, group_id, state, text, file, sent_guid, sent_at_ms, echoed, returned, target
       FROM part ${rest}`,
    );
  const isSaid = "state IN ('sending', 'unknown', 'sent')";
  const said = `conversation_id = ? AND ${isSaid}`;
  const mayAppear = `unknown_since_ms > ? AND unknown_since_ms IS NOT NULL AND state IN ('queued', 'parked', 'dropped')`;
  const unplaced = `conversation_id IS NULL AND ${isSaid}`;
  return {
    byGuid: own("WHERE sent_guid = ? AND account_id = ? ORDER BY part.id DESC LIMIT 1"),
    byAttempt: own("JOIN attempt ON attempt.part_id = part.id WHERE attempt.id = ? AND account_id = ?"),
    unconfirmed: own(`WHERE ${said} AND sent_at_ms IS NULL`),
    sentSince: own(`WHERE ${said} AND sent_at_ms > ?`),
    mayAppear: own(`WHERE conversation_id = ? AND ${mayAppear}`),
    unplacedMayAppear: own(`WHERE conversation_id IS NULL AND ${mayAppear} AND account_id = ?`),
    unreturned: own(
      `WHERE conversation_id = ? AND state = 'sent' AND returned = 0 ORDER BY part.id DESC LIMIT ${UNRETURNED_KEPT}`,
    ),
    unplacedUnconfirmed: own(`WHERE ${unplaced} AND sent_at_ms IS NULL AND account_id = ?`),
    unplacedSentSince: own(`WHERE ${unplaced} AND sent_at_ms > ? AND account_id = ?`),
    newestUnconfirmed: own(`WHERE ${said} AND sent_at_ms IS NULL ORDER BY part.id DESC LIMIT 1`),
    newestSent: own(
      `WHERE ${said} AND sent_at_ms IS NOT NULL ORDER BY sent_at_ms DESC, part.id DESC LIMIT 1`,
    ),
    saidWithGroup: db.sql<{ text: string }>(
      `SELECT text FROM part WHERE ${isSaid} AND (group_id = ?1
         OR turn_id = (SELECT turn_id FROM part WHERE group_id = ?1 LIMIT 1)) ORDER BY id`,
    ),
  };
}
