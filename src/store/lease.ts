// One owner for a state database, and one for a Messages database: locks that the operating system lets go of when their holder dies,
// however it dies.
import { createHash } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
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
    isPassing: true,
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
  /** Its files are removed when it is given back: nobody else would ever remove them. */
  readonly isPassing?: boolean;
}

/** How often a lock file is opened anew because its last holder removed it meanwhile. */
const MAX_OPENINGS = 5;

function lock(base: string, locked: Locked): Lease {
  const path = `${base}.lock`;
  const pidPath = `${base}.pid`;
  try {
    const held = openLocked(path);
    writeFileSync(pidPath, `${process.pid}\n`, { mode: 0o600 });
    return {
      close: () => {
        // While it is still locked: nobody has taken it over yet.
        if (locked.isPassing === true) for (const one of [pidPath, path]) rmSync(one, { force: true });
        held.close();
      },
    };
  } catch (cause) {
    throw isBusy(cause) ? alreadyRunning(locked, pidPath, cause) : toStoreError(cause, base);
  }
}

/** Opens and locks the file that is at this path once it is locked. */
function openLocked(path: string): DatabaseSync {
  for (let opening = 1; ; opening += 1) {
    const inode = makeLockFile(path);
    const file = new DatabaseSync(path, { timeout: 0 });
    try {
      file.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    } catch (cause) {
      file.close();
      throw cause;
    }
    // One that its holder removed in between locks out nobody.
    if (statSync(path, { throwIfNoEntry: false })?.ino === inode || opening === MAX_OPENINGS) return file;
    file.close();
  }
}

/** Makes the file if it is not there; the answer is its inode. */
function makeLockFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Closed before the lock is taken: closing it later would let go of the lock.
  const opened = openSync(path, "a", 0o600);
  try {
    fchmodSync(opened, 0o600);
    return fstatSync(opened).ino;
  } finally {
    closeSync(opened);
  }
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
