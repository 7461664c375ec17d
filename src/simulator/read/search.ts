// Searches all messages for words.

import { decodeMessage, noReactions } from "./message.ts";
import type { Message } from "./message.ts";
import { LOWEST_CHAT, messageColumns } from "./row-columns.ts";
import type { MessageStore, Row } from "./store.ts";
import { foldPreviews, previewsOf, withPreview } from "./url-preview.ts";

/** What to search for. */
export interface SearchQuery {
  readonly words: string;
  /** The whole text must be the words. */
  readonly exact: boolean;
  readonly limit: number;
}

/** Messages whose text holds (or is) the words, newest first, tapbacks left out. */
export function search(store: MessageStore, query: SearchQuery): Message[] {
  return store.release.dialect === "legacy" ? searchColumn(store, query) : searchTexts(store, query);
}

/** Up to 0.13 SQLite compares, and only what stands in the column `text`. */
function searchColumn(store: MessageStore, { words, exact, limit }: SearchQuery): Message[] {
  const condition = exact ? "m.text = ? COLLATE NOCASE" : "m.text LIKE ? ESCAPE '\\'";
  const wanted = exact ? words : `%${words.replaceAll(/[\\%_]/gu, String.raw`\$&`)}%`;
  const rows = store.all(
    `${select(store, "cmj.chat_id", JOINED)} WHERE ${condition} AND ${noReactions(store)} ${NEWEST} LIMIT ?`,
    wanted,
    limit,
  );
  return rows.map((row) => decodeMessage(store, row, new Map()));
}

/** Later every text is read, wherever it stands, letters of every alphabet are compared, and a row in two chats comes once. */
function searchTexts(store: MessageStore, { words, exact, limit }: SearchQuery): Message[] {
  const wanted = folded(words);
  const found: Message[] = [];
  const rows = store.release.readsWhole
    ? select(store, LOWEST_CHAT, "")
    : select(store, "cmj.chat_id", JOINED);
  for (const row of store.each(`${rows} WHERE ${noReactions(store)} ${NEWEST}`)) {
    const message = matching(store, row, (text) => (exact ? text === wanted : text.includes(wanted)));
    if (message === undefined) continue;
    found.push(message);
    if (found.length === limit) break;
  }
  const { messages } = foldPreviews(store, found, () => true);
  return messages.map((message) => {
    const last = previewsOf(store, message).at(-1);
    return last === undefined ? message : withPreview(message, last);
  });
}

const NEWEST = "ORDER BY m.date DESC, m.ROWID DESC";

const JOINED = "LEFT JOIN chat_message_join cmj ON m.ROWID = cmj.message_id";

function select(store: MessageStore, chatId: string, join: string): string {
  return `SELECT ${messageColumns(store, chatId)} FROM message m ${join} LEFT JOIN handle h ON m.handle_id = h.ROWID`;
}

function matching(store: MessageStore, row: Row, matches: (text: string) => boolean): Message | undefined {
  const message = decodeMessage(store, row, new Map());
  return matches(folded(message.text)) ? message : undefined;
}

function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
