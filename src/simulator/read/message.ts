// Turns a row of the table `message` into a message as imsg understands it.

import { reactionOfEvent } from "./reaction-kind.ts";
import type { ReactionEvent } from "./reaction-kind.ts";
import { dateOf } from "./apple-time.ts";
import type { AppleSeconds } from "./apple-time.ts";
import { integer, text, whole } from "./store.ts";
import type { MessageStore, Row, Whole } from "./store.ts";
import { audioTranscription } from "./transcription.ts";

/** A message row, decoded. Absent texts are empty. */
export interface Message {
  readonly rowId: Whole;
  /** 0 while the row is not joined to a chat. */
  readonly chatId: number;
  readonly guid: string;
  readonly sender: string;
  readonly text: string;
  readonly date: AppleSeconds;
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

/** The columns decodeMessage reads, `chat_id` being the given expression; those that the database lacks are NULL. */
export function messageColumns(store: MessageStore, chatId: string): string {
  const optional = (name: string): string => (store.has("message", name) ? `m.${name}` : "NULL");
  const associated = (name: string): string => (knowsReactions(store) ? `m.${name}` : "NULL");
  const body = optional("attributedBody");
  return `m.ROWID, ${chatId}, h.id, m.text, m.date, m.is_from_me, ${optional("destination_caller_id")},
    ${associated("guid")}, ${associated("associated_message_guid")}, ${associated("associated_message_type")},
    CASE WHEN typeof(m.text) = 'text' AND length(m.text) > 0 THEN NULL ELSE ${body} END,
    ${optional("thread_originator_guid")}, ${optional("balloon_bundle_id")}, ${optional("is_audio_message")}`;
}

/** A condition for rows that are not tapbacks. imsg 0.9.0 lets 3007 (sticker removed) through: recorded. */
export function noReactions(store: MessageStore): string {
  if (!knowsReactions(store)) return "TRUE";
  return "(m.associated_message_type IS NULL OR m.associated_message_type < 2000 OR m.associated_message_type > 3006)";
}

/** Whether the database tells tapbacks from messages. */
export function knowsReactions(store: MessageStore): boolean {
  return ["guid", "associated_message_guid", "associated_message_type"].every((name) =>
    store.has("message", name),
  );
}

/** Decodes one row of messageColumns. */
export function decodeMessage(store: MessageStore, row: Row, parents: ParentCache): Message {
  const rowId = whole(row[0]);
  const associatedType = integer(row[9]);
  const associatedGuid = text(row[8]);
  const ownText = rowText(store, row);
  const reaction = reactionOfEvent(associatedType, associatedGuid, ownText);
  const replyToGuid = reaction === undefined ? afterSlash(associatedGuid) : "";
  const threadOriginatorGuid = reaction === undefined ? text(row[11]) : "";
  return {
    rowId,
    chatId: integer(row[1]),
    guid: text(row[7]),
    sender: rowSender(row),
    text: ownText,
    date: dateOf(row[4]),
    isFromMe: integer(row[5]) !== 0,
    destinationCallerId: text(row[6]),
    replyToGuid,
    threadOriginatorGuid,
    balloonBundleId: text(row[12]),
    reaction,
    replyTo: findParent(store, [threadOriginatorGuid, replyToGuid], parents),
  };
}

function rowSender(row: Row): string {
  const handle = text(row[2]);
  return handle === "" ? text(row[6]) : handle;
}

function rowText(store: MessageStore, row: Row): string {
  if (integer(row[13]) !== 0) {
    const spoken = audioTranscription(store, whole(row[0]));
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

function readParent(store: MessageStore, guid: string): ReplyParent | undefined {
  const sql = `SELECT ${messageColumns(store, "0")} FROM message m LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE m.guid = ? LIMIT 1`;
  const row = store.first(sql, guid);
  return row === undefined ? undefined : { text: rowText(store, row), sender: rowSender(row) };
}
