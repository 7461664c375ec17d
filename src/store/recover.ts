// Saves what can be read of a damaged state database into a new one; the damaged file stays as it is.
import { chmodSync, existsSync, rmSync } from "node:fs";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { migrate } from "./migrations.ts";
import { toStoreError } from "./store-error.ts";

/** How much was saved, by table. */
export interface Recovered {
  readonly rows: Readonly<Record<string, number>>;
  /** Tables of which rows could not be read. */
  readonly damaged: readonly string[];
}

/** What SQLite finds wrong with a database that nobody writes to; undefined: nothing. */
export function findDamage(path: string): string | undefined {
  try {
    const handle = new DatabaseSync(path, { readOnly: true });
    try {
      const result = String(Object.values(handle.prepare("PRAGMA integrity_check(1)").get() ?? {})[0]);
      return result === "ok" ? undefined : result;
    } finally {
      handle.close();
    }
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/**
 * Copies every row that can be read from `from` into a new database `to`, made with the newest schema, 0600.
 *
 * Contract: `from` is not written to. Rejects with `store/unusable` when the new one cannot be made; then there is none.
 */
export function recoverDatabase(from: string, to: string): Recovered {
  try {
    rmSync(to, { force: true });
    const target = new DatabaseSync(to, { enableForeignKeyConstraints: false });
    try {
      migrate(target);
      return copyTables(from, target);
    } finally {
      target.exec("PRAGMA journal_mode = DELETE");
      target.close();
      if (existsSync(to)) chmodSync(to, 0o600);
    }
  } catch (thrown) {
    rmSync(to, { force: true });
    throw toStoreError(thrown, to);
  }
}

function copyTables(from: string, target: DatabaseSync): Recovered {
  const tables = target
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name));
  const rows: Record<string, number> = {};
  const damaged: string[] = [];
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(from, { readOnly: true });
  } catch {
    return { rows, damaged: tables };
  }
  for (const table of tables) {
    const { copied, isWhole } = copyTable(source, target, table);
    rows[table] = copied;
    if (!isWhole) damaged.push(table);
  }
  source.close();
  return { rows, damaged };
}

/** From the first row on, and from the last row back: damage in the middle costs no more than the middle. */
function copyTable(
  source: DatabaseSync,
  target: DatabaseSync,
  table: string,
): { copied: number; isWhole: boolean } {
  const known = new Set(
    target
      .prepare(`PRAGMA table_info("${table}")`)
      .all()
      .map(({ name }) => String(name)),
  );
  let copied = 0;
  let isWhole = true;
  target.exec("BEGIN");
  for (const order of ["ASC", "DESC"]) {
    try {
      for (const row of source
        .prepare(`SELECT * FROM "${table}" ORDER BY ${keyOf(target, table)} ${order}`)
        .iterate()) {
        const names = Object.keys(row).filter((name) => known.has(name));
        const columns = names.map((name) => `"${name}"`).join(", ");
        const places = names.map(() => "?").join(", ");
        const values = names.map((name) => row[name] as SQLInputValue);
        const { changes } = target
          .prepare(`INSERT OR IGNORE INTO "${table}" (${columns}) VALUES (${places})`)
          .run(...values);
        copied += Number(changes);
      }
      break;
    } catch {
      isWhole = false;
    }
  }
  target.exec("COMMIT");
  return { copied, isWhole };
}

function keyOf(target: DatabaseSync, table: string): string {
  const key = target
    .prepare(`PRAGMA table_info("${table}")`)
    .all()
    .filter(({ pk }) => Number(pk) > 0)
    .map(({ name }) => `"${String(name)}"`);
  return key.length === 0 ? "rowid" : key.join(", ");
}
