// What Messages heard in a voice message: imsg gives it as the text of the message.
import type { InboundMessage } from "../model/message.ts";

/**
 * The transcript of a message's file of this MIME type; undefined when there is none. A voice message is one sound alone: its text is
 * U+FFFC, the place of the file, unless Messages has a transcript (recorded imsg 0.9.0).
 */
export function transcriptOf(message: InboundMessage, mimeType: string): string | undefined {
  const { text, attachments } = message;
  const isVoice = attachments.length === 1 && mimeType.startsWith("audio/");
  const words = text.trim();
  return isVoice && words !== "" && !text.includes("\uFFFC") ? words : undefined;
}
