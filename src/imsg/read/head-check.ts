// Asks the database whether the stream has told everything: liveness by asking, never by traffic.
import type { Anchor } from "../../model/journal.ts";
import type { InboundMessage } from "../../model/message.ts";
import { isUnjoined } from "../../model/message.ts";
import { anchorOf, LISTED_CHATS, type Head } from "./database.ts";
import type { Queries } from "./queries.ts";
import type { RowLedger } from "./row-ledger.ts";

/** Histories read in one check: what is left over is looked at in the next. */
const HISTORIES_A_CHECK = 5;
/** Rows asked of one chat at most: each may take 50 ms. */
const MAX_ROWS = 20;
const PAGE_ROWS = 100;
const PAGES_A_CHECK = 5;

/** What a check saw. */
export interface Seen {
  /** Rows of the database that the stream has not told, in row order. */
  readonly untold: readonly InboundMessage[];
  /** The greatest row id seen here. */
  readonly head: number;
  /** Nothing was left over for the next check. */
  readonly whole: boolean;
  /** The row by which the database is known is not there any more. */
  readonly otherDatabase: boolean;
}

/** One way of asking. */
export interface HeadCheck {
  /** The stream told this row. */
  told(row: InboundMessage): void;
  /** Contract: rejects as the requests do; `ledger` moves over gaps that proved empty. */
  look(queries: Queries, ledger: RowLedger): Promise<Seen>;
}

/**
 * v1: the rows behind the cursor, page by page. The first row asked for is one that was told before: when it is not there, the
 * database was replaced under the running child (v1 answers requests from the new file, while the stream stays with the old one).
 */
export class CursorCheck implements HeadCheck {
  #mark: Anchor | undefined;

  constructor(anchor: Anchor | undefined) {
    this.#mark = anchor;
  }

  told(row: InboundMessage): void {
    if (!isUnjoined(row) && row.rowId > (this.#mark?.rowId ?? 0)) this.#mark = anchorOf(row);
  }

  async look(queries: Queries, ledger: RowLedger): Promise<Seen> {
    const mark = this.#mark !== undefined && this.#mark.rowId <= ledger.watermark ? this.#mark : undefined;
    const untold: InboundMessage[] = [];
    let from = mark === undefined ? ledger.watermark : mark.rowId - 1;
    let whole = false;
    let otherDatabase = false;
    for (let pages = 0; pages < PAGES_A_CHECK && !whole; pages += 1) {
      const page = await queries.after(from, PAGE_ROWS);
      if (pages === 0 && mark !== undefined)
        otherDatabase = !page.messages.some((row) => row.rowId === mark.rowId && row.guid === mark.guid);
      if (otherDatabase) break;
      untold.push(...page.messages.filter((row) => !ledger.has(row.rowId)));
      if (untold.length === 0) ledger.confirm(page.nextRow);
      whole = !page.hasMore || page.nextRow <= from;
      from = Math.max(from, page.nextRow);
    }
    return { untold, head: from, whole, otherDatabase };
  }
}

/**
 * Legacy: chats whose newest activity moved, and of each as many rows as the stream told since, and one more: that one must be
 * known already, else something between was not told.
 */
export class HistoryCheck implements HeadCheck {
  readonly #activity = new Map<number, number>();
  readonly #toldSince = new Map<number, number>();

  /** What was active after the anchor may hold rows that are still to be told: those chats are looked at in any case. */
  constructor(head: Head, anchor: Anchor | undefined) {
    for (const chat of head.chats)
      if (anchor !== undefined && chat.lastMessageAtMs <= anchor.createdAtMs)
        this.#activity.set(chat.chatId, chat.lastMessageAtMs);
  }

  told(row: InboundMessage): void {
    if (row.reaction === undefined)
      this.#toldSince.set(row.chatId, (this.#toldSince.get(row.chatId) ?? 0) + 1);
  }

  async look(queries: Queries, ledger: RowLedger): Promise<Seen> {
    const newestTold = ledger.newest;
    const toldBefore = new Map(this.#toldSince);
    const chats = await queries.chats(LISTED_CHATS);
    const moved = chats.filter((chat) => this.#activity.get(chat.chatId) !== chat.lastMessageAtMs);
    const untold = new Map<number, InboundMessage>();
    let head = ledger.newest;
    for (const chat of moved.slice(0, HISTORIES_A_CHECK)) {
      const told = toldBefore.get(chat.chatId) ?? 0;
      const rows = await queries.history(chat.chatId, { limit: Math.min(told + 1, MAX_ROWS) });
      const unknown = rows.filter((row) => !ledger.has(row.rowId));
      for (const row of unknown) untold.set(row.rowId, row);
      head = Math.max(head, ...rows.map((row) => row.rowId));
      if (unknown.length > 0) continue;
      this.#activity.set(chat.chatId, chat.lastMessageAtMs);
      this.#settle(chat.chatId, told);
    }
    // Told before the list was read and no newer than the activity known: part of what was compared already.
    for (const chat of chats)
      if (!moved.includes(chat)) this.#settle(chat.chatId, toldBefore.get(chat.chatId) ?? 0);
    const whole = moved.length <= HISTORIES_A_CHECK;
    // What history shows was all told by then: the gaps below are rows that are no messages.
    if (whole && untold.size === 0) ledger.confirm(newestTold);
    const inOrder = [...untold.values()].sort((one, other) => one.rowId - other.rowId);
    return { untold: inOrder, head, whole, otherDatabase: false };
  }

  #settle(chatId: number, told: number): void {
    this.#toldSince.set(chatId, Math.max(0, (this.#toldSince.get(chatId) ?? 0) - told));
  }
}
