// Owns the shape of a Messages database: Apple's tables as far as imsg looks at them, and fresh files of that shape.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

const MESSAGE = `CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT, replace INTEGER DEFAULT 0,
 service_center TEXT, handle_id INTEGER DEFAULT 0, subject TEXT, country TEXT, attributedBody BLOB, version INTEGER DEFAULT 0,
 type INTEGER DEFAULT 0, service TEXT, account TEXT, account_guid TEXT, error INTEGER DEFAULT 0, date INTEGER,
 date_read INTEGER, date_delivered INTEGER, is_delivered INTEGER DEFAULT 0, is_finished INTEGER DEFAULT 0, is_emote INTEGER DEFAULT 0,
 is_from_me INTEGER DEFAULT 0, is_empty INTEGER DEFAULT 0, is_delayed INTEGER DEFAULT 0, is_auto_reply INTEGER DEFAULT 0,
 is_prepared INTEGER DEFAULT 0, is_read INTEGER DEFAULT 0, is_system_message INTEGER DEFAULT 0, is_sent INTEGER DEFAULT 0,
 has_dd_results INTEGER DEFAULT 0, is_service_message INTEGER DEFAULT 0, is_forward INTEGER DEFAULT 0, was_downgraded INTEGER DEFAULT 0,
 is_archive INTEGER DEFAULT 0, cache_has_attachments INTEGER DEFAULT 0, cache_roomnames TEXT, was_data_detected INTEGER DEFAULT 0,
 was_deduplicated INTEGER DEFAULT 0, is_audio_message INTEGER DEFAULT 0, is_played INTEGER DEFAULT 0, date_played INTEGER,
 item_type INTEGER DEFAULT 0, other_handle INTEGER DEFAULT 0, group_title TEXT, group_action_type INTEGER DEFAULT 0,
 share_status INTEGER DEFAULT 0, share_direction INTEGER DEFAULT 0, is_expirable INTEGER DEFAULT 0, expire_state INTEGER DEFAULT 0,
 message_action_type INTEGER DEFAULT 0, message_source INTEGER DEFAULT 0, associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0,
 balloon_bundle_id TEXT, payload_data BLOB, expressive_send_style_id TEXT, associated_message_range_location INTEGER DEFAULT 0,
 associated_message_range_length INTEGER DEFAULT 0, time_expressive_send_played INTEGER, message_summary_info BLOB,
 ck_sync_state INTEGER DEFAULT 0, ck_record_id TEXT, ck_record_change_tag TEXT, destination_caller_id TEXT, is_corrupt INTEGER DEFAULT 0,
 reply_to_guid TEXT, sort_id INTEGER, is_spam INTEGER DEFAULT 0, has_unseen_mention INTEGER DEFAULT 0, thread_originator_guid TEXT,
 thread_originator_part TEXT, syndication_ranges TEXT, was_delivered_quietly INTEGER DEFAULT 0, did_notify_recipient INTEGER DEFAULT 0,
 date_retracted INTEGER DEFAULT 0, date_edited INTEGER DEFAULT 0, was_detonated INTEGER DEFAULT 0, part_count INTEGER,
 is_stewie INTEGER DEFAULT 0, associated_message_emoji TEXT,
 schedule_type INTEGER DEFAULT 0, schedule_state INTEGER DEFAULT 0)`;

const CHAT = `CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, state INTEGER, account_id TEXT,
 properties BLOB, chat_identifier TEXT, service_name TEXT, room_name TEXT, account_login TEXT, is_archived INTEGER DEFAULT 0,
 last_addressed_handle TEXT, display_name TEXT, group_id TEXT, is_filtered INTEGER DEFAULT 0, successful_query INTEGER,
 last_read_message_timestamp INTEGER DEFAULT 0)`;

const HANDLE = `CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, country TEXT, service TEXT NOT NULL,
 uncanonicalized_id TEXT, person_centric_id TEXT, UNIQUE (id, service))`;

const ATTACHMENT = `CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, created_date INTEGER DEFAULT 0,
 start_date INTEGER DEFAULT 0, filename TEXT, uti TEXT, mime_type TEXT, transfer_state INTEGER DEFAULT 0, is_outgoing INTEGER DEFAULT 0,
 user_info BLOB, transfer_name TEXT, total_bytes INTEGER DEFAULT 0, is_sticker INTEGER DEFAULT 0, sticker_user_info BLOB,
 attribution_info BLOB, hide_attachment INTEGER DEFAULT 0, original_guid TEXT UNIQUE NOT NULL)`;

/** Every statement that makes an empty database what Messages leaves on disk. */
const STATEMENTS = [
  MESSAGE,
  CHAT,
  HANDLE,
  "CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE(chat_id, handle_id))",
  "CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0, PRIMARY KEY (chat_id, message_id))",
  ATTACHMENT,
  "CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER, UNIQUE(message_id, attachment_id))",
  "CREATE INDEX message_idx_date ON message(date)",
  "CREATE INDEX chat_message_join_idx_message_date_id_chat_id ON chat_message_join(chat_id, message_date, message_id)",
  "CREATE INDEX message_idx_associated_message ON message(associated_message_guid)",
  "CREATE INDEX chat_message_join_idx_message_id_only ON chat_message_join(message_id)",
  "CREATE TABLE _SqliteDatabaseProperties (key TEXT, value TEXT, UNIQUE(key))",
];

/**
 * Makes a database without rows at `path` (in WAL mode, its folder made too) and closes it.
 * Contract: fails when there is a file already that holds tables.
 */
export function createDatabase(path: string, selfHandles: readonly string[] = []): void {
  mkdirSync(dirname(path), { recursive: true });
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; BEGIN");
    for (const statement of STATEMENTS) db.exec(statement);
    writeSelfHandles(db, selfHandles);
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}

const SELF_KEY = "imsg-sim.self-handles";

function writeSelfHandles(db: DatabaseSync, handles: readonly string[]): void {
  db.prepare("INSERT OR REPLACE INTO _SqliteDatabaseProperties(key, value) VALUES (?, ?)").run(
    SELF_KEY,
    JSON.stringify(handles),
  );
}

/** The handles of the Apple ID the database belongs to; for a database not made by `createDatabase`, those its chats name. */
export function readSelfHandles(db: DatabaseSync): string[] {
  const known = db.prepare("SELECT 1 FROM sqlite_master WHERE name = '_SqliteDatabaseProperties'").get();
  if (known !== undefined) {
    const row = db.prepare("SELECT value FROM _SqliteDatabaseProperties WHERE key = ?").get(SELF_KEY);
    const list: unknown = typeof row?.["value"] === "string" ? JSON.parse(row["value"]) : undefined;
    if (Array.isArray(list)) return list.map(String);
  }
  const rows = db
    .prepare("SELECT DISTINCT last_addressed_handle AS handle FROM chat WHERE last_addressed_handle <> ''")
    .all();
  return rows.map((row) => String(row["handle"]));
}
