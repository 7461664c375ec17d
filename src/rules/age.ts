// Whether a row is new enough to be answered.
import type { Entry } from "../model/journal.ts";

/** Two clocks are compared (the Mac's and ours): a live row is not called old for less than this. */
const CLOCK_TOLERANCE_MS = 60_000;

/** What ages are measured against. */
export interface AgePolicy {
  /** `catchup.maxAgeMinutes`, in ms; 0 answers nothing that was missed. */
  readonly maxAgeMs: number;
  /** When this process opened the account: rows missed before that are aged from here. */
  readonly openedAtMs: number;
  /** By how much our clock is ahead of the one that dates messages; 0: it is not known to be. */
  readonly aheadMs: number;
}

export type AgeVerdict =
  | { readonly kind: "fresh"; readonly saw: string }
  | {
      readonly kind: "old";
      readonly code: "catchup.too-old" | "catchup.before-first-start";
      readonly saw: string;
    };

/**
 * Decides by the row's own time. In the run of the account's first start (`firstStartMs`, epoch ms) what was there before is history.
 * Rows are aged from the moment at which the account was last known to have seen everything, so a
 * watch that stalls never makes its own messages old.
 */
export function decideAge(policy: AgePolicy, entry: Entry, firstStartMs: number): AgeVerdict {
  const createdAtMs = entry.message.createdAtMs;
  const { aheadMs } = policy;
  const isFirstRun = firstStartMs >= policy.openedAtMs;
  if (isFirstRun && entry.missed && createdAtMs < firstStartMs - aheadMs)
    return { kind: "old", code: "catchup.before-first-start", saw: "written before the first start" };
  const openedAtMs = policy.openedAtMs - aheadMs;
  const missedWhileDown = entry.missed && createdAtMs < openedAtMs;
  const ageMs = missedWhileDown
    ? openedAtMs - createdAtMs
    : entry.healthyAtMs - createdAtMs - CLOCK_TOLERANCE_MS;
  const saw = `${Math.max(0, Math.round(ageMs / 1000))} s old, limit ${Math.round(policy.maxAgeMs / 1000)} s`;
  return ageMs > policy.maxAgeMs ? { kind: "old", code: "catchup.too-old", saw } : { kind: "fresh", saw };
}
