// Turns a row of the table `message` into a message as imsg understands it.

import { dateOf } from "./apple-time.ts";
import type { AppleSeconds } from "./apple-time.ts";
import { readPoll } from "./poll.ts";
import type { Poll } from "./poll.ts";
import { reactionOfEvent } from "./reaction-kind.ts";
import type { ReactionEvent } from "./reaction-kind.ts";
import { findParent, rowSender, rowText } from "./reply-parent.ts";
import type { ParentCache, ReplyParent } from "./reply-parent.ts";
import { COLUMN, knowsReactions } from "./row-columns.ts";
import { integer, text, whole } from "./store.ts";
import type { MessageStore, Row, Whole } from "./store.ts";

/** A message row, decoded. Absent texts are empty. */
export interface Message {
  readonly rowId: Whole;
  /** 0 while the row is not joined to a chat. */
  readonly chatId: number;
  readonly guid: string;
  readonly sender: string;
  /** The row of the sender's handle; 0 for none. */
  readonly handleId: number;
  readonly text: string;
  readonly date: AppleSeconds;
  readonly isFromMe: boolean;
  readonly destinationCallerId: string;
  readonly replyToGuid: string;
  readonly threadOriginatorGuid: string;
  readonly balloonBundleId: string;
  readonly reaction: ReactionEvent | undefined;
  readonly replyTo: ReplyParent | undefined;
  /** What imsg from 0.14 tells besides; undefined in the generation before. */
  readonly extras: MessageExtras | undefined;
}

/** What only v1 tells of a message. */
export interface MessageExtras {
  readonly threadOriginatorPart: string;
  /** Undefined for our own messages, and in a database that does not know. */
  readonly isRead: boolean | undefined;
  readonly dateRead: AppleSeconds | undefined;
  readonly poll: Poll | undefined;
  /** The row of the link's preview, which is not told by itself. */
  readonly preview: PreviewRow | undefined;
}

/** The row Messages writes for a link's preview. */
export interface PreviewRow {
  readonly rowId: Whole;
  readonly guid: string;
  readonly balloonBundleId: string;
  readonly date: AppleSeconds;
}

/** A condition for rows that are not tapbacks. Up to 0.15.0 it leaves out more: 2007 (a sticker), but not 3007 (recorded). */
export function noReactions(store: MessageStore): string {
  if (!knowsReactions(store)) return "TRUE";
  const type = "m.associated_message_type";
  if (!store.release.readsWhole) return `(${type} IS NULL OR ${type} < 2000 OR ${type} > 3006)`;
  return `(${type} IS NULL OR NOT (${type} BETWEEN 2000 AND 2006 OR ${type} BETWEEN 3000 AND 3006))`;
}

/** Decodes one row of messageColumns. */
export function decodeMessage(store: MessageStore, row: Row, parents: ParentCache): Message {
  const associatedGuid = text(row[COLUMN.associatedGuid]);
  const ownText = rowText(store, row);
  const reaction = reactionOfEvent(integer(row[COLUMN.associatedType]), associatedGuid, ownText);
  const isReaction = reaction !== undefined;
  // The column that says what a message follows is looked at by later releases first.
  const follows = store.release.dialect === "v1" ? text(row[COLUMN.replyToGuid]) : "";
  const replyToGuid = isReaction ? "" : afterSlash(follows === "" ? associatedGuid : follows);
  const threadOriginatorGuid = isReaction ? "" : text(row[COLUMN.threadOriginatorGuid]);
  return {
    rowId: whole(row[COLUMN.rowId]),
    chatId: integer(row[COLUMN.chatId]),
    guid: text(row[COLUMN.guid]),
    sender: rowSender(row),
    handleId: integer(row[COLUMN.handleId]),
    text: ownText,
    date: dateOf(row[COLUMN.date]),
    isFromMe: integer(row[COLUMN.isFromMe]) !== 0,
    destinationCallerId: text(row[COLUMN.destinationCallerId]),
    replyToGuid,
    threadOriginatorGuid,
    balloonBundleId: text(row[COLUMN.balloonBundleId]),
    reaction,
    replyTo: findParent(store, [threadOriginatorGuid, replyToGuid], parents),
    extras: store.release.dialect === "v1" ? extrasOf(store, row, isReaction) : undefined,
  };
}

function extrasOf(store: MessageStore, row: Row, isReaction: boolean): MessageExtras {
  const isOwn = integer(row[COLUMN.isFromMe]) !== 0;
  const state = row[COLUMN.isRead];
  const isRead = isOwn || typeof state !== "bigint" ? undefined : state !== 0n;
  const dateRead = whole(row[COLUMN.dateRead]);
  return {
    threadOriginatorPart: isReaction ? "" : text(row[COLUMN.threadOriginatorPart]),
    isRead,
    dateRead: isRead === true && dateRead > 0 ? dateOf(row[COLUMN.dateRead]) : undefined,
    poll: readPoll(store, row),
    preview: undefined,
  };
}

function afterSlash(guid: string): string {
  const rest = guid.slice(guid.lastIndexOf("/") + 1);
  return rest === "" ? guid : rest;
}
