// Writes tapbacks the way Messages does: a message of its own that points at another.

import { findChat } from "./write-chats.ts";
import type { MessageWriter, WrittenMessage } from "./write.ts";

/** A tapback. */
export interface Tapback {
  readonly targetGuid: string;
  /** Who reacts; absent: we. */
  readonly from: string | undefined;
  /** A name of Messages' six, or an emoji. */
  readonly reaction: string;
  readonly remove: boolean;
  /** The part of the message: files and texts of one message are parts. */
  readonly part: number;
  readonly date?: bigint | undefined;
}

/** The kinds in the order of their numbers, with the words that stand in the row's text. */
const KINDS = [
  { name: "love", added: "Loved", removed: "a heart" },
  { name: "like", added: "Liked", removed: "a like" },
  { name: "dislike", added: "Disliked", removed: "a dislike" },
  { name: "laugh", added: "Laughed at", removed: "a laugh" },
  { name: "emphasis", added: "Emphasized", removed: "an exclamation" },
  { name: "question", added: "Questioned", removed: "a question mark" },
] as const;
const CUSTOM = 6;
const ADDED = 2000;
const REMOVED = 3000;

/** Writes and joins it; undefined when there is no such message in a chat. Contract: call it inside a transaction. */
export function writeTapback(
  writer: MessageWriter,
  tapback: Tapback,
): (WrittenMessage & { readonly chatId: number }) | undefined {
  const target = writer.first(
    `SELECT m.guid, m.text, cmj.chat_id FROM message m JOIN chat_message_join cmj ON cmj.message_id = m.ROWID
       WHERE m.guid = ? COLLATE NOCASE LIMIT 1`,
    tapback.targetGuid,
  );
  const chat = target === undefined ? undefined : findChat(writer, String(target["chat_id"]));
  if (target === undefined || chat === undefined) return undefined;

  const index = KINDS.findIndex((kind) => kind.name === tapback.reaction);
  const kind = KINDS[index];
  const number = (tapback.remove ? REMOVED : ADDED) + (kind === undefined ? CUSTOM : index);
  const quoted = `“${String(target["text"] ?? "")}”`;
  const added = kind === undefined ? `Reacted ${tapback.reaction} to` : kind.added;
  const removed = `Removed ${kind === undefined ? `a ${tapback.reaction}` : kind.removed} from`;
  const written = writer.insert({
    text: `${tapback.remove ? removed : added} ${quoted}`,
    service: chat.service,
    handle: tapback.from,
    isFromMe: tapback.from === undefined,
    date: tapback.date,
    columns: {
      associated_message_guid: `p:${tapback.part}/${String(target["guid"])}`,
      associated_message_type: number,
      associated_message_emoji: kind === undefined ? tapback.reaction : null,
      cache_roomnames: chat.roomName ?? null,
    },
  });
  writer.join(chat.id, written);
  return { ...written, chatId: chat.id };
}
