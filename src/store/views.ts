// The journal read for people.
import type { AccountId } from "../model/ids.ts";
import type { HourCount, Views } from "../model/views.ts";
import type { Database } from "./sqlite.ts";

/** `Views` on SQLite. */
export class SqliteViews implements Views {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  async decisionsByHour(accountId: AccountId, sinceMs: number): Promise<readonly HourCount[]> {
    return this.#db.read(() => this.#sql.byHour.all(accountId, sinceMs));
  }
}

function prepare(db: Database) {
  return {
    byHour: db.sql<HourCount>(
      `SELECT at_ms / 3600000 * 3600000 AS hourMs, code, count(*) AS count FROM decision
       WHERE account_id = ? AND at_ms >= ? GROUP BY hourMs, code ORDER BY hourMs, code`,
    ),
  };
}
