// Puts files into Messages' attachment folder and their rows into the database.

import { copyFileSync, mkdirSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { newGuid } from "./write.ts";
import type { MessageWriter, WrittenMessage } from "./write.ts";

/** The character that stands in a message's text where a file is. */
export const OBJECT_REPLACEMENT = "\u{FFFC}";

/** A file that was copied to where Messages keeps attachments. */
export interface StoredFile {
  readonly path: string;
  readonly name: string;
  readonly bytes: number;
  readonly isSticker?: boolean;
}

const KINDS: Readonly<Record<string, readonly [uti: string, mime: string]>> = {
  ".aac": ["public.aac-audio", "audio/aac"],
  ".amr": ["org.3gpp.adaptive-multi-rate-audio", "audio/amr"],
  ".caf": ["com.apple.coreaudio-format", "audio/x-caf"],
  ".csv": ["public.comma-separated-values-text", "text/csv"],
  ".gif": ["com.compuserve.gif", "image/gif"],
  ".heic": ["public.heic", "image/heic"],
  ".jpeg": ["public.jpeg", "image/jpeg"],
  ".jpg": ["public.jpeg", "image/jpeg"],
  ".m4a": ["com.apple.m4a-audio", "audio/x-m4a"],
  ".mov": ["com.apple.quicktime-movie", "video/quicktime"],
  ".mp3": ["public.mp3", "audio/mpeg"],
  ".mp4": ["public.mpeg-4", "video/mp4"],
  ".pdf": ["com.adobe.pdf", "application/pdf"],
  ".png": ["public.png", "image/png"],
  ".txt": ["public.plain-text", "text/plain"],
  ".vcf": ["public.vcard", "text/vcard"],
  ".webp": ["org.webmproject.webp", "image/webp"],
  ".zip": ["public.zip-archive", "application/zip"],
};

/**
 * Copies a file into `Attachments/` beside the database. What is sent goes where imsg stages files, what is received
 * where Messages does. Contract: throws when the file cannot be read or copied.
 */
export function storeFile(dbPath: string, source: string, direction: "in" | "out"): StoredFile {
  const guid = newGuid();
  const place =
    direction === "out" ? ["imsg"] : [guid.slice(0, 2).toLowerCase(), guid.slice(2, 4).toLowerCase()];
  const folder = join(dirname(dbPath), "Attachments", ...place, guid);
  const bytes = statSync(source).size;
  mkdirSync(folder, { recursive: true });
  const name = basename(source);
  const path = join(folder, name);
  copyFileSync(source, path);
  return { path, name, bytes };
}

/** Adds the row of a stored file to a message. */
export function attach(
  writer: MessageWriter,
  message: WrittenMessage,
  file: StoredFile,
  isOutgoing: boolean,
): void {
  const [uti, mime] = KINDS[extname(file.name).toLowerCase()] ?? ["public.data", null];
  const guid = newGuid();
  const id = writer.run(
    `INSERT INTO attachment(guid, original_guid, created_date, filename, uti, mime_type, transfer_state, is_outgoing,
       transfer_name, total_bytes, is_sticker) VALUES (?, ?, ?, ?, ?, ?, 5, ?, ?, ?, ?)`,
    guid,
    guid,
    message.date / 1_000_000_000n,
    file.path,
    uti,
    mime,
    isOutgoing ? 1 : 0,
    file.name,
    file.bytes,
    file.isSticker === true ? 1 : 0,
  );
  const join = "INSERT INTO message_attachment_join(message_id, attachment_id) VALUES (?, ?)";
  writer.run(join, message.rowId, id);
}
