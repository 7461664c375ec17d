// Writes tapbacks the way Messages does: a message of its own that points at another.

import { findChat } from "./write-chats.ts";
import type { MessageWriter, WrittenMessage } from "./write.ts";

/** A tapback. */
export interface Tapback {
  readonly targetGuid: string;
  /** Who reacts; absent: we. */
  readonly from: string | undefined;
  /** imsg's name of one of the six, or an emoji. */
  readonly reaction: string;
  readonly remove: boolean;
  /** The part of the message: files and texts of one message are parts. */
  readonly part: number;
  readonly date?: bigint | undefined;
}

/** The kinds in the order of their numbers, with the words that stand in the row's text. */
const KINDS = [
  { added: "Loved", removed: "a heart" },
  { added: "Liked", removed: "a like" },
  { added: "Disliked", removed: "a dislike" },
  { added: "Laughed at", removed: "a laugh" },
  { added: "Emphasized", removed: "an exclamation" },
  { added: "Questioned", removed: "a question mark" },
] as const;
const CUSTOM = 6;
const ADDED = 2000;
const REMOVED = 3000;

/** What imsg takes for each of the six, in their order; the first is the one it answers with. */
const NAMES: readonly (readonly string[])[] = [
  ["love", "heart", "❤️", "❤"],
  ["like", "thumbsup", "thumbs-up", "+1", "👍"],
  ["dislike", "thumbsdown", "thumbs-down", "-1", "👎"],
  ["laugh", "haha", "lol", "😂", "🤣"],
  ["emphasize", "emphasis", "!!", "‼", "‼️"],
  ["question", "?", "❓"],
];

/** imsg's name of one of the six, from any of its names; undefined for every other word. */
export function standardReaction(word: string): string | undefined {
  const wanted = word.trim().toLowerCase();
  return NAMES.find((names) => names.includes(wanted))?.[0];
}

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

  const index = NAMES.findIndex(([name]) => name === tapback.reaction);
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
