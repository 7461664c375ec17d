// What a text of Messages says: without what stands for files, and whether it is one that was sent, for all imsg's known misreadings.
import type { InboundMessage } from "./message.ts";

/** What was written, without the U+FFFC that Messages puts where a file stands. */
export function writtenText({ text, attachments }: Pick<InboundMessage, "text" | "attachments">): string {
  return attachments.length === 0 ? text : text.replaceAll("\uFFFC", "").trim();
}

/**
 * Compares a text that imsg read with one that was sent. White space is folded, as Messages and imsg both trim it, and U+FFFC with it,
 * which Messages puts where a file stands. A text read from
 * `attributedBody` is now and then garbled (recorded imsg 0.9.0): with a stray first character, or with the archive around it
 * (`streamtyped…`); such a text is still the one that stands whole inside it.
 */
export function isSentText(read: string, sent: string): boolean {
  const [one, other] = [foldSpace(read), foldSpace(sent)];
  if (one === other) return true;
  if (other === "") return false;
  const [first = ""] = one;
  return one.slice(first.length) === other || (one.includes("streamtyped") && one.includes(other));
}

/** True for a text that cannot be told from any other: nothing of it was read. */
export function isUnreadable(read: string): boolean {
  const rest = foldSpace(read).replace(/\uFFFD/gu, "");
  return rest === "" || rest === "streamtyped";
}

function foldSpace(text: string): string {
  return text.replace(/[\s\uFFFC]+/gu, " ").trim();
}
