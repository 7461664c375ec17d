// Reads what Messages heard in a voice message: a property list kept with the attachment.

import { textInPropertyList } from "./property-list.ts";
import type { MessageStore, Whole } from "./store.ts";

const SQL = `SELECT a.user_info FROM message_attachment_join maj JOIN attachment a ON a.ROWID = maj.attachment_id
  WHERE maj.message_id = ? LIMIT 1`;

/** The transcription of a voice message: that of its first attachment alone; undefined when there is none. */
export function audioTranscription(store: MessageStore, rowId: Whole): string | undefined {
  if (!store.has("attachment", "user_info")) return undefined;
  const [blob] = store.first(SQL, rowId) ?? [];
  if (!(blob instanceof Uint8Array)) return undefined;
  return textInPropertyList(blob, "audio-transcription") || undefined;
}
