// `imsg chats`: the list of conversations.

import { isoTime } from "../read/apple-time.ts";
import { chatList } from "../read/chat-list.ts";
import { freshChats, listChats, participantsOf } from "../read/chats.ts";
import { accountFields, chatPayload } from "../read/payload.ts";
import { MessageStore } from "../read/store.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

/** Prints the chats, newest first. */
export const chats: CommandRun = (values, setting) => {
  const store = MessageStore.open(setting.dbPath, setting.release);
  const limit = values.integer("--limit") ?? 20;
  if (!values.flag("--json")) {
    for (const chat of listChats(store, limit)) {
      print(`[${chat.id}] ${chat.name} (${chat.identifier}) last=${isoTime(chat.lastMessage)}`);
    }
    return 0;
  }
  const listed =
    setting.dialect === "v1"
      ? chatList(store, freshChats(store), { limit, unreadOnly: false })
      : listChats(store, limit).map((chat) => ({
          ...chatPayload(chat, participantsOf(store, chat.id)),
          display_name: chat.name,
          ...accountFields(chat),
        }));
  for (const chat of listed) print(JSON.stringify(chat));
  return 0;
};
