// Verbs of the store that must not be given up: what they record has happened, and nobody else would record it later.
import { setTimeout as delay } from "node:timers/promises";
import { Backoff } from "../lib/backoff.ts";
import type { Log } from "../lib/log.ts";

/** Who gives up, and who is told. */
export interface Insistence {
  /** Aborted when the flow closes: then the next failure is the last. */
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Runs a verb again and again while it fails: a full disk or a locked state database passes, and until then the work waits.
 *
 * Contract: rejects as the verb does, and only once `signal` is aborted.
 */
export async function insist<T>(verb: () => Promise<T>, { signal, log }: Insistence): Promise<T> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await verb();
    } catch (cause) {
      if (signal.aborted) throw cause;
      log.error("the state database did not take it; it is tried again", { cause: String(cause) });
      await delay(backoff.nextMs(), undefined, { signal }).catch(() => {});
    }
  }
}
