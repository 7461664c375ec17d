// `imsg-sim replace`: puts another database in the place of one, as a restored backup does.

import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createDatabase, readSelfHandles } from "../schema.ts";
import { failure } from "./failure.ts";
import { databasePath, expandPath, readOptions } from "./options.ts";

const HELP = `Replaces a Messages database by another file. Programs that have it open keep the old one.

Usage: imsg-sim replace --db PATH [--with FILE]

  --db PATH     the database to replace
  --with FILE   what to put there (default: a fresh database of the same Apple ID)

Examples:
  imsg-sim replace --db ./messages/chat.db
  imsg-sim replace --db ./messages/chat.db --with ./backup/chat.db
`;

const OPTIONS = { db: { type: "string" }, with: { type: "string" } } as const;

/** The command. */
export const replaceCommand = { help: HELP, run };

function run(argv: readonly string[]): void {
  const options = readOptions("replace", argv, OPTIONS);
  const path = databasePath(options.db);
  if (!existsSync(path)) throw failure(`no database at ${path}`, `Make one: imsg-sim init --db ${path}`);
  replaceDatabase(path, options.with === undefined ? undefined : expandPath(options.with));
  process.stdout.write(`Replaced ${path}\n`);
}

/**
 * Puts `source`, or a fresh database, in the place of `path`.
 * Contract: the path leads to the old file or the whole new one at every instant, never to a new file with old WAL.
 */
export function replaceDatabase(path: string, source: string | undefined): void {
  const folder = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
  const made = join(folder, "chat.db");
  try {
    if (source === undefined) createDatabase(made, selfHandlesOf(path));
    else copyWhole(source, made);
    // An old WAL beside the new file would be taken for its own: it goes first, the old file's readers keep theirs.
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    renameSync(made, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies a database with what still stands in its WAL, into one file. */
function copyWhole(source: string, target: string): void {
  if (!existsSync(source)) throw failure(`no database at ${source}`, "Name an existing file with --with.");
  copyFileSync(source, target);
  if (existsSync(`${source}-wal`)) copyFileSync(`${source}-wal`, `${target}-wal`);
  const db = new DatabaseSync(target, { timeout: 5000 });
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

function selfHandlesOf(path: string): string[] {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    return readSelfHandles(db);
  } catch {
    return []; // what is replaced need not be a sound database
  } finally {
    db.close();
  }
}
