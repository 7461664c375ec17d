// Counts messages by chat, sender, service and day.

import { isoTime } from "./apple-time.ts";
import { decodeMessage, noReactions } from "./message.ts";
import type { Message } from "./message.ts";
import { messageColumns } from "./row-columns.ts";
import { integer, text } from "./store.ts";
import type { MessageStore, Row } from "./store.ts";
import { isPreview, textBefore } from "./url-preview.ts";

/** What to count. */
export interface StatsQuery {
  readonly chatId: number | undefined;
  readonly timeZone: string;
  readonly includeMedia: boolean;
}

type Counts = Map<string, number>;

/** The numbers as imsg tells them: a message in two chats counts once, and so does a link with its preview. */
export function messageStats(store: MessageStore, { chatId, timeZone, includeMedia }: StatsQuery): object {
  const byChat: Counts = new Map();
  const [senders, services, days]: [Counts, Counts, Counts] = [new Map(), new Map(), new Map()];
  const day = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
  const seen = new Set<unknown>();
  let sent = 0;
  for (const [message, service] of messagesIn(store, chatId)) {
    if (isPreview(message) && textBefore(store, message) !== undefined) continue;
    count(byChat, String(message.chatId));
    if (seen.has(message.rowId)) continue;
    seen.add(message.rowId);
    if (message.isFromMe) sent += 1;
    else count(senders, message.sender.trim() || "unknown");
    count(services, service.trim() || "unknown");
    count(days, day.format(new Date(isoTime(message.date))));
  }
  return {
    total_messages: seen.size,
    sent_messages: sent,
    received_messages: seen.size - sent,
    time_zone: timeZone,
    chats: mostFirst(byChat).map(([id, messages]) => ({
      ...chatNames(store, Number(id)),
      message_count: messages,
    })),
    senders: mostFirst(senders).map(([handle, messages]) => ({ handle, message_count: messages })),
    services: mostFirst(services).map(([service, messages]) => ({ service, message_count: messages })),
    dates: [...days]
      .toSorted(([left], [right]) => left.localeCompare(right))
      .map(([date, messages]) => ({ date, message_count: messages })),
    ...(includeMedia ? { media: mediaStats(store, chatId) } : {}),
  };
}

function messagesIn(store: MessageStore, chatId: number | undefined): [Message, string][] {
  const sql = `SELECT ${messageColumns(store, "cmj.chat_id")}, m.service FROM message m
    JOIN chat_message_join cmj ON m.ROWID = cmj.message_id LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE ${noReactions(store)}${chatId === undefined ? "" : " AND cmj.chat_id = ?"} ORDER BY m.ROWID, cmj.chat_id`;
  const rows = store.all(sql, ...(chatId === undefined ? [] : [chatId]));
  return rows.map((row) => [decodeMessage(store, row, new Map()), text(row.at(-1))]);
}

function chatNames(store: MessageStore, id: number): Record<string, unknown> {
  const row = store.first(
    "SELECT chat_identifier, IFNULL(NULLIF(display_name, ''), chat_identifier), service_name FROM chat WHERE ROWID = ?",
    id,
  );
  const [identifier, name, service] = [text(row?.[0]), text(row?.[1]), text(row?.[2])];
  return { chat_id: id, identifier, name: name || "unknown", service: service || "unknown" };
}

function mediaStats(store: MessageStore, chatId: number | undefined): object {
  const only = chatId === undefined ? "" : "WHERE cmj.chat_id = ?";
  const parameters = chatId === undefined ? [] : [chatId];
  const from = `FROM attachment a JOIN message_attachment_join maj ON maj.attachment_id = a.ROWID
    JOIN chat_message_join cmj ON cmj.message_id = maj.message_id ${only}`;
  const distinct = (columns: string): Row[] =>
    store.all(`SELECT DISTINCT a.ROWID, a.total_bytes, ${columns} ${from}`, ...parameters);
  const all = distinct("a.uti, a.mime_type");
  const types = grouped(all, (row) => JSON.stringify([text(row[2]) || "unknown", text(row[3]) || "unknown"]));
  const chats = grouped(distinct("cmj.chat_id"), (row) => String(row[2]));
  return {
    total_attachments: all.length,
    total_bytes: bytes(all),
    types: types.map(([key, rows]) => {
      const [uti, mimeType] = JSON.parse(key) as [string, string];
      return { uti, mime_type: mimeType, attachment_count: rows.length, total_bytes: bytes(rows) };
    }),
    chats: chats.map(([id, rows]) => {
      const { identifier, name } = chatNames(store, Number(id));
      const numbers = { attachment_count: rows.length, total_bytes: bytes(rows) };
      return { chat_id: Number(id), identifier, name, ...numbers };
    }),
  };
}

function grouped(rows: readonly Row[], keyOf: (row: Row) => string): [string, Row[]][] {
  const groups = Object.entries(Object.groupBy(rows, keyOf)).map(([key, group]): [string, Row[]] => [
    key,
    group ?? [],
  ]);
  return groups.toSorted(([, left], [, right]) => right.length - left.length || bytes(right) - bytes(left));
}

function bytes(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + Math.max(integer(row[1]), 0), 0);
}

function count(counts: Counts, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function mostFirst(counts: Counts): [string, number][] {
  return [...counts].toSorted(
    ([left, many], [right, more]) => more - many || left.localeCompare(right, "en", { numeric: true }),
  );
}
