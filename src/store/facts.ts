// What the store knows that a decision about one entry depends on.
import type { PartState } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import {
  messageGuid,
  type AccountId,
  type ConversationId,
  type EntryId,
  type MessageGuid,
  type PartId,
} from "../model/ids.ts";
import type { EntryFacts, OwnPart } from "../model/journal.ts";
import type { OutboundFile } from "../model/media.ts";
import type { InboundMessage } from "../model/message.ts";
import { entryNamesChat, type Target } from "../model/target.ts";
import type { Conversations } from "./conversations.ts";
import { SameMessages } from "./same-messages.ts";
import type { ShownApprovals } from "./shown-approvals.ts";
import type { Database } from "./sqlite.ts";

const OWN_RECENT_MS = 10 * 60_000;
const JUST_BEFORE_MS = 5_000;
/** Rows of the journal that are looked at for what somebody wrote a moment before. */
const ROWS_BEFORE = 50;
/** What was of unknown fate may appear so long after, when Messages comes to itself. */
const MAY_APPEAR_MS = 24 * 60 * 60_000;
const UNRETURNED_KEPT = 50;
const DENIED_FOR_MS = 60 * 60_000;

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

/** Of whom and when facts are asked. */
interface Asked {
  readonly handle: Handle | undefined;
  readonly nowMs: number;
  /** The group's name is one that a session will be known by. */
  readonly keepsName: boolean;
  /** Of a message that is journaled. */
  readonly entryId?: EntryId;
}

/** Reads the facts of entries. Contract: called inside verbs only. */
export class Facts {
  readonly #conversations: Conversations;
  readonly #approvals: ShownApprovals;
  readonly #same: SameMessages;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, conversations: Conversations, approvals: ShownApprovals) {
    this.#same = new SameMessages(db);
    this.#conversations = conversations;
    this.#approvals = approvals;
    this.#sql = prepare(db);
  }

  /**
   * The facts of a row. Most decisions need few of them, and the recent parts of a busy chat are many: each is read when it is
   * first asked for, in the transaction that records the decision. A group gets its name then; without `keepsName` nothing is written.
   */
  of(message: InboundMessage, conversationId: ConversationId, asked: Asked): EntryFacts {
    const { accountId } = message;
    const guid = messageGuid(message.guid);
    const { handle, nowMs } = asked;
    const read = {
      ownByGuid: once(() => this.#ownByGuid(accountId, guid)),
      ownRecent: once(() => this.#ownRecent(message, conversationId, asked)),
      ownUnreturned: once(() => this.#sql.unreturned.all(conversationId).toReversed().map(readOwn)),
      delivered: once(() => this.#same.delivered(message, conversationId, asked.entryId)),
      twin: once(() => this.#same.twin(message, conversationId, asked.entryId)),
      lastReply: once(() => this.#lastReply(conversationId)),
      mirrorStreak: once(() => this.#conversations.mirrorStreak(conversationId)),
      paired: once(() => this.#isPaired(accountId, handle)),
      request: once(() => this.#request(accountId, handle, nowMs)),
      pendingRequests: once(() => this.#pendingRequests(accountId, handle, nowMs)),
      groupName: once(() =>
        asked.keepsName
          ? this.#conversations.nameGroup(conversationId, message)
          : this.#conversations.groupName(conversationId, message),
      ),
      pinnedAgent: once(() => this.#conversations.pinnedAgent(conversationId)),
      isMuted: once(() => this.#conversations.isMuted(conversationId)),
      wasGroupish: once(() => this.#sql.groupish.get(accountId, conversationId) !== undefined),
      justBefore: once(() => this.#justBefore(message, conversationId)),
      busy: once(() => this.#isBusy(accountId, conversationId)),
      approvals: once(() => this.#approvals.of({ message, conversationId, handle, nowMs })),
      firstStartMs: once(() => this.#sql.firstStart.get(accountId)?.started_at_ms ?? 0),
    };
    return {
      get ownByGuid() {
        return read.ownByGuid();
      },
      get ownRecent() {
        return read.ownRecent();
      },
      get ownUnreturned() {
        return read.ownUnreturned();
      },
      get delivered() {
        return read.delivered();
      },
      get twin() {
        return read.twin();
      },
      get lastReply() {
        return read.lastReply();
      },
      get mirrorStreak() {
        return read.mirrorStreak();
      },
      get paired() {
        return read.paired();
      },
      get request() {
        return read.request();
      },
      get pendingRequests() {
        return read.pendingRequests();
      },
      get groupName() {
        return read.groupName();
      },
      get pinnedAgent() {
        return read.pinnedAgent();
      },
      get isMuted() {
        return read.isMuted();
      },
      get wasGroupish() {
        return read.wasGroupish();
      },
      get justBefore() {
        return read.justBefore();
      },
      get busy() {
        return read.busy();
      },
      get approvals() {
        return read.approvals();
      },
      get firstStartMs() {
        return read.firstStartMs();
      },
      nowMs,
    };
  }

  #ownByGuid(accountId: AccountId, guid: MessageGuid): OwnPart | undefined {
    const row = this.#sql.byGuid.get(guid, accountId) ?? this.#sql.byAttempt.get(guid, accountId);
    return row && readOwn(row);
  }

  #ownRecent(message: InboundMessage, conversationId: ConversationId, { handle, nowMs }: Asked): OwnPart[] {
    const sinceMs = nowMs - OWN_RECENT_MS;
    const unconfirmed = this.#sql.unconfirmed.all(conversationId);
    const sent = this.#sql.sentSince.all(conversationId, sinceMs);
    const mayAppear = this.#sql.mayAppear.all(conversationId, nowMs - MAY_APPEAR_MS);
    // A message to a chat that was not known then belongs to no conversation until one of its rows is seen.
    const unplaced = [
      ...this.#sql.unplacedUnconfirmed.all(message.accountId),
      ...this.#sql.unplacedSentSince.all(sinceMs, message.accountId),
    ].filter((row) => wentTo(JSON.parse(row.target) as Target, message, handle));
    return [...unconfirmed, ...sent, ...mayAppear, ...unplaced]
      .sort((one, other) => one.id - other.id)
      .map(readOwn);
  }

  /** The newest group of which anything was sent or is being sent, with what was said before it in the same turn. */
  #lastReply(conversationId: ConversationId): string[] {
    const ended = this.#sql.newestSent.get(conversationId);
    const open = this.#sql.newestUnconfirmed.get(conversationId);
    const groupId = Math.max(ended?.group_id ?? 0, open?.group_id ?? 0);
    return groupId === 0 ? [] : this.#sql.saidWithGroup.all(groupId).map((row) => row.text);
  }

  #justBefore(message: InboundMessage, conversationId: ConversationId): string[] {
    const { accountId, guid, sender, createdAtMs } = message;
    const id = this.#sql.place.get(guid, accountId)?.id ?? 0;
    const rows = this.#sql.before.all(id - ROWS_BEFORE, id, conversationId);
    return rows.flatMap((row) => {
      const before = JSON.parse(row.message) as InboundMessage;
      const apartMs = createdAtMs - before.createdAtMs;
      const isTheirs = before.sender === sender && before.isFromMe === message.isFromMe;
      return isTheirs && apartMs >= 0 && apartMs <= JUST_BEFORE_MS ? [before.text] : [];
    });
  }

  #isBusy(accountId: AccountId, conversationId: ConversationId): boolean {
    const runs = this.#sql.running.get(conversationId) !== undefined;
    return runs || this.#sql.waiting.get(accountId, conversationId) !== undefined;
  }

  #isPaired(accountId: AccountId, handle: Handle | undefined): boolean {
    return handle !== undefined && this.#sql.grant.get(accountId, handle) !== undefined;
  }

  #request(accountId: AccountId, handle: Handle | undefined, nowMs: number): EntryFacts["request"] {
    const newest = handle === undefined ? undefined : this.#sql.newestRequest.get(accountId, handle);
    if (newest?.state === "pending" && newest.expires_at_ms > nowMs) return "pending";
    if (newest?.state === "denied" && (newest.closed_at_ms ?? 0) > nowMs - DENIED_FOR_MS) return "denied";
    return "none";
  }

  #pendingRequests(accountId: AccountId, handle: Handle | undefined, nowMs: number): number {
    return this.#sql.othersPending.get(accountId, handle ?? "", nowMs)?.count ?? 0;
  }
}

/** True when a target may mean the chat of a row. In a direct chat our own rows name the other person, too. */
function wentTo(target: Target, message: InboundMessage, handle: Handle | undefined): boolean {
  if (target.kind !== "handle") return entryNamesChat(target, message);
  return !message.isGroup && message.participants.length <= 1 && target.handle === handle;
}

function once<T>(read: () => T): () => T {
  let kept: { value: T } | undefined;
  return () => (kept ??= { value: read() }).value;
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
  const unplaced = `conversation_id IS NULL AND ${isSaid}`;
  return {
    byGuid: own("WHERE sent_guid = ? AND account_id = ? ORDER BY part.id DESC LIMIT 1"),
    byAttempt: own("JOIN attempt ON attempt.part_id = part.id WHERE attempt.id = ? AND account_id = ?"),
    unconfirmed: own(`WHERE ${said} AND sent_at_ms IS NULL`),
    sentSince: own(`WHERE ${said} AND sent_at_ms > ?`),
    mayAppear: own(
      `WHERE conversation_id = ? AND unknown_since_ms > ? AND unknown_since_ms IS NOT NULL
         AND state IN ('queued', 'parked', 'dropped')`,
    ),
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
    running: db.sql<object>("SELECT 1 FROM turn WHERE conversation_id = ? AND state = 'running'"),
    waiting: db.sql<object>(
      "SELECT 1 FROM inbox WHERE account_id = ? AND conversation_id = ? AND state = 'waiting' LIMIT 1",
    ),
    groupish: db.sql<object>(
      `SELECT 1 FROM decision JOIN inbox ON inbox.id = decision.entry_id
       WHERE code = 'groupish.unconfigured' AND decision.account_id = ? AND inbox.conversation_id = ? LIMIT 1`,
    ),
    // Of a message that is not journaled: behind all that is.
    place: db.sql<{ id: number }>(
      `SELECT coalesce((SELECT id FROM inbox WHERE guid = ? AND account_id = ?),
         (SELECT coalesce(max(id), 0) + 1 FROM inbox)) AS id`,
    ),
    before: db.sql<{ message: string }>(
      "SELECT message FROM inbox WHERE id >= ? AND id < ? AND conversation_id = ? ORDER BY id",
    ),
    firstStart: db.sql<{ started_at_ms: number }>("SELECT started_at_ms FROM account WHERE id = ?"),
    grant: db.sql<object>("SELECT 1 FROM pairing_grant WHERE account_id = ? AND handle = ?"),
    newestRequest: db.sql<{ state: string; expires_at_ms: number; closed_at_ms: number | null }>(
      `SELECT state, expires_at_ms, closed_at_ms FROM pairing_request
       WHERE account_id = ? AND handle = ? ORDER BY id DESC LIMIT 1`,
    ),
    othersPending: db.sql<{ count: number }>(
      `SELECT count(*) AS count FROM pairing_request
       WHERE state = 'pending' AND account_id = ? AND handle <> ? AND expires_at_ms > ?`,
    ),
  };
}
