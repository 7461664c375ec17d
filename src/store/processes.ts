// The register of child processes that may outlive a killed gateway.
import type { AccountId } from "../model/ids.ts";
import type { ProcessIdentity, ProcessRegister } from "../model/store.ts";
import type { Database } from "./sqlite.ts";

/** `ProcessRegister` on SQLite. */
export class SqliteProcesses implements ProcessRegister {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  async record(accountId: AccountId, identity: ProcessIdentity): Promise<void> {
    await this.#db.write(() => this.#sql.record.run(accountId, identity.pid, identity.started));
  }

  async recorded(accountId: AccountId): Promise<readonly ProcessIdentity[]> {
    return this.#db.read(() =>
      this.#sql.recorded.all(accountId).map(({ pid, started }) => ({ pid, started })),
    );
  }

  async forget(accountId: AccountId, identity: ProcessIdentity): Promise<void> {
    await this.#db.write(() => this.#sql.forget.run(accountId, identity.pid, identity.started));
  }
}

function prepare(db: Database) {
  return {
    record: db.sql("INSERT OR IGNORE INTO child (account_id, pid, started) VALUES (?, ?, ?)"),
    recorded: db.sql<ProcessIdentity>("SELECT pid, started FROM child WHERE account_id = ?"),
    forget: db.sql("DELETE FROM child WHERE account_id = ? AND pid = ? AND started = ?"),
  };
}
