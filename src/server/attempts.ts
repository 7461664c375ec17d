// How often one address may try something in a minute: a limit that stands before anything else is looked at.

const MINUTE_MS = 60_000;
/** Addresses remembered at once; past that the one that tried longest ago is forgotten. */
const MOST_ADDRESSES = 1000;

/** A limit for each address. */
export class Attempts {
  readonly #mostPerMinute: number;
  readonly #byAddress = new Map<string, number[]>();

  constructor(mostPerMinute: number) {
    this.#mostPerMinute = mostPerMinute;
  }

  /** Counts an attempt; the answer is the time in ms until the next one is allowed, 0 for this one is. */
  add(address: string, nowMs: number): number {
    const recent = (this.#byAddress.get(address) ?? []).filter((atMs) => nowMs - atMs < MINUTE_MS);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, recent);
    for (const oldest of this.#byAddress.keys()) {
      if (this.#byAddress.size <= MOST_ADDRESSES) break;
      this.#byAddress.delete(oldest);
    }
    const first = recent[0];
    if (first !== undefined && recent.length >= this.#mostPerMinute) return first + MINUTE_MS - nowMs;
    recent.push(nowMs);
    return 0;
  }

  /** An attempt that succeeded does not count: only guesses are limited. */
  forgive(address: string): void {
    this.#byAddress.get(address)?.pop();
  }
}
