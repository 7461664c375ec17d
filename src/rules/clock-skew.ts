// By how much our clock is ahead of the one that dates messages, told from messages that just came.

/** Two clocks that differ by less agree; a text takes some time, and a person's clock is not ours. */
const AGREED_MS = 10 * 60_000;

/** Rows that came in one read. */
export interface DatedRows {
  /** Epoch ms by Messages' dates. */
  readonly datesMs: readonly number[];
  /** Epoch ms by our clock. */
  readonly nowMs: number;
  /** They were there before they were read: how long is not known. */
  readonly missed: boolean;
}

/**
 * Learns from the rows of one account. A live row that is the newest of its database, by Messages' own dates, was written now, whatever
 * our clock says. A row that is older than the newest one was brought in later, from another device: it says nothing of clocks.
 */
export class ClockSkew {
  #newestMs = Number.NEGATIVE_INFINITY;
  #skewMs: number | undefined;
  #candidateMs: number | undefined;

  /** By how much our clock is ahead, in ms; 0 where it is not known to be. */
  get aheadMs(): number {
    return this.#skewMs ?? 0;
  }

  /** Another database, or the first one, with the date of its newest row; undefined: none is known. */
  begin(newestMs: number | undefined): void {
    this.#newestMs = newestMs ?? Number.NEGATIVE_INFINITY;
  }

  /** The same database, which is known to have a row of this date. */
  resume(newestMs: number | undefined): void {
    this.#newestMs = Math.max(this.#newestMs, newestMs ?? Number.NEGATIVE_INFINITY);
  }

  /**
   * Takes rows; the answer is by how much our clock is ahead, 0 where it is not known to be.
   *
   * Once clocks were seen to agree, or to differ by so much, one row does not change that: it may be late. Two in a row do.
   */
  learn({ datesMs, nowMs, missed }: DatedRows): number {
    const dated = datesMs.filter((dateMs) => dateMs > 0);
    const newestMs = dated.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
    const oldestMs = dated.reduce((one, other) => Math.min(one, other), newestMs);
    const isNewest = newestMs >= this.#newestMs;
    this.#newestMs = Math.max(this.#newestMs, newestMs);
    // What was written at different times and comes at once was not written now.
    if (newestMs - oldestMs > AGREED_MS) return 0;
    if (isNewest && !missed && dated.length > 0) this.#see(nowMs - newestMs);
    return this.#skewMs ?? 0;
  }

  #see(offsetMs: number): void {
    const seenMs = offsetMs > AGREED_MS ? offsetMs : 0;
    const isClose = (known: number | undefined): boolean =>
      known !== undefined && Math.abs(known - seenMs) <= AGREED_MS;
    const isBelieved =
      this.#skewMs === undefined || isClose(this.#skewMs) || isClose(this.#candidateMs) || seenMs === 0;
    // A skew that the next row contradicts was none: those rows are old.
    this.#skewMs = isBelieved ? seenMs : 0;
    this.#candidateMs = isBelieved ? undefined : seenMs;
  }
}
