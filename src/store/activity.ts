// The record of activity.
import type { Activity, ActivityEntry, ActivityPage, NewActivity } from "../model/activity.ts";
import type { AccountId, ConversationId } from "../model/ids.ts";
import { plainLine } from "../model/plain-line.ts";
import type { Database } from "./sqlite.ts";

const MOST_KEPT = 50_000;
/** What is too old goes once in so many entries. */
const TIDY_EVERY = 1000;
const LONGEST_TEXT = 500;

interface Row {
  readonly id: number;
  readonly at_ms: number;
  readonly kind: ActivityEntry["kind"];
  readonly actor: string;
  readonly account_id: AccountId | null;
  readonly conversation_id: ConversationId | null;
  readonly text: string;
}

/** Writes entries within the verbs they belong to. Contract: called inside verbs only. */
export class ActivityRows {
  readonly #sql: ReturnType<typeof prepareRows>;

  constructor(db: Database) {
    this.#sql = prepareRows(db);
  }

  note({ atMs, kind, actor, accountId, conversationId, text }: NewActivity): void {
    const where = [accountId ?? null, conversationId ?? null] as const;
    const id = this.#sql.insert.insert(
      atMs,
      kind,
      plainLine(actor, 100),
      ...where,
      plainLine(text, LONGEST_TEXT),
    );
    if (id % TIDY_EVERY === 0) this.#sql.forget.run(id - MOST_KEPT);
  }
}

/** `Activity` on SQLite. */
export class SqliteActivity implements Activity {
  readonly #db: Database;
  readonly #rows: ActivityRows;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, rows: ActivityRows) {
    this.#db = db;
    this.#rows = rows;
    this.#sql = prepare(db);
  }

  async note(activity: NewActivity): Promise<void> {
    await this.#db.write(() => this.#rows.note(activity));
  }

  async list({
    kind,
    before = Number.MAX_SAFE_INTEGER,
    limit,
  }: ActivityPage): Promise<readonly ActivityEntry[]> {
    return this.#db.read(() => {
      const rows =
        kind === undefined ? this.#sql.all.all(before, limit) : this.#sql.ofKind.all(kind, before, limit);
      return rows.map(readEntry);
    });
  }
}

function readEntry(row: Row): ActivityEntry {
  return {
    id: row.id,
    atMs: row.at_ms,
    kind: row.kind,
    actor: row.actor,
    accountId: row.account_id ?? undefined,
    conversationId: row.conversation_id ?? undefined,
    text: row.text,
  };
}

function prepareRows(db: Database) {
  return {
    insert: db.sql(
      "INSERT INTO activity (at_ms, kind, actor, account_id, conversation_id, text) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    forget: db.sql("DELETE FROM activity WHERE id <= ?"),
  };
}

function prepare(db: Database) {
  const newest = "ORDER BY id DESC LIMIT ?";
  return {
    all: db.sql<Row>(`SELECT * FROM activity WHERE id < ? ${newest}`),
    ofKind: db.sql<Row>(`SELECT * FROM activity WHERE kind = ? AND id < ? ${newest}`),
  };
}
