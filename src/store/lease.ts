// One owner for a state database, and one for a Messages database: locks that the operating system lets go of when their holder dies,
// however it dies.
import { createHash } from "node:crypto";
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { GatewayError } from "../model/errors.ts";
import type { TransportSettings } from "../model/settings.ts";
import { isBusy, toStoreError } from "./store-error.ts";

/** The right to run a gateway on a state database, or an account on a Messages database. */
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
  return lock(storePath, {
    what: storePath,
    hint: "Stop it first, or give this one a state folder of its own with CODERCLAW_STATE_DIR.",
  });
}

/**
 * Takes the lease of the Messages database that a transport reaches, among the gateways of this user on this machine: two with
 * state folders of their own would each answer every message of it. Undefined where no folder for such locks can be had.
 *
 * Contract: throws `gateway/already-running`, with the holder's process id where it is known.
 */
export function takeAccountLease(transport: TransportSettings): Lease | undefined {
  const folder = lockFolder();
  if (folder === undefined) return undefined;
  const dbPath = transport.dbPath ?? "";
  const database = JSON.stringify([realPath(transport.cliPath), realPath(dbPath)]);
  const name = createHash("sha256").update(database).digest("hex").slice(0, 32);
  return lock(join(folder, name), {
    what: `the Messages database ${dbPath || "of this user"} through ${transport.cliPath}`,
    hint: "Stop it first: two gateways on one Messages database would answer everything twice.",
  });
}

/** This user's folder for locks, for nobody else to write into. */
function lockFolder(): string | undefined {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `coderclaw-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    return found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Without links, as far as the path is one of this machine. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What a lock stands for, in words. */
interface Locked {
  readonly what: string;
  readonly hint: string;
}

function lock(base: string, locked: Locked): Lease {
  const pidPath = `${base}.pid`;
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(makeLockFile(base), { timeout: 0 });
    file.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
    const held = file;
    return { close: () => held.close() };
  } catch (cause) {
    file?.close();
    throw isBusy(cause) ? alreadyRunning(locked, pidPath, cause) : toStoreError(cause, base);
  }
}

function makeLockFile(base: string): string {
  const path = `${base}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
  return path;
}

function alreadyRunning({ what, hint }: Locked, pidPath: string, cause: unknown): GatewayError {
  return new GatewayError("gateway/already-running", `Another gateway${holder(pidPath)} runs on ${what}.`, {
    hint,
    cause,
  });
}

function holder(pidPath: string): string {
  try {
    return ` (process ${Number.parseInt(readFileSync(pidPath, "utf8"), 10)})`;
  } catch {
    return "";
  }
}
