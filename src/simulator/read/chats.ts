// Reads chats: the list, one chat's names, its participants.

import { dateOf } from "./apple-time.ts";
import type { AppleSeconds } from "./apple-time.ts";
import { text } from "./store.ts";
import type { MessageStore } from "./store.ts";

/** A chat as its row names it. */
export interface ChatInfo {
  readonly id: number;
  readonly identifier: string;
  readonly guid: string;
  /** The display name; the identifier where that is NULL. */
  readonly name: string;
  readonly service: string;
  readonly accountId: string;
  readonly accountLogin: string;
  readonly lastAddressedHandle: string;
}

/** A chat with the time of its newest message. */
export interface ListedChat extends ChatInfo {
  readonly lastMessage: AppleSeconds;
}

const PARTICIPANTS = `SELECT DISTINCT h.id FROM chat_handle_join chj JOIN handle h ON h.ROWID = chj.handle_id
  WHERE chj.chat_id = ? AND h.id <> '' ORDER BY h.id`;

/**
 * Chats that hold a message, newest first. The newest date comes from the join table alone, where that has dates: the
 * list answers while the table `message` is locked or gone.
 */
export function listChats(store: MessageStore, limit: number): ListedChat[] {
  const { dialect, namesUnnamed } = store.release;
  const hasDates = store.has("chat_message_join", "message_date");
  const newest = hasDates ? "cmj.message_date" : "m.date";
  const messages = hasDates ? "" : " JOIN message m ON m.ROWID = cmj.message_id";
  const sql = `SELECT ${columns(store)}, MAX(${newest}) AS last_date
    FROM chat c JOIN chat_message_join cmj ON c.ROWID = cmj.chat_id${messages}
    GROUP BY c.ROWID ORDER BY last_date DESC${dialect === "v1" ? ", c.ROWID DESC" : ""} LIMIT ?`;
  return store.all(sql, limit).map((row) => {
    const chat = decodeChat(row);
    const name = namesUnnamed && chat.name === "" ? chat.identifier : chat.name;
    return { ...chat, name, lastMessage: dateOf(row[8]) };
  });
}

/** One chat; undefined when there is none of that id. */
export function chatInfo(store: MessageStore, chatId: number): ChatInfo | undefined {
  const row = store.first(`SELECT ${columns(store)} FROM chat c WHERE c.ROWID = ? LIMIT 1`, chatId);
  return row === undefined ? undefined : decodeChat(row);
}

/** The handles of a chat's other members, sorted. */
export function participantsOf(store: MessageStore, chatId: number): string[] {
  return store.all(PARTICIPANTS, chatId).map(([handle]) => text(handle));
}

function columns(store: MessageStore): string {
  const optional = (name: string): string => (store.has("chat", name) ? `c.${name}` : "NULL");
  return `c.ROWID, c.chat_identifier, c.guid, IFNULL(c.display_name, c.chat_identifier), c.service_name,
    ${optional("account_id")}, ${optional("account_login")}, ${optional("last_addressed_handle")}`;
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
