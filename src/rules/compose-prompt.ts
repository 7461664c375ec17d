// What an agent is given: a plain message exactly as written, anything more as marked sections that nobody can forge.
import type { InboundAttachment, InboundMessage, QuotedMessage } from "../model/message.ts";

/** The texts of a turn's messages, joined by newlines; what stands for an attachment inside a text (U+FFFC) is left out. */
export function joinTexts(messages: readonly InboundMessage[]): string {
  return messages
    .map(plainText)
    .filter((text) => text !== "")
    .join("\n");
}

/**
 * Composes the prompt of a turn in a direct chat, messages oldest first.
 *
 * What people wrote stands in lines that begin with `> `; a marker never does. So no text can pass for a marker.
 */
export function composePrompt(messages: readonly InboundMessage[]): string {
  const bare = messages.every((message) => !message.quoted?.text && message.attachments.length === 0);
  if (bare) return joinTexts(messages);
  return messages.map(composeSection).join("\n\n");
}

function composeSection(message: InboundMessage): string {
  const lines: string[] = [];
  if (message.quoted?.text) lines.push(quotedMarker(message.quoted), ...quote(message.quoted.text));
  const text = plainText(message);
  if (text !== "") lines.push("[Message]", ...quote(text));
  for (const attachment of message.attachments)
    lines.push("[Attached file, not fetched]", ...quote(describe(attachment)));
  return lines.join("\n");
}

function quotedMarker(quoted: QuotedMessage): string {
  return quoted.sender === undefined
    ? "[In reply to]"
    : `[In reply to a message of ${oneLine(quoted.sender)}]`;
}

function describe(attachment: InboundAttachment): string {
  return `${attachment.name} (${attachment.mimeType || "type unknown"}, ${attachment.bytes} bytes)`;
}

function quote(text: string): string[] {
  return text.split(/\r\n|[\n\r\u0085\u2028\u2029]/u).map((line) => `> ${line}`);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029[\]]/gu, " ");
}

function plainText(message: InboundMessage): string {
  return message.attachments.length === 0 ? message.text : message.text.replaceAll("\uFFFC", "").trim();
}
