// The message queries: a chat's history, the rows after a cursor, a search.

import type { SQLInputValue } from "node:sqlite";
import { toNanoseconds } from "./apple-time.ts";
import type { AppleSeconds } from "./apple-time.ts";
import type { MessageFilter } from "./filter.ts";
import { decodeMessage, messageColumns, noReactions } from "./message.ts";
import type { Message, ParentCache } from "./message.ts";
import { whole } from "./store.ts";
import type { MessageStore, Whole } from "./store.ts";

/** Which messages of a chat. */
export interface HistoryQuery {
  readonly chatId: number;
  readonly limit: number;
  readonly filter: MessageFilter;
}

/** A chat's messages, newest first, tapbacks left out. */
export function history(store: MessageStore, query: HistoryQuery): Message[] {
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
  return decodeAll(store, `${sql} ORDER BY m.date DESC LIMIT ?`, [...parameters, limit]);
}

/** Which rows after a cursor. */
export interface AfterQuery {
  /** Exclusive. */
  readonly afterRowId: Whole;
  readonly chatId: number | undefined;
  readonly includeReactions: boolean;
  readonly limit: number;
  /** A row joined to two chats comes once, under the lower chat id (imsg from 0.14), else once a chat. */
  readonly oncePerRow: boolean;
}

/** Rows after a cursor, in row order; unjoined rows come with chat 0 when no chat is asked for. */
export function messagesAfter(store: MessageStore, query: AfterQuery): Message[] {
  const chat = query.oncePerRow && query.chatId === undefined;
  let sql = chat
    ? `SELECT ${messageColumns(store, "(SELECT MIN(chat_id) FROM chat_message_join WHERE message_id = m.ROWID)")} FROM message m`
    : `SELECT ${messageColumns(store, "cmj.chat_id")} FROM message m LEFT JOIN chat_message_join cmj ON m.ROWID = cmj.message_id`;
  sql += " LEFT JOIN handle h ON m.handle_id = h.ROWID WHERE m.ROWID > ?";
  const parameters: SQLInputValue[] = [query.afterRowId];
  if (!query.includeReactions) sql += ` AND ${noReactions(store)}`;
  if (query.chatId !== undefined) {
    sql += " AND cmj.chat_id = ?";
    parameters.push(query.chatId);
  }
  return decodeAll(store, `${sql} ORDER BY m.ROWID LIMIT ?`, [...parameters, query.limit]);
}

/** What to search for. */
export interface SearchQuery {
  readonly words: string;
  /** The whole text must be the words. */
  readonly exact: boolean;
  readonly limit: number;
}

/** Messages whose text holds (or is) the words, newest first, tapbacks left out. */
export function search(store: MessageStore, { words, exact, limit }: SearchQuery): Message[] {
  const condition = exact ? "m.text = ? COLLATE NOCASE" : "m.text LIKE ? ESCAPE '\\'";
  const wanted = exact ? words : `%${words.replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`;
  const sql = `SELECT ${messageColumns(store, "cmj.chat_id")} FROM message m
    LEFT JOIN chat_message_join cmj ON m.ROWID = cmj.message_id LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE ${condition} AND ${noReactions(store)} ORDER BY m.date DESC, m.ROWID DESC LIMIT ?`;
  return decodeAll(store, sql, [wanted, limit]);
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
