// Folds the rows of link previews into the texts they belong to: imsg from 0.14 tells both as one message.

import { decodeMessage, noReactions } from "./message.ts";
import type { Message } from "./message.ts";
import { messageColumns } from "./row-columns.ts";
import type { MessageStore, Whole } from "./store.ts";
import { withoutEnd } from "../without-end.ts";

const PREVIEW_BALLOON = "com.apple.messages.URLBalloonProvider";
const WINDOW_SECONDS = 5;
/** Previews that one text can have: one a link. */
const LONGEST_RUN = 50;

/** What becomes of a preview whose text is not among the messages: nothing, or the text comes in its place. */
export type Stray = "drop" | ((text: Message) => boolean);

/** Messages without their previews' rows. `moved` says that a text came in a preview's place. */
export function foldPreviews(
  store: MessageStore,
  messages: readonly Message[],
  stray: Stray,
): { messages: Message[]; moved: boolean } {
  const result: (Message | undefined)[] = [...messages];
  let moved = false;
  const inOrder = messages.map((message, index) => ({ message, index }));
  for (const { message, index } of inOrder.toSorted((left, right) => compare(left.message, right.message))) {
    if (!isPreview(message)) continue;
    const textMessage = textBefore(store, message);
    if (textMessage === undefined) continue;
    const place = result.findIndex(
      (one) => one?.rowId === textMessage.rowId && one.chatId === message.chatId,
    );
    const known = result[place];
    if (known !== undefined) {
      result[place] = withPreview(known, message);
      result[index] = undefined;
    } else if (stray === "drop") result[index] = undefined;
    else if (stray(textMessage)) {
      result[index] = withPreview(textMessage, message);
      moved = true;
    }
  }
  return { messages: result.filter((message) => message !== undefined), moved };
}

/** Whether a row is a link's preview. */
export function isPreview(message: Message): boolean {
  return message.balloonBundleId === PREVIEW_BALLOON;
}

/** The text a preview belongs to: the row before it in its chat, tapbacks and further previews of the same text aside. */
export function textBefore(store: MessageStore, preview: Message): Message | undefined {
  const sql = `SELECT ${messageColumns(store, "cmj.chat_id")} FROM message m
    JOIN chat_message_join cmj ON m.ROWID = cmj.message_id LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE m.ROWID < ? AND cmj.chat_id = ? AND ${noReactions(store)} ORDER BY m.ROWID DESC LIMIT ?`;
  const previews = [preview];
  for (const row of store.all(sql, preview.rowId, preview.chatId, LONGEST_RUN)) {
    const before = decodeMessage(store, row, new Map());
    if (!isPreview(before)) return previews.every((one) => belongs(before, one)) ? before : undefined;
    previews.push(before);
  }
  return undefined;
}

/** The previews that belong to a text. */
export function previewsOf(store: MessageStore, textMessage: Message): Message[] {
  if (!store.has("message", "balloon_bundle_id") || isPreview(textMessage)) return [];
  const sql = `SELECT ${messageColumns(store, "cmj.chat_id")} FROM message m
    JOIN chat_message_join cmj ON m.ROWID = cmj.message_id LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE m.ROWID > ? AND cmj.chat_id = ? AND m.balloon_bundle_id = '${PREVIEW_BALLOON}' ORDER BY m.ROWID LIMIT ?`;
  return store
    .all(sql, textMessage.rowId, textMessage.chatId, LONGEST_RUN)
    .map((row) => decodeMessage(store, row, new Map()))
    .filter((preview) => textBefore(store, preview)?.rowId === textMessage.rowId);
}

/** A text with its preview told; of several the last. */
export function withPreview(message: Message, preview: Message): Message {
  const { rowId, guid, balloonBundleId, date } = preview;
  const extras = message.extras && { ...message.extras, preview: { rowId, guid, balloonBundleId, date } };
  return { ...message, extras };
}

function belongs(textMessage: Message, preview: Message): boolean {
  const isAlike =
    textMessage.balloonBundleId === "" &&
    textMessage.isFromMe === preview.isFromMe &&
    textMessage.sender === preview.sender &&
    textMessage.handleId === preview.handleId;
  const gap = preview.date - textMessage.date;
  if (!isAlike || gap < 0 || gap > WINDOW_SECONDS) return false;
  if (textMessage.guid !== "" && preview.replyToGuid === textMessage.guid) return true;
  const link = preview.text.trim().toLowerCase();
  if (!/^(?:https?:\/\/|www\.)/u.test(link)) return false;
  const words = textMessage.text.toLowerCase();
  return words.includes(link) || words.includes(withoutEnd(link.replace(/^\/+/u, ""), "/"));
}

function compare(left: { readonly rowId: Whole }, right: { readonly rowId: Whole }): number {
  if (left.rowId === right.rowId) return 0;
  return left.rowId < right.rowId ? -1 : 1;
}
