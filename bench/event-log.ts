// The stand-in's event log as it grows.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 15;

/** A line of the log. */
export interface SimEvent {
  /** Epoch ms with fraction. */
  readonly at: number;
  readonly pid: number;
  readonly event: string;
  readonly method?: string;
  readonly params?: { readonly text?: string };
  readonly rowid?: number;
  readonly text?: string;
}

/** Reads a log on from where it was read last. */
export class EventLog {
  readonly #descriptor: number;
  readonly #events: SimEvent[] = [];
  #offset = 0;
  #rest = Buffer.alloc(0);

  constructor(path: string) {
    this.#descriptor = openSync(path, "a+");
  }

  /** Everything so far. */
  read(): readonly SimEvent[] {
    const size = fstatSync(this.#descriptor).size;
    if (size === this.#offset) return this.#events;
    const chunk = Buffer.alloc(size - this.#offset);
    this.#offset += readSync(this.#descriptor, chunk, 0, chunk.length, this.#offset);
    const text = Buffer.concat([this.#rest, chunk]);
    const end = text.lastIndexOf(10) + 1;
    this.#rest = text.subarray(end);
    for (const line of text.toString("utf8", 0, end).split("\n"))
      if (line !== "") this.#events.push(JSON.parse(line) as SimEvent);
    return this.#events;
  }

  /** How many events there are: what comes later begins there. */
  mark(): number {
    return this.read().length;
  }

  /** The first event from a mark on that fits, waiting for it. Contract: rejects after `timeoutMs`. */
  async find(
    what: string,
    fits: (event: SimEvent) => boolean,
    { from = 0, timeoutMs = 60_000 } = {},
  ): Promise<SimEvent> {
    return until(what, () => this.read().slice(from).find(fits), timeoutMs);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Waits until `probe` gives something. Contract: rejects after `timeoutMs`. */
export async function until<T>(what: string, probe: () => T | undefined, timeoutMs = 60_000): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const found = probe();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await delay(POLL_MS);
  }
}

/** The request that begins a watch. */
export function isSubscription(event: SimEvent): boolean {
  return event.event === "request" && event.method === "watch.subscribe";
}

/** A row on its way to the gateway. */
export function isNotified(event: SimEvent): boolean {
  return event.event === "notified";
}
