// Asks the database whether the stream has told everything: liveness by asking, never by traffic.
import type { Anchor } from "../../model/journal.ts";
import { isUnjoined, type ChatSummary, type InboundMessage } from "../../model/message.ts";
import type { Clock } from "../../model/ports.ts";
import { anchorOf, isAnchor, type Head } from "./database.ts";
import { listChats } from "./list-chats.ts";
import { isAskable, type Queries } from "./queries.ts";
import type { RowLedger } from "./row-ledger.ts";

/** Histories read in one check: what is left over is looked at in the next. */
const HISTORIES_A_CHECK = 5;
/** Rows asked of one chat at once: each may take 50 ms. */
const MAX_ROWS = 100;
/** Rows that may share one moment. */
const MOST_ROWS = 50_000;
/** A message may arrive so long after others that were written after it. */
const LATE_MS = 60 * 60_000;
const PAGE_ROWS = 100;
const PAGES_A_CHECK = 5;

/** What a check saw. */
export interface Seen {
  /** Rows of the database that the stream has not told, in row order. */
  readonly untold: readonly InboundMessage[];
  /** `untold` has every such row from the cursor on, up to its last one. */
  readonly isComplete: boolean;
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
        otherDatabase = !page.messages.some((row) => isAnchor(row, mark));
      if (otherDatabase) break;
      untold.push(...page.messages.filter((row) => !ledger.has(row.rowId)));
      if (untold.length === 0) ledger.confirm(page.nextRow);
      whole = !page.hasMore || page.nextRow <= from;
      from = Math.max(from, page.nextRow);
    }
    return { untold, isComplete: true, head: from, whole, otherDatabase };
  }
}

/**
 * Legacy: chats whose newest activity moved, and of each every row behind the cursor that the stream told, and one more: that one must
 * be known already, else something between was not told.
 *
 * Chats are listed down to an hour before what was compared last, however many that are: a list of fixed length would hide chats that
 * are active too, and a gap would pass for empty.
 */
export class HistoryCheck implements HeadCheck {
  readonly #clock: Clock;
  readonly #beganMs: number;
  readonly #activity = new Map<number, number>();
  /** Rows told of each chat; those at or below the cursor are forgotten with the next look. */
  readonly #told = new Map<number, number[]>();
  /** What was active before this moment was compared, or was there before the account began. */
  #comparedMs: number;

  /** What was active after the anchor may hold rows that are still to be told: those chats are looked at in any case. */
  constructor(head: Head, anchor: Anchor | undefined, clock: Clock) {
    this.#clock = clock;
    for (const chat of head.chats)
      if (anchor !== undefined && chat.lastMessageAtMs <= anchor.createdAtMs)
        this.#activity.set(chat.chatId, chat.lastMessageAtMs);
    const oldestMs = head.chats.at(-1)?.lastMessageAtMs ?? 0;
    this.#beganMs = anchor?.createdAtMs ?? oldestMs;
    this.#comparedMs = Math.min(this.#beganMs, clock.now());
  }

  told(row: InboundMessage): void {
    if (row.reaction !== undefined) return;
    const rows = this.#told.get(row.chatId);
    if (rows) rows.push(row.rowId);
    else this.#told.set(row.chatId, [row.rowId]);
  }

  async look(queries: Queries, ledger: RowLedger): Promise<Seen> {
    const newestTold = ledger.newest;
    this.#forget(ledger.watermark);
    const toldBefore = new Map([...this.#told].map(([chatId, rows]) => [chatId, rows.length]));
    const sinceMs = this.#comparedMs - LATE_MS;
    const reaches = (listed: readonly ChatSummary[]): boolean =>
      (listed.at(-1)?.lastMessageAtMs ?? 0) < sinceMs;
    const { chats, isWhole } = await listChats(queries, reaches);
    const moved = chats.filter((chat) => this.#hasMoved(chat));
    const untold = new Map<number, InboundMessage>();
    let head = ledger.newest;
    for (const chat of moved.slice(0, HISTORIES_A_CHECK)) {
      const rows = await newestRows(queries, chat.chatId, (toldBefore.get(chat.chatId) ?? 0) + 1);
      const unknown = rows.filter((row) => !ledger.has(row.rowId));
      for (const row of unknown) untold.set(row.rowId, row);
      head = Math.max(head, ...rows.map((row) => row.rowId));
      if (unknown.length === 0) this.#activity.set(chat.chatId, chat.lastMessageAtMs);
    }
    const whole = (isWhole || reaches(chats)) && moved.length <= HISTORIES_A_CHECK;
    if (whole && untold.size === 0) {
      // What history shows was all told by then: the gaps below are rows that are no messages.
      ledger.confirm(newestTold);
      // A message dated in the future hides no others.
      const newestMs = Math.min(chats[0]?.lastMessageAtMs ?? 0, this.#clock.now());
      this.#comparedMs = Math.max(this.#comparedMs, newestMs);
    }
    const inOrder = [...untold.values()].sort((one, other) => one.rowId - other.rowId);
    return { untold: inOrder, isComplete: false, head, whole, otherDatabase: false };
  }

  /** A chat that is listed for the first time, and older than the beginning, was there before: what moves in it from now on counts. */
  #hasMoved({ chatId, lastMessageAtMs }: ChatSummary): boolean {
    const known = this.#activity.get(chatId);
    if (known !== undefined || lastMessageAtMs > this.#beganMs) return known !== lastMessageAtMs;
    this.#activity.set(chatId, lastMessageAtMs);
    return false;
  }

  #forget(watermark: number): void {
    for (const [chatId, rows] of this.#told) {
      const left = rows.filter((rowId) => rowId > watermark);
      if (left.length === 0) this.#told.delete(chatId);
      else this.#told.set(chatId, left);
    }
  }
}

/** The newest rows of a chat, however many: read in pieces, as each row may take legacy 50 ms and nothing else is answered meanwhile. */
async function newestRows(queries: Queries, chatId: number, count: number): Promise<InboundMessage[]> {
  const rows = new Map<number, InboundMessage>();
  let endMs: number | undefined;
  for (let limit = Math.min(count, MAX_ROWS); ;) {
    const piece = await queries.history(chatId, { limit, ...(endMs !== undefined && { endMs }) });
    const before = rows.size;
    for (const row of piece) rows.set(row.rowId, row);
    if (rows.size >= count || piece.length < limit) return [...rows.values()];
    // Rows of the last moment come again; where it holds a whole piece, a longer one gets past it.
    const oldestMs = Math.min(...piece.map(({ createdAtMs }) => createdAtMs));
    if (rows.size === before || !isAskable(oldestMs)) limit *= 4;
    else limit = MAX_ROWS;
    endMs = isAskable(oldestMs) ? oldestMs + 1 : undefined;
    if (limit > MOST_ROWS) return [...rows.values()];
  }
}
