// What was recorded about messages and accounts, read back for people.
import type { KnownChat } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import {
  asId,
  messageGuid,
  type AccountId,
  type AgentId,
  type ConversationId,
  type EntryId,
  type MessageGuid,
  type RowId,
  type SessionKey,
  type TurnId,
} from "../model/ids.ts";
import type { EntryFacts } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { AccountOverview, MessageStory, Records, UnconfiguredThread } from "../model/store.ts";
import type { Target } from "../model/target.ts";
import type { Conversations } from "./conversations.ts";
import { ENTRY_COLUMNS, readDecision, readEntry, type EntryRow } from "./entries.ts";
import type { Facts } from "./facts.ts";
import { readPosition } from "./inbox.ts";
import { readItem, SELECT_PART, type PartRow } from "./parts.ts";
import type { ApprovalRows } from "./approval-rows.ts";
import type { SendBudget } from "./send-budget.ts";
import type { Database } from "./sqlite.ts";

const DAY_MS = 24 * 60 * 60_000;

interface StoryRow extends EntryRow {
  readonly state: MessageStory["state"] | "command";
  readonly turn_id: TurnId | null;
  /** Of a message kept as context: the turn that was shown it. */
  readonly context_turn: TurnId | null;
}

type StoredTurn = NonNullable<MessageStory["turn"]>;

/** The columns of a turn that people are shown. */
export interface TurnRow {
  readonly id: TurnId;
  readonly agent_id: AgentId;
  readonly session_key: SessionKey;
  readonly attempt: number;
  readonly state: StoredTurn["state"];
  readonly began_at_ms: number;
  readonly finished_at_ms: number | null;
  readonly reason: string | null;
  readonly ref: string | null;
}

interface AccountRow {
  readonly cursor: RowId;
  readonly started_at_ms: number;
  readonly anchor: string | null;
  readonly last_received_at_ms: number | null;
  readonly last_sent_at_ms: number | null;
}

interface ThreadRow {
  readonly chat_id: number;
  readonly chat_guid: string;
  readonly message: string;
  readonly last_at_ms: number;
}

/** The facts of a chat that the journal does not know. */
const NO_CONVERSATION = asId<ConversationId>(0);

/** What records are read from. */
export interface RecordsParts {
  readonly db: Database;
  readonly conversations: Conversations;
  readonly facts: Facts;
  readonly approvals: ApprovalRows;
  readonly budget: SendBudget;
}

/** `Records` on SQLite. */
export class SqliteRecords implements Records {
  readonly #db: Database;
  readonly #with: RecordsParts;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: RecordsParts) {
    this.#db = parts.db;
    this.#with = parts;
    this.#sql = prepare(parts.db);
  }

  async explain(reference: { guid: MessageGuid } | { rowId: RowId }): Promise<readonly MessageStory[]> {
    return this.#db.read(() => {
      const rows =
        "guid" in reference
          ? this.#sql.byGuid.all(messageGuid(reference.guid))
          : this.#sql.byRow.all(reference.rowId);
      return rows.map((row) => this.#story(row));
    });
  }

  async newestRow(): Promise<RowId | undefined> {
    return this.#db.read(() => this.#sql.newestRow.get()?.row_id ?? undefined);
  }

  async overview(accountId: AccountId, nowMs: number): Promise<AccountOverview> {
    return this.#db.read(() => {
      const account = this.#sql.account.get(accountId);
      const decisions = this.#sql.decisions.all(accountId, nowMs - DAY_MS);
      const byCode = Object.fromEntries(decisions.map(({ code, count }) => [code, count]));
      return {
        position: account && readPosition(account),
        waiting: this.#sql.waiting.get(accountId)?.count ?? 0,
        held: this.#sql.held.get(accountId)?.count ?? 0,
        running: this.#sql.running.get(accountId)?.count ?? 0,
        queued: this.#countParts("queued", accountId),
        unknown: this.#countParts("unknown", accountId),
        parked: this.#countParts("parked", accountId),
        pendingPairings: this.#sql.pairings.get(accountId, nowMs)?.count ?? 0,
        tooOld: byCode["catchup.too-old"] ?? 0,
        sends: this.#with.budget.counts(accountId, nowMs),
        lastReceivedAtMs: account?.last_received_at_ms ?? undefined,
        lastSentAtMs: account?.last_sent_at_ms ?? undefined,
        decisions: byCode,
      };
    });
  }

  async chat(accountId: AccountId, target: Target): Promise<KnownChat | undefined> {
    return this.#db.read(() => this.#with.conversations.chat(accountId, target));
  }

  async facts(
    message: InboundMessage,
    asked: { handle: Handle | undefined; nowMs: number },
  ): Promise<EntryFacts> {
    return this.#db.read(() => {
      const conversationId = this.#with.conversations.find(message) ?? NO_CONVERSATION;
      // Copied, so that each is read now and not after the transaction.
      return { ...this.#with.facts.of(message, conversationId, { ...asked, keepsName: false }) };
    });
  }

  async unconfigured(accountId: AccountId, sinceMs: number): Promise<readonly UnconfiguredThread[]> {
    return this.#db.read(() => this.#sql.unconfigured.all(accountId, sinceMs).map(readThread));
  }

  #countParts(state: string, accountId: AccountId): number {
    return this.#sql.parts.get(state, accountId)?.count ?? 0;
  }

  #story(row: StoryRow): MessageStory {
    const turnId = row.turn_id ?? row.context_turn;
    const turn = turnId === null ? undefined : this.#sql.turn.get(turnId);
    return {
      entry: readEntry(row),
      state: row.state === "command" ? "waiting" : row.state,
      decisions: this.#sql.story.all(row.id).map((made) => ({
        ...readDecision(made.decision),
        atMs: made.at_ms,
      })),
      turn: turn && { ...readTurn(turn), resumed: this.#resumed(turn.id) },
      approvals: turn ? this.#with.approvals.ofTurn(turn.id) : [],
      parts: this.#partsOf(row.id, row.turn_id),
    };
  }

  #resumed(turnId: TurnId): readonly { readonly atMs: number; readonly wasKilled: boolean }[] {
    return this.#sql.resumed.all(turnId).map((row) => ({ atMs: row.at_ms, wasKilled: row.was_killed === 1 }));
  }

  #partsOf(entryId: EntryId, turnId: TurnId | null): MessageStory["parts"] {
    const caused = this.#sql.partsOfEntry.all(entryId);
    const answered = turnId === null ? [] : this.#sql.partsOfTurn.all(turnId);
    return [...caused, ...answered].map(readItem);
  }
}

function readThread(row: ThreadRow): UnconfiguredThread {
  const { participants, chatIdentifier } = JSON.parse(row.message) as InboundMessage;
  const { chat_id: chatId, chat_guid: chatGuid, last_at_ms: lastAtMs } = row;
  return { chatId, chatGuid, chatIdentifier, participants, lastAtMs };
}

/** The turn of a row. */
export function readTurn(row: TurnRow): StoredTurn {
  return {
    id: row.id,
    agentId: row.agent_id,
    sessionKey: row.session_key,
    attempts: row.attempt,
    state: row.state,
    startedAtMs: row.began_at_ms,
    finishedAtMs: row.finished_at_ms ?? undefined,
    failure: row.reason ?? undefined,
    ref: row.ref ?? undefined,
  };
}

function prepare(db: Database) {
  const entry = `SELECT ${ENTRY_COLUMNS}, state, turn_id, context_turn FROM inbox`;
  const count = (from: string) => db.sql<{ count: number }>(`SELECT count(*) AS count FROM ${from}`);
  return {
    byGuid: db.sql<StoryRow>(`${entry} WHERE guid = ? ORDER BY id`),
    // A replaced database counts its rows from 1 again: the newest of an account is the one that is meant.
    byRow: db.sql<StoryRow>(
      `${entry} WHERE id IN (SELECT max(id) FROM inbox WHERE row_id = ? GROUP BY account_id) ORDER BY id`,
    ),
    story: db.sql<{ at_ms: number; decision: string }>(
      "SELECT at_ms, decision FROM decision WHERE entry_id = ? ORDER BY id",
    ),
    turn: db.sql<TurnRow>("SELECT * FROM turn WHERE id = ?"),
    resumed: db.sql<{ at_ms: number; was_killed: number }>(
      "SELECT at_ms, was_killed FROM turn_resumed WHERE turn_id = ? ORDER BY id",
    ),
    partsOfEntry: db.sql<PartRow>(`${SELECT_PART} WHERE part.entry_id = ? ORDER BY part.id`),
    partsOfTurn: db.sql<PartRow>(`${SELECT_PART} WHERE part.turn_id = ? ORDER BY part.id`),
    newestRow: db.sql<{ row_id: RowId | null }>("SELECT max(cursor) AS row_id FROM account"),
    account: db.sql<AccountRow>("SELECT * FROM account WHERE id = ?"),
    waiting: count("inbox WHERE account_id = ? AND state = 'waiting'"),
    held: count("inbox WHERE account_id = ? AND state = 'held'"),
    running: count("turn WHERE account_id = ? AND state = 'running'"),
    parts: count("part WHERE state = ? AND account_id = ?"),
    pairings: count("pairing_request WHERE state = 'pending' AND account_id = ? AND expires_at_ms > ?"),
    // `message` is that of the row with the greatest moment: SQLite promises so for a lone max().
    unconfigured: db.sql<ThreadRow>(
      `SELECT chat_id, chat_guid, message, max(at_ms) AS last_at_ms
       FROM decision JOIN inbox ON inbox.id = decision.entry_id
       JOIN conversation ON conversation.id = inbox.conversation_id
       WHERE code = 'groupish.unconfigured' AND decision.account_id = ? AND at_ms >= ?
       GROUP BY conversation.id ORDER BY last_at_ms DESC`,
    ),
    decisions: db.sql<{ code: string; count: number }>(
      "SELECT code, count(*) AS count FROM decision WHERE account_id = ? AND at_ms > ? GROUP BY code",
    ),
  };
}
