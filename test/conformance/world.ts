// A throw-away copy of the machine imsg was recorded on: its database, its files, its home.

import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { encodeAttributedBody } from "../../src/simulator/typedstream.ts";
import { RECORDED } from "./recording.ts";
import type { Step } from "./recording.ts";

const APPLE_EPOCH_MS = 978_307_200_000;
/** The recorder gave our own rows no handle, and others that of the chat's first member unless a notification says more. */
const OWN_CALLER_ID = "+14155550000";
/** Rows whose text stood in `attributedBody` alone. */
const ATTRIBUTED: Readonly<Record<string, string>> = {
  "B7879EF4-0000-4000-8000-C00E921BA956": "live attributed 🎈",
};

/** What a recorded notification says about a row that the recorder's log of its insert leaves out. */
export interface SeenRow {
  readonly sender?: string;
  readonly created_at?: string;
  readonly attachments?: readonly { readonly [key: string]: unknown }[];
}

/** The machine. `/data` and `/home/user` of the recordings lie below `root`. */
export class World {
  readonly root = mkdtempSync(join(tmpdir(), "imsg-recorded-"));

  constructor() {
    chmodSync(this.root, 0o755); // the recorder ran some processes as another user
    this.writeFile("/home/user/files/report.pdf", "%PDF-1.4 not really one\n");
    this.addDatabase("/data/chat.db");
  }

  /** Where a recorded path lies here. */
  path(recorded: string): string {
    return join(this.root, recorded);
  }

  /** Text of the simulator with this world's paths written as the recorded ones. */
  asRecorded(text: string): string {
    return text.replaceAll(this.root, "");
  }

  /** Puts a fresh copy of the recorded database at a recorded path. */
  addDatabase(recorded: string): void {
    mkdirSync(dirname(this.path(recorded)), { recursive: true });
    copyFileSync(join(RECORDED, "chat.db"), this.path(recorded));
    const db = new DatabaseSync(this.path(recorded));
    db.exec("PRAGMA journal_mode=WAL");
    const file = db.prepare(
      "UPDATE attachment SET filename = ? WHERE filename = '/home/user/files/report.pdf'",
    );
    file.run(this.path("/home/user/files/report.pdf"));
    db.close();
  }

  /** Writes a file at a recorded path. */
  writeFile(recorded: string, content: string): void {
    mkdirSync(dirname(this.path(recorded)), { recursive: true });
    writeFileSync(this.path(recorded), content);
  }

  /** Removes a recorded file with what SQLite keeps beside it. */
  removeDatabase(recorded: string): void {
    for (const suffix of ["", "-wal", "-shm"]) rmSync(this.path(recorded) + suffix, { force: true });
  }

  /** Does what the recorder did to the database, all in one transaction. */
  write(recorded: string, steps: readonly Step[], seen: ReadonlyMap<number, SeenRow>): void {
    const db = new DatabaseSync(this.path(recorded), { timeout: 5000 });
    db.exec("BEGIN IMMEDIATE");
    for (const step of steps) {
      if (step.op === "insert") insertRow(db, step, seen.get(step.rowid ?? 0) ?? {});
      else db.prepare(step.sql ?? "").run(...(step.args ?? []).map(numberIfDigits));
    }
    db.exec("COMMIT");
    db.close();
  }

  /** Removes everything. */
  destroy(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function insertRow(db: DatabaseSync, step: Step, seen: SeenRow): void {
  const rowId = step.rowid ?? 0;
  const guid = step.guid ?? "";
  const ms = seen.created_at === undefined ? Date.now() : Date.parse(seen.created_at);
  const date = BigInt(ms - APPLE_EPOCH_MS) * 1_000_000n;
  const attributed = ATTRIBUTED[guid];
  db.prepare(
    `INSERT INTO message (ROWID, guid, text, handle_id, attributedBody, service, date, is_from_me, destination_caller_id,
       associated_message_guid, associated_message_type, balloon_bundle_id, thread_originator_guid, cache_has_attachments)
     VALUES (?, ?, ?, ?, ?, 'iMessage', ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    rowId,
    guid,
    step.text ?? null,
    step.is_from_me === 1 ? 0 : handleId(db, seen.sender ?? firstMember(db, step.chats?.[0] ?? 1)),
    attributed === undefined ? null : encodeAttributedBody(attributed),
    date,
    step.is_from_me ?? 0,
    OWN_CALLER_ID,
    step.associated_message_guid ?? null,
    step.associated_message_type ?? 0,
    step.balloon_bundle_id ?? null,
    step.thread_originator_guid ?? null,
    step.cache_has_attachments ?? 0,
  );
  for (const chat of step.chats ?? []) {
    db.prepare("INSERT INTO chat_message_join VALUES (?, ?, ?)").run(chat, rowId, date);
  }
  for (const [index, attachment] of (seen.attachments ?? []).entries()) {
    insertAttachment(db, { rowId, guid: `${guid}_${index}` }, attachment);
  }
}

function insertAttachment(
  db: DatabaseSync,
  message: { rowId: number; guid: string },
  attachment: { readonly [key: string]: unknown },
): void {
  const { lastInsertRowid } = db
    .prepare(
      `INSERT INTO attachment (guid, original_guid, filename, transfer_name, uti, mime_type, total_bytes, is_sticker)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      message.guid,
      message.guid,
      ...["filename", "transfer_name", "uti", "mime_type", "total_bytes"].map(
        (key) => attachment[key] as SQLInputValue,
      ),
      attachment["is_sticker"] === true ? 1 : 0,
    );
  db.prepare("INSERT INTO message_attachment_join VALUES (?, ?)").run(message.rowId, lastInsertRowid);
}

function firstMember(db: DatabaseSync, chat: number): string {
  const sql =
    "SELECT h.id FROM chat_handle_join j JOIN handle h ON h.ROWID = j.handle_id WHERE j.chat_id = ? LIMIT 1";
  return String(db.prepare(sql).get(chat)?.["id"]);
}

function handleId(db: DatabaseSync, handle: string): number {
  return Number(db.prepare("SELECT ROWID FROM handle WHERE id = ?").get(handle)?.["ROWID"] ?? 0);
}

function numberIfDigits(value: string): SQLInputValue {
  return /^\d+$/u.test(value) ? BigInt(value) : value;
}
