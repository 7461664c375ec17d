// A time limit that stands still while somebody else is waited for.

/** A longer timer of the runtime would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs from the start; aborts its signal when the time is up. */
export class StoppableTimer {
  readonly #over = new AbortController();
  #leftMs: number;
  #since: number;
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.#leftMs = Math.min(limitMs, LONGEST_TIMER_MS);
    this.#since = performance.now();
    this.#run();
  }

  /** Aborted once the time is up. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Stops it for as long as `wait` is not settled; several may be waited for at once. */
  async without<Result>(wait: Promise<Result>): Promise<Result> {
    if (this.#pauses === 0) this.#halt();
    this.#pauses += 1;
    try {
      return await wait;
    } finally {
      this.#pauses -= 1;
      if (this.#pauses === 0) this.#run();
    }
  }

  /** Ends it; it never fires then. */
  clear(): void {
    this.#pauses = Number.POSITIVE_INFINITY;
    clearTimeout(this.#timer);
  }

  #run(): void {
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#over.abort(), this.#leftMs);
  }

  #halt(): void {
    clearTimeout(this.#timer);
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#since));
  }
}
