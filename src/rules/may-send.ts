// Whether a message may go to a target: what `allowTo` says.
import { sameChatGuid } from "../model/chat-guid.ts";
import type { KnownChat } from "../model/delivery.ts";
import { asId, type ChatGuid, type ChatId } from "../model/ids.ts";
import { entryNamesChat, type AllowEntry, type ChatEntry, type Target } from "../model/target.ts";

/**
 * True when `allowTo` lets a message go to a target, `chat` being what the journal knows of its chat. A handle entry matches a handle,
 * and the other person of a direct chat, never a group; a chat entry matches the chat by any of its names. Undefined: anywhere.
 */
export function maySend(
  allowTo: readonly AllowEntry[] | undefined,
  target: Target,
  chat: KnownChat | undefined,
): boolean {
  return allowTo === undefined || allowTo.some((entry) => covers(entry, target, chat));
}

function covers(entry: AllowEntry, target: Target, chat: KnownChat | undefined): boolean {
  if (entry.kind === "any") return true;
  if (entry.kind === "handle")
    return target.kind === "handle"
      ? entry.handle === target.handle
      : chat?.isGroup === false && entry.handle === chat.peer;
  return isSameName(entry, target) || (chat !== undefined && namesChat(entry, chat));
}

function isSameName(entry: ChatEntry, target: Target): boolean {
  if (entry.kind === "chat_id") return target.kind === entry.kind && entry.chatId === target.chatId;
  if (entry.kind === "chat_guid") return target.kind === entry.kind && sameChatGuid(entry.guid, target.guid);
  return target.kind === entry.kind && entry.identifier === target.identifier;
}

function namesChat(entry: ChatEntry, chat: KnownChat): boolean {
  return entryNamesChat(entry, {
    ...chat,
    chatId: asId<ChatId>(chat.chatId),
    chatGuid: asId<ChatGuid>(chat.chatGuid),
    chatName: "",
    participants: [],
  });
}
