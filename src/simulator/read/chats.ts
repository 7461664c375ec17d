// Reads chats: the list, one chat's names, its participants.

import { NO_REACTIONS, dateOf } from "./message.ts";
import { integer, text } from "./store.ts";
import type { MessageStore } from "./store.ts";

/** A chat as its row names it. */
export interface ChatInfo {
  readonly id: number;
  readonly identifier: string;
  readonly guid: string;
  /** The display name; the identifier where that is NULL. */
  readonly name: string;
  readonly displayName: string;
  readonly service: string;
  readonly accountId: string;
  readonly accountLogin: string;
  readonly lastAddressedHandle: string;
}

/** A chat with the time of its newest message, in milliseconds since 1970. */
export interface ListedChat extends ChatInfo {
  readonly lastMessageMs: number;
}

const COLUMNS = `c.ROWID, c.chat_identifier, c.guid, IFNULL(c.display_name, c.chat_identifier), c.service_name,
  c.account_id, c.account_login, c.last_addressed_handle, c.display_name`;

// The newest date comes from the join table alone: the list must answer while the table `message` is locked or gone.
const LIST = `SELECT ${COLUMNS},
  (SELECT MAX(message_date) / 1000000 FROM chat_message_join WHERE chat_id = c.ROWID) AS last_date
  FROM chat c WHERE last_date IS NOT NULL ORDER BY last_date DESC, c.ROWID LIMIT ?`;
const ONE = `SELECT ${COLUMNS} FROM chat c WHERE c.ROWID = ?`;
const PARTICIPANTS = `SELECT DISTINCT h.id FROM chat_handle_join chj JOIN handle h ON h.ROWID = chj.handle_id
  WHERE chj.chat_id = ? AND h.id <> '' ORDER BY h.id`;

const UNREAD = `SELECT COUNT(*) FROM chat_message_join cmj JOIN message m ON m.ROWID = cmj.message_id
  WHERE cmj.chat_id = ? AND m.is_from_me = 0 AND m.is_read = 0 AND m.item_type = 0 AND ${NO_REACTIONS}`;

/** How many messages came in and were not read. */
export function unreadCount(store: MessageStore, chatId: number): number {
  return integer(store.first(UNREAD, chatId)?.[0]);
}

/** Chats that hold a message, newest first. */
export function listChats(store: MessageStore, limit: number): ListedChat[] {
  return store.all(LIST, limit).map((row) => ({ ...decodeChat(row), lastMessageMs: dateOf(row[9]) }));
}

/** One chat; undefined when there is none of that id. */
export function chatInfo(store: MessageStore, chatId: number): ChatInfo | undefined {
  const row = store.first(ONE, chatId);
  return row === undefined ? undefined : decodeChat(row);
}

/** The handles of a chat's other members, sorted. */
export function participantsOf(store: MessageStore, chatId: number): string[] {
  return store.all(PARTICIPANTS, chatId).map(([handle]) => text(handle));
}

function decodeChat(row: ReturnType<MessageStore["all"]>[number]): ChatInfo {
  return {
    id: Number(row[0]),
    identifier: text(row[1]),
    guid: text(row[2]),
    name: text(row[3]),
    service: text(row[4]),
    accountId: text(row[5]),
    accountLogin: text(row[6]),
    lastAddressedHandle: text(row[7]),
    displayName: text(row[8]),
  };
}

/** Looks chats up for the payloads of many messages. */
export interface ChatLookup {
  info(chatId: number): ChatInfo | undefined;
  participants(chatId: number): readonly string[];
}

/** Reads each time: imsg from 0.14. */
export function freshChats(store: MessageStore): ChatLookup {
  return {
    info: (chatId) => chatInfo(store, chatId),
    participants: (chatId) => participantsOf(store, chatId),
  };
}

/** Keeps what it read for good, as imsg did before 0.14: a rename or a new member is never seen. */
export function rememberedChats(store: MessageStore): ChatLookup {
  const infos = new Map<number, ChatInfo>();
  const members = new Map<number, readonly string[]>();
  return {
    info(chatId) {
      const known = infos.get(chatId) ?? chatInfo(store, chatId);
      if (known !== undefined) infos.set(chatId, known);
      return known;
    },
    participants(chatId) {
      const known = members.get(chatId) ?? participantsOf(store, chatId);
      members.set(chatId, known);
      return known;
    },
  };
}
