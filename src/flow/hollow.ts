// Rows in which nothing is seen: a photo may not be there yet, so they are looked at again before they count as nothing.
import { setTimeout as delay } from "node:timers/promises";
import type { Entry } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import { hasContent, writtenText } from "../model/message-text.ts";
import { isBareStop, parseCommand } from "../rules/command.ts";
import type { AccountContext } from "./frame.ts";
import { withServices } from "./service.ts";

/** Rows of a chat among which one is looked for. */
const ROWS_TRIED = 50;
const CHATS_TRIED = 10;

/** True for a row that Messages may not have finished: it came live, and holds nothing. */
export function isHollow({ message, missed }: Entry): boolean {
  return !missed && !message.isFromMe && message.reaction === undefined && !hasContent(message);
}

/** True for an entry that waits: nothing is seen in it yet, or its sender wrote it behind one of which that is so. */
export function mustWait(
  entry: Entry,
  before: readonly Entry[],
  since: { nowMs: number; limitMs: number },
): boolean {
  if (since.nowMs - entry.receivedAtMs >= since.limitMs) return false;
  if (isHollow(entry)) return true;
  const text = writtenText(entry.message);
  if (parseCommand(text) !== undefined || isBareStop(text)) return false;
  return before.some(({ message }) => message.sender === entry.message.sender);
}

/** Looks at such rows again; one look at a time an account. */
export class HollowRows {
  readonly #context: AccountContext;
  readonly #onFilled: () => Promise<void>;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<Entry["id"], Entry>();
  #looking: Promise<void> | undefined;

  /** `onFilled` is called after a row was given what it holds, and when the time of one is up. */
  constructor(context: AccountContext, onFilled: () => Promise<void>) {
    this.#context = context;
    this.#onFilled = onFilled;
  }

  /** Takes rows to be looked at; those that are known already are not taken again. */
  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.#waiting.set(entry.id, this.#waiting.get(entry.id) ?? entry);
    if (this.#waiting.size === 0) return;
    this.#looking ??= this.#run().finally(() => {
      this.#looking = undefined;
    });
  }

  /** Ends the looking; what is left is decided at the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #run(): Promise<void> {
    let waitMs = this.#context.timing.hollowFirstMs;
    while (this.#waiting.size > 0) {
      const stopped = await delay(waitMs, false, { signal: this.#stop.signal, ref: false }).catch(() => true);
      if (stopped) return;
      waitMs *= 2;
      const isAnyFilled = await this.#lookAgain();
      if (this.#giveUp() || isAnyFilled) await this.#onFilled().catch((cause: unknown) => this.#warn(cause));
    }
  }

  /** One request a chat, and only so many: somebody who writes a thousand such rows makes no thousand requests. */
  async #lookAgain(): Promise<boolean> {
    const chats = new Set([...this.#waiting.values()].map(({ message }) => message.chatId));
    let isAnyFilled = false;
    for (const chatId of [...chats].slice(0, CHATS_TRIED))
      try {
        const rows = chatId > 0 ? await this.#context.messages.history(chatId, { limit: ROWS_TRIED }) : [];
        for (const row of rows) isAnyFilled = (await this.#fill(row)) || isAnyFilled;
      } catch (cause) {
        this.#warn(cause);
      }
    return isAnyFilled;
  }

  async #fill(row: InboundMessage): Promise<boolean> {
    const entry = [...this.#waiting.values()].find(({ message }) => message.guid === row.guid);
    if (entry === undefined || !hasContent(row)) return false;
    const [whole = row] = await withServices(this.#context, [row]);
    await this.#context.store.inbox.refresh(entry.id, whole);
    return this.#waiting.delete(entry.id);
  }

  /** True when the time of one is up. */
  #giveUp(): boolean {
    const { clock, timing } = this.#context;
    const over = [...this.#waiting.values()].filter(
      ({ receivedAtMs }) => clock.now() - receivedAtMs >= timing.hollowLimitMs,
    );
    for (const { id } of over) this.#waiting.delete(id);
    return over.length > 0;
  }

  #warn(cause: unknown): void {
    this.#context.log.warn("could not look at a row again", { cause: String(cause) });
  }
}
