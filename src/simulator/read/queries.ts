// The message queries: a chat's history, the rows after a cursor, a search.

import type { SQLInputValue } from "node:sqlite";
import { toNanoseconds } from "./apple-time.ts";
import type { AppleSeconds } from "./apple-time.ts";
import { passes } from "./filter.ts";
import type { MessageFilter } from "./filter.ts";
import { decodeMessage, noReactions } from "./message.ts";
import type { Message } from "./message.ts";
import type { ParentCache } from "./reply-parent.ts";
import { LOWEST_CHAT, messageColumns } from "./row-columns.ts";
import { whole } from "./store.ts";
import type { MessageStore, Whole } from "./store.ts";
import { foldPreviews } from "./url-preview.ts";

/** Which messages of a chat. */
export interface HistoryQuery {
  readonly chatId: number;
  readonly limit: number;
  readonly filter: MessageFilter;
}

/** A chat's messages, newest first, tapbacks left out; from 0.14 the rows of link previews too. */
export function history(store: MessageStore, query: HistoryQuery): Message[] {
  if (store.release.dialect === "legacy") return historyRows(store, query);
  // What is folded away makes room for more.
  for (let rows = query.limit; ; rows *= 2) {
    const found = historyRows(store, { ...query, limit: rows });
    const folded = foldPreviews(store, found, (text) => passes(query.filter, text));
    if (found.length < rows || (folded.messages.length >= query.limit && !folded.moved)) {
      return folded.messages.toSorted(newestFirst).slice(0, query.limit);
    }
  }
}

function newestFirst(left: Message, right: Message): number {
  return right.date - left.date || Number(right.rowId) - Number(left.rowId);
}

function historyRows(store: MessageStore, query: HistoryQuery): Message[] {
  const { chatId, limit, filter } = query;
  let sql = `SELECT ${messageColumns(store, "cmj.chat_id")} FROM message m
    JOIN chat_message_join cmj ON m.ROWID = cmj.message_id LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE cmj.chat_id = ? AND ${noReactions(store)}`;
  const parameters: SQLInputValue[] = [chatId];
  if (filter.start !== undefined) {
    sql += " AND m.date >= ?";
    parameters.push(boundOf(filter.start));
  }
  if (filter.end !== undefined) {
    sql += " AND m.date < ?";
    parameters.push(boundOf(filter.end));
  }
  if (filter.participants.length > 0) {
    const places = filter.participants.map(() => "?").join(",");
    const caller = store.has("message", "destination_caller_id") ? "m.destination_caller_id" : "NULL";
    sql += ` AND COALESCE(NULLIF(h.id, ''), ${caller}) COLLATE NOCASE IN (${places})`;
    parameters.push(...filter.participants);
  }
  const order = store.release.dialect === "legacy" ? "m.date DESC" : "m.date DESC, m.ROWID DESC";
  return decodeAll(store, `${sql} ORDER BY ${order} LIMIT ?`, [...parameters, limit]);
}

/** Which rows after a cursor. */
export interface AfterQuery {
  /** Exclusive. */
  readonly afterRowId: Whole;
  readonly chatId: number | undefined;
  readonly includeReactions: boolean;
  readonly limit: number;
}

/** What was read behind a cursor. */
export interface AfterBatch {
  /** Link previews left out: from 0.14 they are told with their texts. */
  readonly messages: Message[];
  /** Rows read, and the last of them; the cursor where there was none. */
  readonly rows: number;
  readonly lastRowId: Whole;
}

/** Rows after a cursor, in row order; unjoined rows come with chat 0 when no chat is asked for. */
export function messagesAfter(store: MessageStore, query: AfterQuery): AfterBatch {
  // A row joined to two chats comes once, under the lower chat id (from 0.15.1), else once a chat.
  const chat = store.release.readsWhole && query.chatId === undefined;
  let sql = chat
    ? `SELECT ${messageColumns(store, LOWEST_CHAT)} FROM message m`
    : `SELECT ${messageColumns(store, "cmj.chat_id")} FROM message m LEFT JOIN chat_message_join cmj ON m.ROWID = cmj.message_id`;
  sql += " LEFT JOIN handle h ON m.handle_id = h.ROWID WHERE m.ROWID > ?";
  const parameters: SQLInputValue[] = [query.afterRowId];
  if (!query.includeReactions) sql += ` AND ${noReactions(store)}`;
  if (query.chatId !== undefined) {
    sql += " AND cmj.chat_id = ?";
    parameters.push(query.chatId);
  }
  const found = decodeAll(store, `${sql} ORDER BY m.ROWID LIMIT ?`, [...parameters, query.limit]);
  const isFolded = store.release.dialect === "v1";
  return {
    messages: isFolded ? foldPreviews(store, found, "drop").messages : found,
    rows: found.length,
    lastRowId: found.at(-1)?.rowId ?? query.afterRowId,
  };
}

/** The newest row id; 0 in an empty table. */
export function maxRowId(store: MessageStore): Whole {
  return whole(store.first("SELECT MAX(ROWID) FROM message")?.[0]);
}

function decodeAll(store: MessageStore, sql: string, parameters: SQLInputValue[]): Message[] {
  const parents: ParentCache = new Map();
  return store.all(sql, ...parameters).map((row) => decodeMessage(store, row, parents));
}

/** What lies beyond 64 bits lies beyond every row. */
function boundOf(seconds: AppleSeconds): bigint {
  return toNanoseconds(seconds) ?? (seconds < 0 ? -(2n ** 63n) : 2n ** 63n - 1n);
}
