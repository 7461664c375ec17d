// One owner for a state database: a lock that the operating system lets go of when its holder dies, however it dies.
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GatewayError } from "../model/errors.ts";
import { isBusy, toStoreError } from "./store-error.ts";

/** The right to run a gateway on a state database. */
export interface Lease {
  close(): void;
}

/**
 * Takes the lease of the state database at `storePath`. The lock is SQLite's own on a file beside it: no stale lock can remain.
 *
 * Contract: throws `gateway/already-running`, with the holder's process id where it is known, or `store/unusable`. The folder is made
 * if it is not there.
 */
export function takeLease(storePath: string): Lease {
  const pidPath = `${storePath}.pid`;
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(makeLockFile(storePath), { timeout: 0 });
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
    const held = lock;
    return { close: () => held.close() };
  } catch (cause) {
    lock?.close();
    throw isBusy(cause) ? alreadyRunning(storePath, pidPath, cause) : toStoreError(cause, storePath);
  }
}

function makeLockFile(storePath: string): string {
  const path = `${storePath}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  return path;
}

function alreadyRunning(storePath: string, pidPath: string, cause: unknown): GatewayError {
  return new GatewayError(
    "gateway/already-running",
    `Another gateway${holder(pidPath)} runs on ${storePath}.`,
    {
      hint: "Stop it first, or give this one a state folder of its own with CODERCLAW_STATE_DIR.",
      cause,
    },
  );
}

function holder(pidPath: string): string {
  try {
    return ` (process ${Number.parseInt(readFileSync(pidPath, "utf8"), 10)})`;
  } catch {
    return "";
  }
}
