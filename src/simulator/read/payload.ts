// Builds the JSON objects imsg writes: chats, messages, tapbacks.

import { isoTime } from "./apple-time.ts";
import type { AttachmentPayload } from "./attachments.ts";
import type { ChatInfo, ChatLookup, ListedChat } from "./chats.ts";
import type { Message, MessageExtras } from "./message.ts";
import type { Poll } from "./poll.ts";
import type { ReactionEvent } from "./reaction-kind.ts";
import type { Reaction } from "./reactions.ts";
import { wireNumber } from "./store.ts";

/** A message on the wire; absent fields are left out, never null. */
export interface MessagePayload {
  id: number;
  chat_id: number;
  chat_identifier: string;
  chat_guid: string;
  chat_name: string;
  participants: readonly string[];
  is_group: boolean;
  guid: string;
  sender: string;
  is_from_me: boolean;
  text: string;
  created_at: string;
  attachments: readonly AttachmentPayload[];
  reactions: readonly object[];
  destination_caller_id?: string;
  thread_originator_guid?: string;
  reply_to_guid?: string;
  reply_to_text?: string;
  reply_to_sender?: string;
  is_reaction?: boolean;
  is_reaction_add?: boolean;
  reaction_type?: string;
  reaction_emoji?: string;
  reacted_to_guid?: string;
  thread_originator_part?: string;
  balloon_bundle_id?: string;
  url_preview?: { id: number; guid: string; balloon_bundle_id: string; created_at: string };
  poll?: Poll;
  is_read?: boolean;
  date_read?: string;
}

/** Whether imsg calls a chat a group: by its guid's or identifier's form alone. */
export function isGroup(chat: Pick<ChatInfo, "identifier" | "guid"> | undefined): boolean {
  return chat !== undefined && (chat.guid.includes(";+;") || chat.identifier.includes(";+;"));
}

/** A chat of `chats.list`. */
export function chatPayload(chat: ListedChat, participants: readonly string[]): Record<string, unknown> {
  return {
    id: chat.id,
    identifier: chat.identifier,
    guid: chat.guid,
    name: chat.name,
    service: chat.service,
    last_message_at: isoTime(chat.lastMessage),
    participants,
    is_group: isGroup(chat),
  };
}

/** Which account a chat belongs to, as far as its row says. */
export function accountFields(chat: ChatInfo): Record<string, string> {
  const fields = {
    account_id: chat.accountId,
    account_login: chat.accountLogin,
    last_addressed_handle: chat.lastAddressedHandle,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ""));
}

/** What hangs on a message. */
export interface Pendants {
  readonly attachments: readonly AttachmentPayload[];
  readonly reactions: readonly Reaction[];
}

/** A message with what hangs on it. */
export function messagePayload(message: Message, chats: ChatLookup, pendants: Pendants): MessagePayload {
  const chat = chats.info(message.chatId);
  const payload: MessagePayload = {
    id: wireNumber(message.rowId),
    chat_id: message.chatId,
    chat_identifier: chat?.identifier ?? "",
    chat_guid: chat?.guid ?? "",
    chat_name: chat?.name ?? "",
    participants: chats.participants(message.chatId),
    is_group: isGroup(chat),
    guid: message.guid,
    sender: message.sender,
    is_from_me: message.isFromMe,
    text: message.text,
    created_at: isoTime(message.date),
    attachments: pendants.attachments,
    reactions: pendants.reactions.map(reactionPayload),
  };
  if (message.destinationCallerId !== "") payload.destination_caller_id = message.destinationCallerId;
  if (message.threadOriginatorGuid !== "") payload.thread_originator_guid = message.threadOriginatorGuid;
  if (message.replyToGuid !== "") payload.reply_to_guid = message.replyToGuid;
  if (message.replyTo !== undefined) {
    payload.reply_to_text = message.replyTo.text;
    payload.reply_to_sender = message.replyTo.sender;
  }
  if (message.reaction !== undefined) addReactionEvent(payload, message.reaction);
  if (message.extras !== undefined) {
    if (message.balloonBundleId !== "") payload.balloon_bundle_id = message.balloonBundleId;
    addExtras(payload, message.extras);
  }
  return payload;
}

function addExtras(payload: MessagePayload, extras: MessageExtras): void {
  const { threadOriginatorPart, preview, poll, isRead, dateRead } = extras;
  if (threadOriginatorPart !== "") payload.thread_originator_part = threadOriginatorPart;
  if (preview !== undefined) {
    payload.url_preview = {
      id: wireNumber(preview.rowId),
      guid: preview.guid,
      balloon_bundle_id: preview.balloonBundleId,
      created_at: isoTime(preview.date),
    };
  }
  if (poll !== undefined) payload.poll = poll;
  if (isRead !== undefined) payload.is_read = isRead;
  if (dateRead !== undefined) payload.date_read = isoTime(dateRead);
}

function addReactionEvent(payload: MessagePayload, event: ReactionEvent): void {
  payload.is_reaction = true;
  payload.is_reaction_add = event.isAdd;
  if (event.kind !== undefined) {
    payload.reaction_type = event.kind.type;
    payload.reaction_emoji = event.kind.emoji;
  }
  payload.reacted_to_guid = event.targetGuid;
}

function reactionPayload(reaction: Reaction): Record<string, unknown> {
  return {
    id: wireNumber(reaction.rowId),
    type: reaction.kind.type,
    emoji: reaction.kind.emoji,
    sender: reaction.sender,
    is_from_me: reaction.isFromMe,
    created_at: isoTime(reaction.date),
  };
}
