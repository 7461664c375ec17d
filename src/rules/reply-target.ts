// Where a reply goes: back to the chat the message came from, by the surest name there is.
import type { Handle } from "../model/handle.ts";
import type { ChatRef } from "../model/message.ts";
import type { Target } from "../model/target.ts";

/**
 * The target of a reply to a direct message: `chat_id` (checked against its guid when sent), else guid, else identifier, else the
 * sender's handle.
 */
export function composeTarget(chat: ChatRef, handle: Handle): Target {
  if (chat.chatId > 0) return { kind: "chat_id", chatId: chat.chatId };
  if (chat.chatGuid !== "") return { kind: "chat_guid", guid: chat.chatGuid };
  if (chat.chatIdentifier !== "") return { kind: "chat_identifier", identifier: chat.chatIdentifier };
  return { kind: "handle", handle, service: "auto" };
}

/** As `composeTarget`, but undefined for a group of which no name is known: its answer must not go to one of its people alone. */
export function composeReplyTarget(chat: ChatRef, handle: Handle): Target | undefined {
  const target = composeTarget(chat, handle);
  return chat.isGroup && target.kind === "handle" ? undefined : target;
}
