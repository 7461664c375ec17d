// The list of chats as imsg from 0.14 tells it, in `chats.list` and `imsg chats --json`.

import { listChats } from "./chats.ts";
import type { ChatLookup, ListedChat } from "./chats.ts";
import { accountFields, chatPayload } from "./payload.ts";
import type { MessageStore } from "./store.ts";
import { knowsUnread, unreadCounts } from "./unread.ts";

/** Chats with what is unread in them, newest first. Without a column for it nothing is told of that. */
export function chatList(
  store: MessageStore,
  chats: ChatLookup,
  { limit, unreadOnly }: { limit: number; unreadOnly: boolean },
): Record<string, unknown>[] {
  const listed = listChats(store, unreadOnly ? Number.MAX_SAFE_INTEGER : limit);
  const ids = listed.map(({ id }) => id);
  const counts = knowsUnread(store) ? unreadCounts(store, ids) : undefined;
  const wanted = unreadOnly ? listed.filter(({ id }) => counts?.has(id)).slice(0, limit) : listed;
  return wanted.map((chat) => ({
    ...described(chat, chats),
    ...(counts === undefined ? {} : { unread_count: counts.get(chat.id) ?? 0 }),
  }));
}

function described(chat: ListedChat, chats: ChatLookup): Record<string, unknown> {
  const { guid, ...payload } = chatPayload(chat, chats.participants(chat.id));
  return {
    ...payload,
    ...(guid === "" ? {} : { guid }),
    display_name: chats.info(chat.id)?.name,
    ...accountFields(chat),
  };
}
