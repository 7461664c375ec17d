// Rows that came before their chat: asked for again until Messages has joined them to one, then decided like any other.
import { setTimeout as delay } from "node:timers/promises";
import type { Entry } from "../model/journal.ts";
import type { AccountContext } from "./frame.ts";

const LONGEST_WAIT_MS = 15_000;

/** Finds the chats of rows that have none; one search at a time an account. */
export class UnjoinedRows {
  readonly #context: AccountContext;
  readonly #onJoined: () => Promise<void>;
  readonly #stop = new AbortController();
  #waiting: Entry[] = [];
  #search: Promise<void> | undefined;

  /** `onJoined` is called after a row was given its chat. */
  constructor(context: AccountContext, onJoined: () => Promise<void>) {
    this.#context = context;
    this.#onJoined = onJoined;
  }

  /** Takes rows to be looked for. */
  add(entries: readonly Entry[]): void {
    this.#waiting.push(...entries);
    this.#search ??= this.#run().finally(() => {
      this.#search = undefined;
    });
  }

  /** Ends the search; what is not found yet is picked up at the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#search;
  }

  async #run(): Promise<void> {
    let waitMs = this.#context.timing.unjoinedFirstMs;
    while (this.#waiting.length > 0) {
      const stopped = await delay(waitMs, false, { signal: this.#stop.signal, ref: false }).catch(() => true);
      if (stopped) return;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      await this.#tryAll().catch((cause: unknown) => {
        this.#context.log.warn("could not look for the chat of a row", { cause: String(cause) });
      });
    }
  }

  async #tryAll(): Promise<void> {
    const { messages, store, clock, timing } = this.#context;
    const tried = [...this.#waiting];
    const joined = await messages.joined(tried.map(({ message }) => message));
    for (const entry of tried) {
      const row = joined.find(({ guid }) => guid === entry.message.guid);
      const isOver = clock.now() - entry.receivedAtMs > timing.unjoinedLimitMs;
      if (row) await store.inbox.join(entry.id, row);
      else if (isOver) await store.inbox.expire(entry.id);
      if (!row && !isOver) continue;
      this.#waiting = this.#waiting.filter(({ id }) => id !== entry.id);
      if (row) await this.#onJoined();
    }
  }
}
