// What the store knows that a decision about one entry depends on.
import type { Handle } from "../model/handle.ts";
import { messageGuid, type AccountId, type ConversationId, type EntryId } from "../model/ids.ts";
import type { EntryFacts } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { Conversations } from "./conversations.ts";
import { OwnParts } from "./own-parts.ts";
import { SameMessages } from "./same-messages.ts";
import type { ShownApprovals } from "./shown-approvals.ts";
import type { Database } from "./sqlite.ts";

const JUST_BEFORE_MS = 5_000;
/** Rows of the journal that are looked at for what somebody wrote a moment before. */
const ROWS_BEFORE = 50;
const DENIED_FOR_MS = 60 * 60_000;

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
  readonly #own: OwnParts;
  readonly #same: SameMessages;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, conversations: Conversations, approvals: ShownApprovals) {
    this.#own = new OwnParts(db);
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
      ownByGuid: once(() => this.#own.byGuid(accountId, guid)),
      ownRecent: once(() => this.#own.recent(message, conversationId, asked)),
      ownUnreturned: once(() => this.#own.unreturned(conversationId)),
      delivered: once(() => this.#same.delivered(message, conversationId, asked.entryId)),
      twin: once(() => this.#same.twin(message, conversationId, asked.entryId)),
      lastReply: once(() => this.#own.lastReply(conversationId)),
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

function once<T>(read: () => T): () => T {
  let kept: { value: T } | undefined;
  return () => (kept ??= { value: read() }).value;
}

function prepare(db: Database) {
  return {
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
