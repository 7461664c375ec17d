// One owner for a state database: a lock that the operating system lets go of when its holder dies, however it dies.
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { GatewayError } from "../model/errors.ts";

/** The right to run a gateway on a state database. */
export interface Lease {
  close(): void;
}

/**
 * Takes the lease of the state database at `storePath`. The lock is SQLite's own on a file beside it: no stale lock can remain.
 *
 * Contract: throws `gateway/already-running`, with the holder's process id where it is known.
 */
export function takeLease(storePath: string): Lease {
  const lockPath = `${storePath}.lock`;
  const pidPath = `${storePath}.pid`;
  closeSync(openSync(lockPath, "a", 0o600));
  chmodSync(lockPath, 0o600);
  const lock = new DatabaseSync(lockPath, { timeout: 0 });
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new GatewayError(
      "gateway/already-running",
      `Another gateway${holder(pidPath)} runs on ${storePath}.`,
      {
        hint: "Stop it first, or give this one a state folder of its own with CODERCLAW_STATE_DIR.",
        cause,
      },
    );
  }
  writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
  return { close: () => lock.close() };
}

function holder(pidPath: string): string {
  try {
    return ` (process ${Number.parseInt(readFileSync(pidPath, "utf8"), 10)})`;
  } catch {
    return "";
  }
}
