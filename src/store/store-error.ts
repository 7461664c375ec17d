// What can go wrong with the state database, in words that say what to do.
import { GatewayError } from "../model/errors.ts";

const BUSY = 5;
const LOCKED = 6;
const CONSTRAINT = 19;

/** What to do about a primary result code of SQLite (https://sqlite.org/rescode.html). */
const HINTS: Readonly<Record<number, string>> = {
  8: "Give this user the right to write the state database and its folder.",
  10: "Check the disk that holds the state folder.",
  11: "Restore the state database from a copy, or move it away to start afresh.",
  13: "Free some space on the disk that holds the state folder.",
  14: "Check that the state folder exists and belongs to this user.",
  26: "Point store.url at a state database of this program, or at a new file.",
};
const DEFAULT_HINT = "Check the path of the state database, its owner and its disk.";

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return Number(error.errcode) & 0xff;
}

/** True when another connection holds a lock: nothing was done and it may be tried again. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === BUSY || code === LOCKED;
}

/** What SQLite or the file system threw, as an error of the product; anything else is given back as it is. */
export function toStoreError(error: unknown, path?: string): unknown {
  if (error instanceof GatewayError || !(error instanceof Error)) return error;
  const code = resultCode(error);
  if (code === CONSTRAINT)
    return new GatewayError("internal/bug", `the state database refused a row: ${error.message}`, {
      hint: "Run again with --verbose and report what it prints.",
      cause: error,
    });
  if (code === undefined && !("syscall" in error)) return error;
  const where = path === undefined ? "" : ` ${path}`;
  return new GatewayError("store/unusable", `The state database${where} cannot be used: ${error.message}`, {
    hint: (code === undefined ? undefined : HINTS[code]) ?? DEFAULT_HINT,
    // A commit that failed on a broken disk may be found written all the same.
    effect: path === undefined ? "maybe" : "none",
    cause: error,
  });
}

/** Another process kept the database locked for too long. */
export function lockedError(cause: unknown): GatewayError {
  return new GatewayError(
    "store/unusable",
    "The state database has been locked by another process for too long.",
    {
      hint: "Find the program that holds the state database open (`lsof`) and end it.",
      cause,
    },
  );
}

/** A verb was asked for after `close`. */
export function closedError(): GatewayError {
  return new GatewayError("store/unusable", "The state database is closed.", {
    hint: "Start the program again.",
  });
}
