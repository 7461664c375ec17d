// Writes tapbacks and stickers on messages the way Messages does: a message of its own that points at another.

import type { SQLInputValue } from "node:sqlite";
import { OBJECT_REPLACEMENT, attach } from "./write-attachments.ts";
import type { StoredFile } from "./write-attachments.ts";
import { findChatById } from "./write-chats.ts";
import type { Chat } from "./write-chats.ts";
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

/** A sticker that somebody puts on a message. */
export interface StickerOn {
  readonly targetGuid: string;
  readonly from: string | undefined;
  readonly part: number;
  readonly file: StoredFile;
  readonly date?: bigint | undefined;
}

type Written = WrittenMessage & { readonly chatId: number };

/** Messages' type of a row that puts a sticker on a message: imsg takes it for no tapback. */
const STICKER = 2007;

/** Writes and joins it; undefined when there is no such message in a chat. Contract: call it inside a transaction. */
export function writeSticker(writer: MessageWriter, sticker: StickerOn): Written | undefined {
  const target = findTarget(writer, sticker.targetGuid);
  if (target === undefined) return undefined;
  const written = writeOn(writer, target, sticker, { text: OBJECT_REPLACEMENT, type: STICKER, columns: {} });
  attach(writer, written, { ...sticker.file, isSticker: true }, sticker.from === undefined);
  return written;
}

/** Writes and joins it; undefined when there is no such message in a chat. Contract: call it inside a transaction. */
export function writeTapback(writer: MessageWriter, tapback: Tapback): Written | undefined {
  const target = findTarget(writer, tapback.targetGuid);
  if (target === undefined) return undefined;
  const index = NAMES.findIndex(([name]) => name === tapback.reaction);
  const kind = KINDS[index];
  const type = (tapback.remove ? REMOVED : ADDED) + (kind === undefined ? CUSTOM : index);
  const added = kind === undefined ? `Reacted ${tapback.reaction} to` : kind.added;
  const removed = `Removed ${kind === undefined ? `a ${tapback.reaction}` : kind.removed} from`;
  return writeOn(writer, target, tapback, {
    text: `${tapback.remove ? removed : added} “${target.text}”`,
    type,
    columns: { associated_message_emoji: kind === undefined ? tapback.reaction : null },
  });
}

interface Target {
  readonly guid: string;
  readonly text: string;
  readonly chat: Chat;
}

function findTarget(writer: MessageWriter, guid: string): Target | undefined {
  const row = writer.first(
    `SELECT m.guid, m.text, cmj.chat_id FROM message m JOIN chat_message_join cmj ON cmj.message_id = m.ROWID
       WHERE m.guid = ? COLLATE NOCASE LIMIT 1`,
    guid,
  );
  const chat = row === undefined ? undefined : findChatById(writer, Number(row["chat_id"]));
  return chat && { guid: String(row?.["guid"]), text: String(row?.["text"] ?? ""), chat };
}

function writeOn(
  writer: MessageWriter,
  { guid, chat }: Target,
  { from, part, date }: Pick<Tapback, "from" | "part" | "date">,
  row: { text: string; type: number; columns: Record<string, SQLInputValue> },
): Written {
  const written = writer.insert({
    text: row.text,
    service: chat.service,
    handle: from,
    isFromMe: from === undefined,
    date,
    columns: {
      associated_message_guid: `p:${part}/${guid}`,
      associated_message_type: row.type,
      cache_roomnames: chat.roomName ?? null,
      ...row.columns,
    },
  });
  writer.join(chat.id, written);
  return { ...written, chatId: chat.id };
}
