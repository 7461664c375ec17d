// Whether a row read back from Messages is a file that was sent: it has no text to be known by.
import type { OutboundFile } from "./media.ts";
import type { InboundMessage } from "./message.ts";
import { isUnreadable } from "./message-text.ts";
import { composedText } from "./unicode-form.ts";

/** True for a row that is this file and nothing beside it. Messages may write accents of a name otherwise than they were sent. */
export function isSentFile(row: Pick<InboundMessage, "text" | "attachments">, file: OutboundFile): boolean {
  const [one, ...more] = row.attachments;
  if (one === undefined || more.length > 0 || !isUnreadable(row.text)) return false;
  return fold(one.name) === fold(file.name);
}

/** True for a row that may be this file under another name: one that imsg could not tell, or of exactly as many bytes. */
export function mayBeFile(row: Pick<InboundMessage, "text" | "attachments">, file: OutboundFile): boolean {
  if (!isUnreadable(row.text)) return false;
  if (row.attachments.length === 0) return true;
  return row.attachments.some(({ name, bytes }) => name === "" || (bytes > 0 && bytes === file.bytes));
}

function fold(name: string): string {
  return composedText(name).toLowerCase();
}
