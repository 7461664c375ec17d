// Unknown JSON from imsg becomes an inbound message or a chat; read leniently, for every release adds fields.
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import {
  asId,
  messageGuid,
  type AccountId,
  type ChatGuid,
  type ChatId,
  type RowId,
} from "../../model/ids.ts";
import type {
  ChatRef,
  ChatSummary,
  InboundAttachment,
  InboundMessage,
  QuotedMessage,
  ReactionEvent,
} from "../../model/message.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Reads a message of a notification or a result. Throws `imsg/payload` with the raw text when it has no row id or guid. */
export function parseMessage(value: unknown, accountId: AccountId): InboundMessage {
  const fields = fieldsOf(value, "message");
  const rowId = wholeNumber(fields["id"]);
  const guid = text(fields["guid"]);
  if (rowId < 1 || guid === "") throw payloadError("a message without id or guid", value);
  const senderName = text(fields["sender_name"]);
  const reaction = reactionOf(fields);
  const quoted = quotedOf(fields);
  return {
    ...chatRefOf(fields, "chat_"),
    accountId,
    rowId: asId<RowId>(rowId),
    guid: messageGuid(guid),
    sender: text(fields["sender"]),
    ...(senderName === "" ? {} : { senderName }),
    isFromMe: fields["is_from_me"] === true,
    text: text(fields["text"]),
    createdAtMs: time(fields["created_at"]),
    attachments: list(fields["attachments"]).flatMap(attachmentOf),
    ...(reaction === undefined ? {} : { reaction }),
    ...(quoted === undefined ? {} : { quoted }),
  };
}

/** Told of an item of a list that cannot be understood; the rest of the list is read all the same. */
export type OnBroken = (error: GatewayError) => void;

/** Reads `{messages: [...]}`. Throws `imsg/payload` when it is no such object. */
export function parseMessages(result: unknown, accountId: AccountId, onBroken: OnBroken): InboundMessage[] {
  return eachOf(listOf(result, "messages"), (item) => parseMessage(item, accountId), onBroken);
}

/** A page of `messages.after` (v1). */
export interface MessagePage {
  readonly messages: readonly InboundMessage[];
  /** Row up to which everything was scanned; the cursor to go on from. */
  readonly nextRow: number;
  readonly hasMore: boolean;
}

/** Reads a page of `messages.after`. Throws `imsg/payload` when it is no such object. */
export function parsePage(result: unknown, accountId: AccountId, onBroken: OnBroken): MessagePage {
  const messages = parseMessages(result, accountId, onBroken);
  const fields = fieldsOf(result, "page");
  const nextRow = fields["next_rowid"];
  if (typeof nextRow !== "number") throw payloadError("a page without next_rowid", result);
  return { messages, nextRow, hasMore: fields["has_more"] === true };
}

/** Reads `{chats: [...]}`. Throws `imsg/payload` when it is no such object. */
export function parseChats(result: unknown, onBroken: OnBroken): ChatSummary[] {
  return eachOf(listOf(result, "chats"), parseChat, onBroken);
}

/** How many items a list has, readable or not. Throws `imsg/payload` when there is no such list. */
export function countOf(result: unknown, key: string): number {
  return listOf(result, key).length;
}

function parseChat(item: unknown): ChatSummary {
  const fields = fieldsOf(item, "chat");
  const chat = chatRefOf(fields, "");
  if (chat.chatId === 0) throw payloadError("a chat without id", item);
  return { ...chat, service: text(fields["service"]), lastMessageAtMs: time(fields["last_message_at"]) };
}

/** A reference to a message without the part prefixes `p:0/` and `bp:`. */
export function stripPart(reference: string): string {
  return reference.replace(/^(?:p:\d+\/|bp:)/u, "");
}

/** The error for something that cannot be understood; it holds the raw text. */
export function payloadError(what: string, raw: unknown): GatewayError {
  const line = typeof raw === "string" ? raw : (JSON.stringify(raw) ?? "nothing");
  return new GatewayError("imsg/payload", `imsg sent ${what}`, {
    hint: "Report it with the line from the log.",
    details: { line: line.slice(0, 2000) },
  });
}

function chatRefOf(fields: Fields, prefix: "chat_" | ""): ChatRef {
  const chatGuid = text(fields[`${prefix}guid`]);
  const chatIdentifier = text(fields[`${prefix}identifier`]);
  const isGroup = fields["is_group"] === true || chatGuid.includes(";+;") || chatIdentifier.includes(";+;");
  return {
    chatId: asId<ChatId>(Math.max(0, wholeNumber(fields[`${prefix}id`]))),
    chatGuid: asId<ChatGuid>(chatGuid),
    chatIdentifier,
    chatName: text(fields[`${prefix}name`]),
    participants: list(fields["participants"]).filter((item) => typeof item === "string"),
    isGroup,
  };
}

/** What Messages keeps of a link's preview, a game or a poll: no file that anybody sent. */
const PREVIEW = ".pluginpayloadattachment";

function attachmentOf(value: unknown): InboundAttachment[] {
  if (typeof value !== "object" || value === null) return [];
  const fields = value as Fields;
  const path = text(fields["original_path"]) || text(fields["filename"]);
  const name = text(fields["transfer_name"]) || (path.split("/").at(-1) ?? "");
  if ([name, path].some((one) => one.toLowerCase().endsWith(PREVIEW))) return [];
  return [
    {
      name,
      path,
      mimeType: text(fields["mime_type"]),
      uti: text(fields["uti"]),
      bytes: Math.max(0, wholeNumber(fields["total_bytes"])),
      isSticker: fields["is_sticker"] === true,
      missing: fields["missing"] === true,
    },
  ];
}

function reactionOf(fields: Fields): ReactionEvent | undefined {
  if (fields["is_reaction"] !== true) return stickerOn(fields);
  return {
    type: text(fields["reaction_type"]),
    emoji: text(fields["reaction_emoji"]),
    added: fields["is_reaction_add"] !== false,
    target: messageGuid(stripPart(text(fields["reacted_to_guid"]))),
  };
}

/** v1 tells a sticker that was put on a message as a message of its own, which refers to that one: it is an event, too. */
function stickerOn(fields: Fields): ReactionEvent | undefined {
  const target = stripPart(text(fields["reply_to_guid"]));
  const files = list(fields["attachments"]).flatMap(attachmentOf);
  const isSticker = files.length > 0 && files.every((file) => file.isSticker);
  const hasWords = text(fields["text"]).replaceAll("\uFFFC", "").trim() !== "";
  if (target === "" || text(fields["thread_originator_guid"]) !== "" || !isSticker || hasWords)
    return undefined;
  return { type: "sticker", emoji: "", added: true, target: messageGuid(target) };
}

/** Only an inline reply quotes; `reply_to_guid` stands for other associations (stickers, edits). */
function quotedOf(fields: Fields): QuotedMessage | undefined {
  const guid = stripPart(text(fields["thread_originator_guid"]));
  if (guid === "") return undefined;
  const quoted = text(fields["reply_to_text"]);
  const sender = text(fields["reply_to_sender"]);
  return {
    guid: messageGuid(guid),
    ...(quoted === "" ? {} : { text: quoted }),
    ...(sender === "" ? {} : { sender }),
  };
}

function eachOf<T>(items: readonly unknown[], parse: (item: unknown) => T, onBroken: OnBroken): T[] {
  return items.flatMap((item) => {
    try {
      return [parse(item)];
    } catch (error) {
      onBroken(toGatewayError(error));
      return [];
    }
  });
}

function listOf(result: unknown, key: string): readonly unknown[] {
  const value = fieldsOf(result, key)[key];
  if (!Array.isArray(value)) throw payloadError(`a result without ${key}`, result);
  return value;
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw payloadError(`a ${what} that is no object`, value);
  return value as Fields;
}

/** Half of a surrogate pair would be changed by the first UTF-8 file it meets: it becomes U+FFFD here, once. */
function text(value: unknown): string {
  return typeof value === "string" ? value.toWellFormed() : "";
}

function wholeNumber(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : 0;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function time(value: unknown): number {
  const ms = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}
