// Writes one message into a chat: its files and its join; in the chat with oneself the pair of rows Messages writes.

import type { SQLInputValue } from "node:sqlite";
import { OBJECT_REPLACEMENT, attach } from "./write-attachments.ts";
import type { StoredFile } from "./write-attachments.ts";
import { isSelfChat } from "./write-chats.ts";
import type { Chat } from "./write-chats.ts";
import type { MessageWriter, WrittenMessage } from "./write.ts";

/** What is written into a chat. */
export interface ChatMessage {
  readonly text: string;
  readonly isFromMe: boolean;
  /** Who wrote it, in a group or when it is not our own. */
  readonly from: string | undefined;
  readonly files: readonly StoredFile[];
  /** Guid of the message that is replied to inline. */
  readonly replyTo: string | undefined;
  readonly guid: string | undefined;
  readonly date: bigint | undefined;
  readonly bodyOnly: boolean;
  /** Further columns. */
  readonly columns?: Readonly<Record<string, SQLInputValue>>;
}

/**
 * Writes the rows: one, or in the chat with oneself two (ours, then its copy that is not from us, with a guid of its own).
 * They are in no chat until they are joined. Contract: call it inside a transaction.
 */
export function writeText(writer: MessageWriter, chat: Chat, message: ChatMessage): WrittenMessage[] {
  if (!isSelfChat(writer, chat)) return [writeRow(writer, chat, message)];
  const own = writeRow(writer, chat, { ...message, isFromMe: true });
  const date = own.date + 1_000_000n; // a millisecond on: histories are sorted by date
  const copy = writeRow(writer, chat, { ...message, isFromMe: false, guid: undefined, date });
  return [own, copy];
}

function writeRow(writer: MessageWriter, chat: Chat, message: ChatMessage): WrittenMessage {
  const { files, isFromMe, replyTo, columns } = message;
  const text = message.text + OBJECT_REPLACEMENT.repeat(files.length);
  const written = writer.insert({
    text,
    service: chat.service,
    handle: handleOf(chat, message),
    isFromMe,
    date: message.date,
    guid: message.guid,
    bodyOnly: message.bodyOnly,
    columns: {
      cache_has_attachments: files.length > 0 ? 1 : 0,
      cache_roomnames: chat.roomName ?? null,
      thread_originator_guid: replyTo ?? null,
      thread_originator_part: replyTo === undefined ? null : `0:0:${text.length}`,
      ...columns,
    },
  });
  for (const file of files) attach(writer, written, file, isFromMe);
  return written;
}

/** Messages names the other person in a direct chat, whoever wrote; in a group the writer, or nobody for us. */
function handleOf(chat: Chat, message: ChatMessage): string | undefined {
  if (!chat.isGroup) return message.isFromMe ? chat.identifier : (message.from ?? chat.identifier);
  return message.isFromMe ? undefined : message.from;
}
