// Waiting times between attempts: exponential with jitter, back to the start once things went well.

/** The range waits are taken from. */
export interface BackoffRange {
  readonly minMs: number;
  readonly maxMs: number;
}

/** 250 ms to 30 s. */
export const DEFAULT_BACKOFF: BackoffRange = { minMs: 250, maxMs: 30_000 };

/** One row of attempts. */
export class Backoff {
  readonly #range: BackoffRange;
  readonly #random: () => number;
  #ceilingMs: number;

  constructor(range: BackoffRange = DEFAULT_BACKOFF, random: () => number = Math.random) {
    this.#range = range;
    this.#random = random;
    this.#ceilingMs = range.minMs;
  }

  /** How long to wait before the next attempt; half of it is chance, so that many who fail together do not return together. */
  nextMs(): number {
    const ceiling = this.#ceilingMs;
    this.#ceilingMs = Math.min(ceiling * 2, this.#range.maxMs);
    return Math.max(this.#range.minMs, ceiling * (0.5 + this.#random() / 2));
  }

  /** It went well: the next wait is the shortest again. */
  reset(): void {
    this.#ceilingMs = this.#range.minMs;
  }
}
