// What was recorded about messages and accounts, read back for people.
import type { AccountId, AgentId, EntryId, MessageGuid, RowId, SessionKey, TurnId } from "../model/ids.ts";
import type { AccountOverview, MessageStory, Records } from "../model/store.ts";
import { ENTRY_COLUMNS, readDecision, readEntry, type EntryRow } from "./entries.ts";
import { readPosition } from "./inbox.ts";
import { readItem, SELECT_PART, type PartRow } from "./parts.ts";
import type { Database } from "./sqlite.ts";

const DAY_MS = 24 * 60 * 60_000;

interface StoryRow extends EntryRow {
  readonly state: MessageStory["state"];
  readonly turn_id: TurnId | null;
}

type StoredTurn = NonNullable<MessageStory["turn"]>;

interface TurnRow {
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

/** `Records` on SQLite. */
export class SqliteRecords implements Records {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  async explain(reference: { guid: MessageGuid } | { rowId: RowId }): Promise<readonly MessageStory[]> {
    return this.#db.read(() => {
      const rows =
        "guid" in reference ? this.#sql.byGuid.all(reference.guid) : this.#sql.byRow.all(reference.rowId);
      return rows.map((row) => this.#story(row));
    });
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
        lastReceivedAtMs: account?.last_received_at_ms ?? undefined,
        lastSentAtMs: account?.last_sent_at_ms ?? undefined,
        decisions: byCode,
      };
    });
  }

  #countParts(state: string, accountId: AccountId): number {
    return this.#sql.parts.get(state, accountId)?.count ?? 0;
  }

  #story(row: StoryRow): MessageStory {
    const turn = row.turn_id === null ? undefined : this.#sql.turn.get(row.turn_id);
    return {
      entry: readEntry(row),
      state: row.state,
      decisions: this.#sql.story.all(row.id).map((made) => ({
        ...readDecision(made.decision),
        atMs: made.at_ms,
      })),
      turn: turn && readTurn(turn),
      parts: this.#partsOf(row.id, row.turn_id),
    };
  }

  #partsOf(entryId: EntryId, turnId: TurnId | null): MessageStory["parts"] {
    const caused = this.#sql.partsOfEntry.all(entryId);
    const answered = turnId === null ? [] : this.#sql.partsOfTurn.all(turnId);
    return [...caused, ...answered].map(readItem);
  }
}

function readTurn(row: TurnRow): StoredTurn {
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
  const entry = `SELECT ${ENTRY_COLUMNS}, state, turn_id FROM inbox`;
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
    partsOfEntry: db.sql<PartRow>(`${SELECT_PART} WHERE part.entry_id = ? ORDER BY part.id`),
    partsOfTurn: db.sql<PartRow>(`${SELECT_PART} WHERE part.turn_id = ? ORDER BY part.id`),
    account: db.sql<AccountRow>("SELECT * FROM account WHERE id = ?"),
    waiting: count("inbox WHERE account_id = ? AND state = 'waiting'"),
    held: count("inbox WHERE account_id = ? AND state = 'held'"),
    running: count("turn WHERE account_id = ? AND state = 'running'"),
    parts: count("part WHERE state = ? AND account_id = ?"),
    pairings: count("pairing_request WHERE state = 'pending' AND account_id = ? AND expires_at_ms > ?"),
    decisions: db.sql<{ code: string; count: number }>(
      "SELECT code, count(*) AS count FROM decision WHERE account_id = ? AND at_ms > ? GROUP BY code",
    ),
  };
}
