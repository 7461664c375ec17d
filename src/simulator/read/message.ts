// Turns a row of the table `message` into a message as imsg understands it.

import { reactionOfEvent } from "./reaction-kind.ts";
import type { ReactionEvent } from "./reaction-kind.ts";
import { integer, text } from "./store.ts";
import type { MessageStore, Row } from "./store.ts";
import { audioTranscription } from "./transcription.ts";

/** Seconds between 1970 and 2001, where Apple's clock begins, in milliseconds. */
export const APPLE_EPOCH_MS = 978_307_200_000;

/** A message row, decoded. Absent texts are empty. */
export interface Message {
  readonly rowId: number;
  /** 0 while the row is not joined to a chat. */
  readonly chatId: number;
  readonly guid: string;
  readonly sender: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly dateMs: number;
  readonly isFromMe: boolean;
  readonly destinationCallerId: string;
  readonly replyToGuid: string;
  readonly threadOriginatorGuid: string;
  readonly balloonBundleId: string;
  readonly reaction: ReactionEvent | undefined;
  readonly replyTo: ReplyParent | undefined;
}

/** The message that was replied to. */
export interface ReplyParent {
  readonly text: string;
  readonly sender: string;
}

/** Parents looked up during one query, by guid: many replies share one. */
export type ParentCache = Map<string, ReplyParent | undefined>;

/** The columns decodeMessage reads, `chat_id` being the given expression. Dates are cut to whole milliseconds. */
export function messageColumns(chatId: string): string {
  return `m.ROWID, ${chatId}, h.id, m.text, m.date / 1000000, m.is_from_me, m.destination_caller_id, m.guid,
    m.associated_message_guid, m.associated_message_type,
    CASE WHEN IFNULL(m.text, '') = '' THEN m.attributedBody END,
    m.thread_originator_guid, m.balloon_bundle_id, m.is_audio_message`;
}

/** Rows that are not tapbacks. imsg 0.9.0 lets 3007 (sticker removed) through: recorded. */
export const NO_REACTIONS =
  "(m.associated_message_type IS NULL OR m.associated_message_type < 2000 OR m.associated_message_type > 3006)";

/** Decodes one row of messageColumns. */
export function decodeMessage(store: MessageStore, row: Row, parents: ParentCache): Message {
  const rowId = integer(row[0]);
  const associatedType = integer(row[9]);
  const associatedGuid = text(row[8]);
  const ownText = rowText(store, row);
  const reaction = reactionOfEvent(associatedType, associatedGuid, ownText);
  const replyToGuid = reaction === undefined ? afterSlash(associatedGuid) : "";
  const threadOriginatorGuid = text(row[11]);
  return {
    rowId,
    chatId: integer(row[1]),
    guid: text(row[7]),
    sender: rowSender(row),
    text: ownText,
    dateMs: dateOf(row[4]),
    isFromMe: integer(row[5]) !== 0,
    destinationCallerId: text(row[6]),
    replyToGuid,
    threadOriginatorGuid,
    balloonBundleId: text(row[12]),
    reaction,
    replyTo: findParent(store, [threadOriginatorGuid, replyToGuid], parents),
  };
}

/** Apple's date column, in milliseconds since 2001, as milliseconds since 1970. */
export function dateOf(value: Row[number] | undefined): number {
  return integer(value) + APPLE_EPOCH_MS;
}

function rowSender(row: Row): string {
  const handle = text(row[2]);
  return handle === "" ? text(row[6]) : handle;
}

function rowText(store: MessageStore, row: Row): string {
  if (integer(row[13]) !== 0) {
    const spoken = audioTranscription(store, integer(row[0]));
    if (spoken !== undefined) return spoken;
  }
  const plain = text(row[3]);
  if (plain !== "") return plain;
  return row[10] instanceof Uint8Array ? store.bodyText(row[10]) : "";
}

function afterSlash(guid: string): string {
  const rest = guid.slice(guid.lastIndexOf("/") + 1);
  return rest === "" ? guid : rest;
}

function findParent(
  store: MessageStore,
  guids: readonly string[],
  cache: ParentCache,
): ReplyParent | undefined {
  for (const guid of guids) {
    if (guid === "") continue;
    if (!cache.has(guid)) cache.set(guid, readParent(store, guid));
    const parent = cache.get(guid);
    if (parent !== undefined) return parent;
  }
  return undefined;
}

const PARENT = `SELECT ${messageColumns("0")} FROM message m LEFT JOIN handle h ON m.handle_id = h.ROWID
  WHERE m.guid = ? LIMIT 1`;

function readParent(store: MessageStore, guid: string): ReplyParent | undefined {
  const row = store.first(PARENT, guid);
  return row === undefined ? undefined : { text: rowText(store, row), sender: rowSender(row) };
}
