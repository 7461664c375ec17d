// `imsg-sim init`: a fresh Messages database.

import { existsSync, rmSync } from "node:fs";
import { createDatabase } from "../schema.ts";
import { failure } from "./failure.ts";
import { databasePath, readOptions } from "./options.ts";

const HELP = `Makes an empty Messages database, its folder too.

Usage: imsg-sim init --db PATH [options]

  --db PATH       where it is made
  --self HANDLE   a handle of the Apple ID it belongs to (may be repeated); its chat is the note-to-self chat
  --force         replace what is there

Examples:
  imsg-sim init --db ./messages/chat.db
  imsg-sim init --db ./messages/chat.db --self +14155550000 --self me@example.com
`;

const OPTIONS = {
  db: { type: "string" },
  self: { type: "string", multiple: true },
  force: { type: "boolean" },
} as const;

/** The command. */
export const initCommand = { help: HELP, run };

function run(argv: readonly string[]): void {
  const options = readOptions("init", argv, OPTIONS);
  const path = databasePath(options.db);
  if (existsSync(path)) {
    if (options.force !== true)
      throw failure(`there is a file already: ${path}`, "Add --force to replace it.");
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
  }
  createDatabase(path, options.self ?? []);
  process.stdout.write(`Made ${path}\n`);
}
