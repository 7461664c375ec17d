// Questions about the Messages database behind an imsg: its newest row, whether it is the one of a stored position, what is recent.
import { asId, messageGuid, type RowId } from "../../model/ids.ts";
import type { Anchor } from "../../model/journal.ts";
import type { ChatSummary, InboundMessage } from "../../model/message.ts";
import { isUnjoined } from "../../model/message.ts";
import type { Dialect } from "../child/dialect.ts";
import { chatsActiveSince } from "./list-chats.ts";
import { isAskable, type Queries } from "./queries.ts";

/** Chats looked at for the newest row: Messages orders them by date, so it is in one of the first few. */
const NEWEST_CHATS = 3;
/** Chats listed on the way to it. */
const LISTED_CHATS = 20;
const PAGE_ROWS = 500;
/** Dates of a row are compared this loosely. */
const AROUND_MS = 2_000;

/** The newest row of a database, and the chats on the way to it. */
export interface Head {
  readonly rowId: number;
  readonly anchor: Anchor | undefined;
  readonly chats: readonly ChatSummary[];
}

/**
 * Finds the newest row. With pages: exactly. Without: the newest one that history shows, which reactions and rows without a chat may have
 * passed: never too high, so that what is taken for older was truly there.
 */
export async function findHead(queries: Queries, { hasPages }: Pick<Dialect, "hasPages">): Promise<Head> {
  const chats = await queries.chats(LISTED_CHATS);
  let newest: InboundMessage | undefined;
  for (const chat of chats.slice(0, NEWEST_CHATS)) {
    const [row] = await queries.history(chat.chatId, { limit: 1 });
    if (row !== undefined && row.rowId > (newest?.rowId ?? 0)) newest = row;
  }
  let rowId: number = newest?.rowId ?? 0;
  for (let more = hasPages; more;) {
    const page = await queries.after(rowId, PAGE_ROWS);
    newest = page.messages.findLast((row) => !isUnjoined(row)) ?? newest;
    more = page.hasMore && page.nextRow > rowId;
    rowId = Math.max(rowId, page.nextRow);
  }
  return { rowId, anchor: newest && anchorOf(newest), chats };
}

/** A row as the proof of its database. */
export function anchorOf(row: InboundMessage): Anchor {
  return { rowId: row.rowId, guid: row.guid, chatId: row.chatId, createdAtMs: row.createdAtMs };
}

/** True for the anchor's row. Anchors of earlier versions have their guid as Messages writes it. */
export function isAnchor(row: InboundMessage, anchor: Anchor): boolean {
  return row.rowId === anchor.rowId && row.guid === messageGuid(anchor.guid);
}

/** True when the database has the anchor's row under the anchor's guid. History shows no reactions: without pages false for one. */
export async function holdsAnchor(
  queries: Queries,
  { hasPages }: Pick<Dialect, "hasPages">,
  anchor: Anchor,
): Promise<boolean> {
  const isIt = (row: InboundMessage): boolean => isAnchor(row, anchor);
  if (hasPages) return (await queries.after(anchor.rowId - 1, 2)).messages.some(isIt);
  if (isAskable(anchor.createdAtMs)) {
    const startMs = anchor.createdAtMs - AROUND_MS;
    const endMs = anchor.createdAtMs + AROUND_MS;
    const near = await queries.history(anchor.chatId, { limit: 50, startMs, endMs });
    if (near.some(isIt)) return true;
  }
  return (await queries.history(anchor.chatId, { limit: 50 })).some(isIt);
}

/** Every row that chats hold from a moment on, in row order. */
export async function recentRows(queries: Queries, sinceMs: number): Promise<InboundMessage[]> {
  const { chats } = await chatsActiveSince(queries, sinceMs);
  const rows: InboundMessage[] = [];
  for (const chat of chats) rows.push(...(await wholeHistory(queries, chat.chatId, sinceMs)));
  return rows.sort((one, other) => one.rowId - other.rowId);
}

async function wholeHistory(queries: Queries, chatId: number, startMs: number): Promise<InboundMessage[]> {
  for (let limit = 100; ; limit *= 4) {
    const rows = await queries.history(chatId, { limit, startMs });
    if (rows.length < limit) return rows;
  }
}

/** A position's cursor as a branded row id. */
export function rowIdOf(rowId: number): RowId {
  return asId<RowId>(rowId);
}
