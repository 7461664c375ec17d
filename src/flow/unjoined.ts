// Rows that came before their chat: looked for in the newest chats until found, then decided like any other.
import { setTimeout as delay } from "node:timers/promises";
import type { Entry } from "../model/journal.ts";
import type { ChatSummary, InboundMessage } from "../model/message.ts";
import type { AccountContext } from "./frame.ts";
import { withServices } from "./service.ts";

const CHATS_TRIED = 10;
const ROWS_TRIED = 50;
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
    const chats = await this.#context.messages.chats(CHATS_TRIED);
    for (const entry of this.#waiting) {
      const found = await this.#find(entry, chats);
      if (found) {
        const [joined = found] = await withServices(this.#context, [found]);
        await this.#context.store.inbox.join(entry.id, joined);
        this.#drop(entry);
        await this.#onJoined();
      } else if (this.#context.clock.now() - entry.receivedAtMs > this.#context.timing.unjoinedLimitMs) {
        await this.#context.store.inbox.expire(entry.id);
        this.#drop(entry);
      }
    }
  }

  async #find(entry: Entry, chats: readonly ChatSummary[]): Promise<InboundMessage | undefined> {
    const likeliestFirst = [...chats].sort((one, other) => rank(entry, other) - rank(entry, one));
    for (const chat of likeliestFirst) {
      const rows = await this.#context.messages.history(chat.chatId, { limit: ROWS_TRIED });
      const row = rows.find((candidate) => candidate.guid === entry.message.guid);
      if (row) return row;
    }
    return undefined;
  }

  #drop(entry: Entry): void {
    this.#waiting = this.#waiting.filter((other) => other.id !== entry.id);
  }
}

function rank(entry: Entry, chat: ChatSummary): number {
  return chat.chatIdentifier === entry.message.sender ? 1 : 0;
}
