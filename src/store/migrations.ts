// The tables of the state database, as steps from the empty file; a released step never changes.
import type { DatabaseSync } from "node:sqlite";
import { GatewayError } from "../model/errors.ts";
import { SCHEMA_1 } from "./schema-1.ts";
import { SCHEMA_2 } from "./schema-2.ts";
import { SCHEMA_3 } from "./schema-3.ts";
import { SCHEMA_4 } from "./schema-4.ts";
import { SCHEMA_5 } from "./schema-5.ts";
import { SCHEMA_6 } from "./schema-6.ts";
import { SCHEMA_7 } from "./schema-7.ts";
import { SCHEMA_8 } from "./schema-8.ts";
import { SCHEMA_9 } from "./schema-9.ts";
import { SCHEMA_10 } from "./schema-10.ts";

/** Marks the file as ours ("CClw"), so that a database of something else is never written to. */
const APPLICATION_ID = 0x43_43_6c_77;

/** SQL of each step; the file's `user_version` counts the steps it has had. */
export const MIGRATIONS: readonly string[] = [
  SCHEMA_1,
  SCHEMA_2,
  SCHEMA_3,
  SCHEMA_4,
  SCHEMA_5,
  SCHEMA_6,
  SCHEMA_7,
  SCHEMA_8,
  SCHEMA_9,
  SCHEMA_10,
];

/**
 * Brings an open database up to date, each step in a transaction of its own.
 *
 * Contract: may run in several processes at once, and again after an error. Throws `store/newer`, and `store/unusable` for a
 * database of something else, before anything is written.
 */
export function migrate(handle: DatabaseSync): void {
  assertOurs(handle);
  handle.exec("PRAGMA journal_mode = WAL");
  for (let step = versionOf(handle); step < MIGRATIONS.length; step = versionOf(handle)) {
    handle.exec("BEGIN IMMEDIATE");
    // Another process may have taken the step while this one waited for the lock.
    if (versionOf(handle) === step) {
      handle.exec(MIGRATIONS[step] ?? "");
      handle.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${step + 1}`);
    }
    handle.exec("COMMIT");
  }
}

function versionOf(handle: DatabaseSync): number {
  return Number(handle.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function assertOurs(handle: DatabaseSync): void {
  const applicationId = Number(handle.prepare("PRAGMA application_id").get()?.["application_id"]);
  const hasTables = handle.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
  if (hasTables && applicationId !== APPLICATION_ID)
    throw new GatewayError("store/unusable", "The file is a database of another program.", {
      hint: "Point store.url at a state database of this program, or at a new file.",
    });
  const version = versionOf(handle);
  if (version > MIGRATIONS.length)
    throw new GatewayError(
      "store/newer",
      `The state database has version ${version}; this program knows ${MIGRATIONS.length}.`,
      { hint: "Install the version that wrote it, or a later one." },
    );
}
