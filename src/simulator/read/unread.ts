// Counts what came in and was not read.

import { decodeMessage } from "./message.ts";
import { messageColumns } from "./row-columns.ts";
import type { MessageStore, Whole } from "./store.ts";
import { isPreview, textBefore } from "./url-preview.ts";

/**
 * Unread messages by chat. imsg decodes every unread row of the chats it lists, as slow as that is where nobody reads;
 * tapbacks count, and a link with its preview counts once.
 */
export function unreadCounts(store: MessageStore, chatIds: readonly number[]): Map<number, number> {
  const unread = new Map<number, Set<Whole>>();
  const sql = `SELECT ${messageColumns(store, "cmj.chat_id")} FROM message m
    JOIN chat_message_join cmj ON m.ROWID = cmj.message_id LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE cmj.chat_id IN (SELECT value FROM json_each(?)) AND m.is_from_me = 0 AND m.is_read = 0
    ORDER BY cmj.chat_id, m.ROWID`;
  for (const row of store.all(sql, JSON.stringify(chatIds))) {
    const message = decodeMessage(store, row, new Map());
    const textMessage = isPreview(message) ? textBefore(store, message) : undefined;
    if (textMessage !== undefined && textMessage.extras?.isRead !== false) continue;
    const rows = unread.get(message.chatId) ?? new Set();
    rows.add((textMessage ?? message).rowId);
    unread.set(message.chatId, rows);
  }
  return new Map([...unread].map(([chatId, rows]) => [chatId, rows.size]));
}

/** Whether the database knows what was read. */
export function knowsUnread(store: MessageStore): boolean {
  return store.has("message", "is_read");
}
