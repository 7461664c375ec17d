// The journal read for people, a page at a time: every list is walked by a key and bounded, however much was recorded.
import type { AccountId } from "./ids.ts";

/** Reading for the control page and the command line's lists. */
export interface Views {
  /** Decisions of an account since a moment, by the hour (epoch ms of its beginning, UTC) and code; oldest first. */
  decisionsByHour(accountId: AccountId, sinceMs: number): Promise<readonly HourCount[]>;
}

/** How often something was decided in an hour. */
export interface HourCount {
  readonly hourMs: number;
  /** `turn` for a turn. */
  readonly code: string;
  readonly count: number;
}
