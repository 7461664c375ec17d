// Copies of the state database that are whole while others write to it, and a look at one before it is trusted.
import { backup, DatabaseSync } from "node:sqlite";
import { GatewayError } from "../model/errors.ts";
import { MIGRATIONS } from "./migrations.ts";
import { toStoreError } from "./store-error.ts";

/** Pages copied before others get a turn; SQLite's own default. */
const PAGES_A_STEP = 100;

/** Copies a database that may be in use. Contract: the copy holds every change committed before the call; rejects with `store/unusable`. */
export async function copyDatabase(
  from: string,
  to: string,
  onProgress: (share: number) => void = () => {},
): Promise<void> {
  try {
    const source = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
    try {
      await backup(source, to, {
        rate: PAGES_A_STEP,
        progress: ({ totalPages, remainingPages }) =>
          onProgress(totalPages === 0 ? 1 : 1 - remainingPages / totalPages),
      });
    } finally {
      source.close();
    }
  } catch (thrown) {
    throw toStoreError(thrown, from);
  }
}

/** What a database file is. */
export interface DatabaseFacts {
  /** Steps of the schema it has had. */
  readonly schema: number;
  readonly messages: number;
  readonly pairings: number;
}

/**
 * Looks at a database that nobody uses.
 *
 * Contract: rejects with `store/newer` when this version cannot read it, with `store/unusable` when it is damaged or not ours.
 */
export function inspectDatabase(path: string): DatabaseFacts {
  let handle: DatabaseSync;
  try {
    handle = new DatabaseSync(path, { readOnly: true });
  } catch (thrown) {
    throw toStoreError(thrown, path);
  }
  try {
    const number = (sql: string): number => Number(Object.values(handle.prepare(sql).get() ?? {})[0]);
    const schema = number("PRAGMA user_version");
    if (schema > MIGRATIONS.length)
      throw new GatewayError(
        "store/newer",
        `The state database in it has version ${schema}; this program knows ${MIGRATIONS.length}`,
        {
          hint: "Install the version that made the backup, or a later one.",
        },
      );
    const check = Object.values(handle.prepare("PRAGMA integrity_check(1)").get() ?? {})[0];
    if (check !== "ok" || schema === 0)
      throw new GatewayError("store/unusable", `"${path}" is damaged: ${String(check)}`, {
        hint: "Use another backup.",
      });
    return {
      schema,
      messages: number("SELECT count(*) FROM inbox"),
      pairings: number("SELECT count(*) FROM pairing_grant"),
    };
  } catch (thrown) {
    throw thrown instanceof GatewayError ? thrown : toStoreError(thrown, path);
  } finally {
    handle.close();
  }
}

/** Forgets how far each account was read, so that it starts at now: nothing written before is answered again. */
export function forgetPositions(path: string): void {
  const handle = new DatabaseSync(path, { timeout: 10_000 });
  try {
    handle.exec("DELETE FROM account");
  } finally {
    handle.close();
  }
}
