// Reads the attachments of a message and looks whether their files are there.

import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { convertAttachment } from "./convert.ts";
import { integer, text, whole, wireNumber } from "./store.ts";
import type { MessageStore, Whole } from "./store.ts";

/** An attachment on the wire. */
export interface AttachmentPayload {
  filename: string;
  transfer_name: string;
  uti: string;
  mime_type: string;
  total_bytes: number;
  is_sticker: boolean;
  original_path: string;
  missing: boolean;
  converted_path?: string;
  converted_mime_type?: string;
}

const SQL = `SELECT a.filename, a.transfer_name, a.uti, a.mime_type, a.total_bytes, a.is_sticker
  FROM message_attachment_join maj JOIN attachment a ON a.ROWID = maj.attachment_id WHERE maj.message_id = ?`;

/** A message's attachments; with `convert`, sound and GIF files get a copy that models can read. */
export function attachmentsOf(store: MessageStore, rowId: Whole, convert: boolean): AttachmentPayload[] {
  return store.all(SQL, rowId).map((row) => {
    const filename = text(row[0]);
    const path = expandHome(filename);
    const payload: AttachmentPayload = {
      filename,
      transfer_name: text(row[1]),
      uti: text(row[2]),
      mime_type: text(row[3]),
      total_bytes: wireNumber(whole(row[4])),
      is_sticker: integer(row[5]) !== 0,
      original_path: path,
      missing: !isFile(path),
    };
    const copy =
      convert && !payload.missing ? convertAttachment(path, payload.uti, payload.mime_type) : undefined;
    if (copy !== undefined) {
      payload.converted_path = copy.path;
      payload.converted_mime_type = copy.mimeType;
    }
    return payload;
  });
}

/** Puts a home folder in place of a leading `~` or `~name`, as Foundation does: one slash at the end goes with it. */
export function expandHome(path: string): string {
  if (!path.startsWith("~")) return path;
  const end = path.includes("/") ? path.indexOf("/") : path.length;
  const home = homeOf(path.slice(1, end));
  return (home === undefined ? path : home + path.slice(end)).replace(/(?<=.)\/$/su, "");
}

function homeOf(user: string): string | undefined {
  if (user === "") return homedir();
  try {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((entry) => entry.startsWith(`${user}:`));
    return line?.split(":")[5];
  } catch {
    return undefined; // macOS keeps its people elsewhere
  }
}

function isFile(path: string): boolean {
  try {
    return path !== "" && !statSync(path).isDirectory();
  } catch {
    return false;
  }
}
