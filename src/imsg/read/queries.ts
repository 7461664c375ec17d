// The reading requests of imsg, with documented parameters only and their results read.
import type { AccountId } from "../../model/ids.ts";
import type { ChatSummary, InboundMessage } from "../../model/message.ts";
import type { Link } from "../child/link.ts";
import { ImsgRefusal } from "../child/refusal.ts";
import {
  countOf,
  parseChats,
  parseMessages,
  parsePage,
  payloadError,
  type MessagePage,
  type OnBroken,
} from "./wire.ts";

/** Dates outside 1709 to 2293 kill legacy imsg; nothing of Messages lies outside these. */
const EARLIEST_MS = Date.UTC(1980, 0);
const LATEST_MS = Date.UTC(2200, 0);

/** Legacy takes about 50 ms a message in a large database. */
const SLOWEST_ROW_MS = 100;
/** v1 reads all unread rows of a chat that it lists. */
const SLOWEST_CHAT_MS = 20;
const MOST_LIST_MS = 5 * 60_000;

/** Which part of a chat is read. */
export interface HistoryRange {
  readonly limit: number;
  readonly startMs?: number;
  readonly endMs?: number;
}

/** Who asks, and for how long. */
export interface QueryOptions {
  readonly accountId: AccountId;
  readonly timeoutMs: number;
  readonly onBroken: OnBroken;
}

/** Contract: each method rejects with a `GatewayError`. */
export class Queries {
  readonly #link: Link;
  readonly #options: QueryOptions;

  constructor(link: Link, options: QueryOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** The same questions with another time-out. */
  within(timeoutMs: number): Queries {
    return new Queries(this.#link, { ...this.#options, timeoutMs });
  }

  /** Newest activity first. */
  async chats(limit: number): Promise<ChatSummary[]> {
    return (await this.chatPage(limit)).chats;
  }

  /** The same, and whether there may be more. */
  async chatPage(limit: number): Promise<{ readonly chats: ChatSummary[]; readonly mayBeMore: boolean }> {
    const timeoutMs = this.#options.timeoutMs + Math.min(limit * SLOWEST_CHAT_MS, MOST_LIST_MS);
    const result = await this.#link.call("chats.list", { limit }, timeoutMs);
    return {
      chats: parseChats(result, this.#options.onBroken),
      // Those that cannot be read count: a list is whole only when imsg had no more to give.
      mayBeMore: countOf(result, "chats") >= limit,
    };
  }

  /** Newest first by date; reactions are not part of it. */
  async history(chatId: number, range: HistoryRange): Promise<InboundMessage[]> {
    const params = {
      chat_id: chatId,
      limit: range.limit,
      attachments: true,
      ...dated("start", range.startMs),
      ...dated("end", range.endMs),
    };
    const timeoutMs = this.#options.timeoutMs + range.limit * SLOWEST_ROW_MS;
    const result = await this.#link.call("messages.history", params, timeoutMs);
    return parseMessages(result, this.#options.accountId, this.#options.onBroken);
  }

  /** v1: rows after one, in row order, over all chats. */
  async after(sinceRow: number, limit: number): Promise<MessagePage> {
    const result = await this.#ask("messages.after", {
      since_rowid: Math.max(0, sinceRow),
      limit,
      attachments: true,
      include_reactions: true,
    });
    return parsePage(result, this.#options.accountId, this.#options.onBroken);
  }

  /** Watches from behind a row on, with so many ms from a change to the look at it; the answer names the subscription. */
  async subscribe(
    sinceRow: number,
    { debounceMs, bufferLimit }: { readonly debounceMs: number; readonly bufferLimit: number | undefined },
  ): Promise<number> {
    const result = await this.#ask("watch.subscribe", {
      // 0 would mean "from now": what arrived since the row before the first would be lost.
      since_rowid: sinceRow === 0 ? -1 : sinceRow,
      attachments: true,
      include_reactions: true,
      debounce_ms: debounceMs,
      ...(bufferLimit !== undefined && { buffer_limit: bufferLimit }),
    });
    const subscription = (result as { subscription?: unknown } | null)?.subscription;
    if (typeof subscription !== "number") throw payloadError("a subscription without a number", result);
    return subscription;
  }

  /** Ends a subscription. One that imsg does not know (any more) has ended. */
  async unsubscribe(subscription: number): Promise<void> {
    try {
      await this.#ask("watch.unsubscribe", { subscription });
    } catch (error) {
      if (!(error instanceof ImsgRefusal)) throw error;
    }
  }

  #ask(method: string, params: Record<string, unknown>): Promise<unknown> {
    return this.#link.call(method, params, this.#options.timeoutMs);
  }
}

/** True for a moment that may be asked about. */
export function isAskable(ms: number): boolean {
  return ms >= EARLIEST_MS && ms <= LATEST_MS;
}

function dated(key: "start" | "end", ms: number | undefined): Record<string, string> {
  return ms === undefined || !isAskable(ms) ? {} : { [key]: new Date(ms).toISOString() };
}
