// `imsg chats`: the list of conversations.

import { listChats, participantsOf } from "../read/chats.ts";
import { isoTime } from "../read/apple-time.ts";
import { accountFields, chatPayload } from "../read/payload.ts";
import { MessageStore } from "../read/store.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

/** Prints the chats, newest first. */
export const chats: CommandRun = (values, setting) => {
  const store = MessageStore.open(setting.dbPath, setting.release);
  for (const chat of listChats(store, values.integer("--limit") ?? 20)) {
    if (values.flag("--json")) {
      const payload = chatPayload(chat, participantsOf(store, chat.id));
      print(JSON.stringify({ ...payload, display_name: chat.name, ...accountFields(chat) }));
    } else {
      print(`[${chat.id}] ${chat.name} (${chat.identifier}) last=${isoTime(chat.lastMessage)}`);
    }
  }
  return 0;
};
