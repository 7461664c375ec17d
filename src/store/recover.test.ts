import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "./migrations.ts";
import { findDamage, recoverDatabase } from "./recover.ts";

const PAGE_BYTES = 4096;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recover-"));
  path = join(folder, "state.db");
  const database = new DatabaseSync(path);
  migrate(database);
  database.exec("PRAGMA journal_mode = DELETE");
  const insert = database.prepare(
    "INSERT INTO inbox (account_id, guid, row_id, state, received_at_ms, missed, healthy_at_ms, message) VALUES ('default', ?, ?, 'done', 1, 0, 1, ?)",
  );
  database.exec("BEGIN");
  for (let row = 1; row <= 2000; row += 1)
    insert.run(`guid-${row}`, row, JSON.stringify({ text: "x".repeat(300) }));
  database.exec("COMMIT");
  database.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function overwrite(page: number): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, page * PAGE_BYTES);
  closeSync(file);
}

function count(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const { n } = database.prepare("SELECT count(*) AS n FROM inbox").get() as { n: number };
  database.close();
  return n;
}

test("a whole database has no damage, and is copied whole", () => {
  expect(findDamage(path)).toBeUndefined();
  const { rows, damaged } = recoverDatabase(path, join(folder, "new.db"));
  expect([rows["inbox"], damaged]).toEqual([2000, []]);
  expect(findDamage(join(folder, "new.db"))).toBeUndefined();
  expect(statSync(join(folder, "new.db")).mode & 0o777).toBe(0o600);
});

test("damage in the middle costs the middle: rows before and behind it are saved", () => {
  const pages = statSync(path).size / PAGE_BYTES;
  overwrite(Math.floor(pages / 2));
  expect(findDamage(path)).toBeDefined();
  const target = join(folder, "new.db");
  recoverDatabase(path, target);
  expect(findDamage(target)).toBeUndefined();
  expect(count(target)).toBeGreaterThan(1000);
});

test("a file that is no database at all gives an empty one", () => {
  writeFileSync(path, "not a database, and long enough to look like a file of some use");
  expect(findDamage(path)).toBeDefined();
  const target = join(folder, "new.db");
  recoverDatabase(path, target);
  expect(count(target)).toBe(0);
});
