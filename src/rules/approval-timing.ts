// When an answer may count: only what was written once the request was there to be read.
import type { ShownApproval } from "../model/approval.ts";
import type { Entry } from "../model/journal.ts";

/** Nobody reads a request and answers it in less. */
export const READING_MS = 2_000;

/** An answer, as far as its time goes. */
export type AnswerMoment = Pick<Entry, "receivedAtMs" | "missed"> & {
  readonly message: Pick<Entry["message"], "createdAtMs" | "rowId">;
};

/**
 * Says why an answer came too early to mean this request; undefined: it counts. `readingMs` is how long nobody can have read it.
 *
 * Our clock says when the request was sent and when the answer came. Of two rows of one Mac, Messages' own dates say which was first. What came
 * while nobody watched is dated by Messages alone.
 */
export function whyTooEarly(
  { shown }: Pick<ShownApproval, "shown">,
  { receivedAtMs, missed, message }: AnswerMoment,
  readingMs: number,
): string | undefined {
  if (shown === undefined) return "the request was not known to have been sent";
  const { confirmedAtMs, claimedAtMs, dateMs, afterRow } = shown;
  const isDated = dateMs !== undefined;
  if (isDated && message.createdAtMs < dateMs) return "it is dated before the request";
  if (isDated && missed && message.createdAtMs < dateMs + readingMs)
    return `it is dated less than ${seconds(readingMs)} after the request`;
  if (!isDated && (message.rowId <= afterRow || message.createdAtMs < claimedAtMs))
    return "it was written before the request was sent";
  if (!(isDated && missed) && receivedAtMs < confirmedAtMs + readingMs)
    return `it came less than ${seconds(readingMs)} after the request was sent`;
  return undefined;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
