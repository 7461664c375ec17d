// When a failed request to a model is tried again: as the server asks, else after growing waits, within the turn's time.
import { Backoff, type BackoffRange } from "../../lib/backoff.ts";
import type { ModelFault } from "./fault.ts";

/** Between tries of a server that does not say when. */
export const RETRY_RANGE: BackoffRange = { minMs: 1000, maxMs: 15_000 };

/** First try included. */
const MAX_TRIES = 5;

/** The tries of one turn. */
export class Retries {
  readonly #backoff: Backoff;
  readonly #untilMs: number;
  #tries = 1;

  /** `untilMs`: of `performance.now()`. */
  constructor(range: BackoffRange, untilMs: number) {
    this.#backoff = new Backoff(range);
    this.#untilMs = untilMs;
  }

  /** How long to wait before the next try, in ms; undefined: there is none. */
  waitAfter({ remedy, retryAfterMs }: ModelFault, nowMs: number): number | undefined {
    if (remedy !== "later" || this.#tries >= MAX_TRIES) return undefined;
    this.#tries += 1;
    const waitMs = retryAfterMs ?? this.#backoff.nextMs();
    return nowMs + waitMs < this.#untilMs ? waitMs : undefined;
  }

  /** For a reason, behind it: what was done about it; may be empty. */
  describe({ retryAfterMs }: ModelFault): string {
    const tries = this.#tries === 1 ? "" : ` (tried ${this.#tries} times)`;
    if (retryAfterMs === undefined || retryAfterMs < 1000) return tries;
    return ` (it asks to wait ${Math.ceil(retryAfterMs / 1000)} s)`;
  }
}
