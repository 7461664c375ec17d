// Knows which columns of the table `message` are read, and in which order.

import type { MessageStore } from "./store.ts";

/** Where each column stands in a row of messageColumns. */
export const COLUMN = {
  rowId: 0,
  chatId: 1,
  sender: 2,
  text: 3,
  date: 4,
  isFromMe: 5,
  destinationCallerId: 6,
  guid: 7,
  associatedGuid: 8,
  associatedType: 9,
  body: 10,
  threadOriginatorGuid: 11,
  balloonBundleId: 12,
  isAudioMessage: 13,
  handleId: 14,
  threadOriginatorPart: 15,
  replyToGuid: 16,
  isRead: 17,
  dateRead: 18,
  pollPayload: 19,
} as const;

/** The bundle of Messages' polls, as the rows of polls and votes name it. */
export const POLL_BALLOON =
  "com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:com.apple.messages.Polls";

/** The chat of a row that is in several, as later releases choose it. */
export const LOWEST_CHAT = "(SELECT MIN(chat_id) FROM chat_message_join WHERE message_id = m.ROWID)";

/** The columns decodeMessage reads, `chat_id` being the given expression; those that the database lacks are NULL. */
export function messageColumns(store: MessageStore, chatId: string): string {
  const optional = (name: string): string => (store.has("message", name) ? `m.${name}` : "NULL");
  const associated = (name: string): string => (knowsReactions(store) ? `m.${name}` : "NULL");
  const body = optional("attributedBody");
  const isPoll = `(${optional("balloon_bundle_id")} LIKE '%com.apple.messages.Polls' OR ${associated("associated_message_type")} = 4000)`;
  return `m.ROWID, ${chatId}, h.id, m.text, m.date, m.is_from_me, ${optional("destination_caller_id")},
    ${associated("guid")}, ${associated("associated_message_guid")}, ${associated("associated_message_type")},
    CASE WHEN typeof(m.text) = 'text' AND length(m.text) > 0 THEN NULL ELSE ${body} END,
    ${optional("thread_originator_guid")}, ${optional("balloon_bundle_id")}, ${optional("is_audio_message")},
    m.handle_id, ${optional("thread_originator_part")}, ${optional("reply_to_guid")}, ${optional("is_read")},
    ${optional("date_read")}, CASE WHEN ${isPoll} THEN ${optional("payload_data")} END`;
}

/** Whether the database tells tapbacks from messages. */
export function knowsReactions(store: MessageStore): boolean {
  return ["guid", "associated_message_guid", "associated_message_type"].every((name) =>
    store.has("message", name),
  );
}
