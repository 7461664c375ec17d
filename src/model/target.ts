// Allow entries and delivery targets: the two small grammars that name people and chats in config and commands.
import { sameChatGuid } from "./chat-guid.ts";
import { parseHandle, type Handle } from "./handle.ts";
import type { ChatRef } from "./message.ts";

/** How a bare handle is reached. */
export type SendService = "auto" | "imessage" | "sms";

/** A chat named by one of its three names. */
export type ChatEntry =
  | { readonly kind: "chat_id"; readonly chatId: number }
  | { readonly kind: "chat_guid"; readonly guid: string }
  | { readonly kind: "chat_identifier"; readonly identifier: string };

/** One line of an allowlist. */
export type AllowEntry =
  | { readonly kind: "any" }
  | { readonly kind: "handle"; readonly handle: Handle }
  | ChatEntry;

/** Where a message is to go. */
export type Target =
  | ChatEntry
  | { readonly kind: "handle"; readonly handle: Handle; readonly service: SendService };

/** A parse result: the value, or one sentence that says what is wrong with the text. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

const CHAT_PREFIX =
  /^(chat_id|chatid|chat|chat_guid|chatguid|guid|chat_identifier|chatidentifier|chatident):(.*)$/isu;

/** Any other prefix; `urn:` is how Messages names a business. */
const OTHER_PREFIX = /^(?!urn:)([a-z][\w-]*):/iu;

const SHORTEST_SHORT_CODE = 3;
const SHORTEST_NUMBER = 7;

/** Reads `*`, a handle, `chat_id:N`, `chat_guid:G` or `chat_identifier:I` (and their short prefixes). */
export function parseAllowEntry(text: string, region: string): Parsed<AllowEntry> {
  if (text.trim() === "*") return { ok: true, value: { kind: "any" } };
  const chat = parseChatEntry(text);
  if (chat) return chat;
  const handle = parseEntryHandle(text, region);
  return handle.ok ? { ok: true, value: { kind: "handle", handle: handle.value } } : handle;
}

/**
 * Reads a delivery target: an allow entry but `*`; `imessage:H`, `sms:H` and `auto:H` choose the service. Refused is what nothing can be
 * sent to: a handle that is neither number nor e-mail, such as the name a shop writes under.
 */
export function parseTarget(text: string, region: string, service: SendService): Parsed<Target> {
  if (text.trim() === "*") return { ok: false, reason: "`*` names nobody in particular" };
  const chat = parseChatEntry(text);
  if (chat) return chat;
  const chosen = /^\s*(imessage|sms|auto):/i.exec(text)?.[1]?.toLowerCase() as SendService | undefined;
  const handle = parseEntryHandle(text, region);
  if (!handle.ok) return handle;
  const fault = faultOfRecipient(handle.value);
  if (fault !== undefined) return { ok: false, reason: fault };
  return { ok: true, value: { kind: "handle", handle: handle.value, service: chosen ?? service } };
}

/** A refused text and the reason as one sentence; `what` is what it was to be. */
export function describeWrong(what: string, text: string, reason: string): string {
  // A reason says something of the text as a whole, or names the part of it that is wrong.
  return `${what} ${JSON.stringify(text)}${reason.startsWith("`") ? ":" : ""} ${reason}.`;
}

function faultOfRecipient(handle: Handle): string | undefined {
  const prefix = OTHER_PREFIX.exec(handle)?.[1];
  if (prefix !== undefined) return `begins with \`${prefix}:\`, which no target does`;
  if (handle.startsWith("urn:") || /^[^\s@;]+@[^\s@;]+$/u.test(handle)) return undefined;
  if (!/^[+\p{Nd}\s().\-/]+$/u.test(handle)) return "is neither a phone number nor an e-mail address";
  const digits = handle.replace(/\P{Nd}/gu, "").length;
  const shortest = handle.startsWith("+") ? SHORTEST_NUMBER : SHORTEST_SHORT_CODE;
  return digits < shortest ? "is too short for a phone number" : undefined;
}

function parseEntryHandle(text: string, region: string): Parsed<Handle> {
  const handle = parseHandle(text, region);
  if (handle === undefined) return { ok: false, reason: "is empty" };
  // Only behind a service prefix can it still be one of these: `sms:*` would be a handle that nobody has.
  if (handle === "*" || CHAT_PREFIX.test(handle))
    return { ok: false, reason: `takes no service prefix before \`${handle}\`` };
  return { ok: true, value: handle };
}

function parseChatEntry(text: string): Parsed<ChatEntry> | undefined {
  const match = CHAT_PREFIX.exec(text.trim());
  if (!match) return undefined;
  const prefix = (match[1] ?? "").toLowerCase().replace("_", "");
  const rest = (match[2] ?? "").trim();
  if (rest === "") return { ok: false, reason: `has nothing after \`${match[1]}:\`` };
  if (prefix === "chatguid" || prefix === "guid")
    return { ok: true, value: { kind: "chat_guid", guid: rest } };
  if (prefix.startsWith("chatident"))
    return { ok: true, value: { kind: "chat_identifier", identifier: rest } };
  const chatId = Number(rest);
  if (!/^\d+$/.test(rest) || !Number.isSafeInteger(chatId) || chatId < 1)
    return { ok: false, reason: `\`${rest}\` is not a chat row id (a whole number from 1)` };
  return { ok: true, value: { kind: "chat_id", chatId } };
}

/** True when the entry names this chat (a handle entry never does). */
export function entryNamesChat(entry: AllowEntry | Target, chat: ChatRef): boolean {
  switch (entry.kind) {
    case "chat_id":
      return entry.chatId === chat.chatId;
    case "chat_guid":
      return chat.chatGuid !== "" && sameChatGuid(entry.guid, chat.chatGuid);
    case "chat_identifier":
      return entry.identifier === chat.chatIdentifier;
    default:
      return false;
  }
}

/** The canonical text of an entry or target; parsing it again, with service `auto`, gives the same value. */
export function renderEntry(entry: AllowEntry | Target): string {
  switch (entry.kind) {
    case "any":
      return "*";
    case "handle":
      return "service" in entry && entry.service !== "auto"
        ? `${entry.service}:${entry.handle}`
        : entry.handle;
    case "chat_id":
      return `chat_id:${entry.chatId}`;
    case "chat_guid":
      return `chat_guid:${entry.guid}`;
    default:
      return `chat_identifier:${entry.identifier}`;
  }
}
