// Allow entries and delivery targets: the two small grammars that name people and chats in config and commands.
import { sameChatGuid } from "./chat-guid.ts";
import { faultOfHandle, kindOfHandle, parseHandle, withoutUnseen, type Handle } from "./handle.ts";
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
/** A guid as Messages writes it, and the identifier of a group: no handle looks like these. */
const BARE_GUID = /^[a-z]*;[-+];./iu;
const BARE_IDENTIFIER = /^chat[0-9]{8,}$/u;

/** Reads `*`, a handle, `chat_id:N`, `chat_guid:G` or `chat_identifier:I` (and their short prefixes), or a guid as Messages writes it. */
export function parseAllowEntry(text: string, region: string): Parsed<AllowEntry> {
  const seen = withoutUnseen(text);
  if (seen === "*") return { ok: true, value: { kind: "any" } };
  const chat = parseChatEntry(seen);
  if (chat) return chat;
  const handle = parseEntryHandle(seen, region);
  return handle.ok ? { ok: true, value: { kind: "handle", handle: handle.value } } : handle;
}

/**
 * Reads a delivery target: an allow entry but `*`; `imessage:H`, `sms:H` and `auto:H` choose the service. Refused is what nothing can be
 * sent to: a handle that is neither number nor e-mail, such as the name a shop writes under.
 */
export function parseTarget(text: string, region: string, service: SendService): Parsed<Target> {
  const seen = withoutUnseen(text);
  if (seen === "*") return { ok: false, reason: "`*` names nobody in particular" };
  const chat = parseChatEntry(seen);
  if (chat) return chat;
  const chosen = /^(imessage|sms|auto):/i.exec(seen)?.[1]?.toLowerCase() as SendService | undefined;
  const handle = parseEntryHandle(seen, region);
  if (!handle.ok) return handle;
  if (kindOfHandle(handle.value) === "name")
    return { ok: false, reason: "is neither a phone number nor an e-mail address" };
  return { ok: true, value: { kind: "handle", handle: handle.value, service: chosen ?? service } };
}

/** A refused text and the reason as one sentence; `what` is what it was to be. */
export function describeWrong(what: string, text: string, reason: string): string {
  // A reason says something of the text as a whole, or names the part of it that is wrong.
  return `${what} ${JSON.stringify(text)}${reason.startsWith("`") ? ":" : ""} ${reason}.`;
}

function parseEntryHandle(text: string, region: string): Parsed<Handle> {
  const handle = parseHandle(text, region);
  if (handle === undefined) return { ok: false, reason: "is empty" };
  // Only behind a service prefix can it still be one of these: `sms:*` would be a handle that nobody has.
  if (handle === "*" || parseChatEntry(handle) !== undefined)
    return { ok: false, reason: `takes no service prefix before \`${handle}\`` };
  const fault = faultOfHandle(handle);
  return fault === undefined ? { ok: true, value: handle } : { ok: false, reason: fault };
}

function parseChatEntry(text: string): Parsed<ChatEntry> | undefined {
  if (BARE_GUID.test(text)) return { ok: true, value: { kind: "chat_guid", guid: text } };
  if (BARE_IDENTIFIER.test(text)) return { ok: true, value: { kind: "chat_identifier", identifier: text } };
  const match = CHAT_PREFIX.exec(text);
  if (!match) return undefined;
  const prefix = (match[1] ?? "").toLowerCase().replace("_", "");
  const rest = (match[2] ?? "").trim();
  if (rest === "") return { ok: false, reason: `has nothing after \`${match[1]}:\`` };
  if (prefix === "chatguid" || prefix === "guid") return parseGuid(rest);
  if (prefix.startsWith("chatident")) return parseIdentifier(rest);
  const chatId = Number(rest);
  if (!/^\d+$/.test(rest) || !Number.isSafeInteger(chatId) || chatId < 1)
    return { ok: false, reason: `\`${rest}\` is not a chat row id (a whole number from 1)` };
  return { ok: true, value: { kind: "chat_id", chatId } };
}

/** Names of a chat are compared as they are: one in the place of the other would name no chat. */
function parseGuid(guid: string): Parsed<ChatEntry> {
  if (BARE_IDENTIFIER.test(guid) || /^[^;@]*@[^;]*$|^\+[0-9]+$/u.test(guid))
    return {
      ok: false,
      reason: `\`${guid}\` is an identifier, not a guid; write \`chat_identifier:${guid}\``,
    };
  return { ok: true, value: { kind: "chat_guid", guid } };
}

function parseIdentifier(identifier: string): Parsed<ChatEntry> {
  if (BARE_GUID.test(identifier))
    return { ok: false, reason: `\`${identifier}\` is a guid; write \`chat_guid:${identifier}\`` };
  return { ok: true, value: { kind: "chat_identifier", identifier } };
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
