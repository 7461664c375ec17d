// The waiting times of an account, with the reasons for their values.
import type { Dialect } from "./dialect.ts";
import { DEFAULT_BACKOFF, type BackoffRange } from "../../lib/backoff.ts";

/** All in milliseconds. */
export interface Timing {
  /** A reading request once it is written; a history gets more, by its length. */
  readonly requestMs: number;
  /**
   * A send once it is written: AppleScript takes seconds and may stop at a permission dialog. v1 ends it by itself, 150 s for AppleScript
   * and 8 s for the row; killed before that, it leaves an AppleScript behind that may still send.
   */
  readonly sendMs: Readonly<Record<Dialect["kind"], number>>;
  /** For showing that somebody is typing; v1's bridge gives up after 10 s by itself. */
  readonly typingMs: Readonly<Record<Dialect["kind"], number>>;
  /** Between two checks of stream against database, before jitter. */
  readonly headCheckMs: number;
  /** From a change of the database to imsg's look at it; changes in between share the look. */
  readonly debounceMs: Readonly<Record<Dialect["kind"], number>>;
  /** How long the database may be ahead of the stream: a look after a change may take its time on a large database. */
  readonly aheadGraceMs: number;
  /** Nothing for longer than a poll of 5 s: what was behind the subscription has come. */
  readonly quietMs: number;
  /** Between the steps of ending a child: stdin closed, SIGTERM, SIGKILL. */
  readonly endGraceMs: number;
  /** The first of these steps while a send is out: its answer saves a search. */
  readonly sendEndGraceMs: number;
  readonly backoff: BackoffRange;
  /** Longest wait before a machine that could not be reached is tried again: an attempt costs nothing, and people wait for the answer. */
  readonly unreachableMs: number;
}

/** The values a gateway runs with. */
export const DEFAULT_TIMING: Timing = {
  requestMs: 30_000,
  sendMs: { legacy: 30_000, v1: 170_000 },
  typingMs: { legacy: 10_000, v1: 25_000 },
  headCheckMs: 5_000,
  // imsg's own 500 would be most of the time to an answer. Legacy tells a row once, even if its chat is not joined to it yet, and
  // answers nothing while it reads: it is given more time.
  debounceMs: { v1: 50, legacy: 100 },
  aheadGraceMs: 3_000,
  quietMs: 6_000,
  endGraceMs: 2_000,
  sendEndGraceMs: 10_000,
  backoff: DEFAULT_BACKOFF,
  unreachableMs: 3_000,
};

/** A start that timed out is given twice the time, up to this: a slow machine must not be restarted for ever. */
export const MAX_START_MS = 120_000;
