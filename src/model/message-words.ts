// What a message says, as one text: equal for the same message however its rows were written and read.
import type { InboundMessage } from "./message.ts";
import { canonicalText } from "./message-text.ts";
import { composedText } from "./unicode-form.ts";

/** The words and files of a message, or the tapback that it is; undefined when it says nothing by which it could be told from others. */
export function wordsOf({ text, attachments, reaction }: InboundMessage): string | undefined {
  const words = canonicalText(text);
  if (words === "" && attachments.length === 0 && reaction === undefined) return undefined;
  const files = attachments.map(({ name, bytes }) => [composedText(name), bytes]);
  const tapback = reaction && [reaction.type, reaction.emoji, reaction.added, reaction.target];
  return JSON.stringify([words, files, tapback ?? null]);
}
