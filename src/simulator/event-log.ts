// Owns the event log: what the stand-in was told and did, one JSON object a line, for tests and benchmarks to read.

import { openSync, writeSync } from "node:fs";

/** Appends events. */
export interface EventLog {
  /** Adds `at` (milliseconds since 1970, with their fraction) and `pid`. */
  readonly write: (event: object) => void;
}

/** Logs nothing. */
const SILENT: EventLog = { write: () => {} };

/**
 * Opens the log; nothing is logged without a path.
 * Contract: one write a line on a descriptor that appends, so lines of several processes never mix.
 */
export function openEventLog(path: string | undefined): EventLog {
  if (path === undefined) return SILENT;
  const descriptor = openSync(path, "a", 0o600);
  return {
    write(event) {
      const at = performance.timeOrigin + performance.now();
      writeSync(descriptor, `${JSON.stringify({ at, pid: process.pid, ...event }, asNumber)}\n`);
    },
  };
}

function asNumber(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
