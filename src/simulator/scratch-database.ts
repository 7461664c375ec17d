// A Messages database in a folder of its own, for tests: one direct chat, rows added as wanted.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { createDatabase } from "./schema.ts";

const FIRST_DATE = 800_000_000_000_000_000n;
const SECOND = 1_000_000_000n;
/** The handle of the other person in chat 1. */
export const OTHER = "+14155551212";

/** A database that a test fills. */
export class ScratchDatabase {
  readonly folder = mkdtempSync(join(tmpdir(), "imsg-sim-"));
  readonly path = join(this.folder, "chat.db");
  #db = this.#create();

  /** Adds messages to chat 1, or to none when told so. Returns the row id of the last. */
  add(
    count: number,
    columns: Readonly<Record<string, SQLInputValue>> = {},
    chats: readonly number[] = [1],
  ): number {
    let rowId = 0;
    this.#db.exec("BEGIN IMMEDIATE");
    for (let index = 0; index < count; index += 1) rowId = this.#addOne(columns, chats);
    this.#db.exec("COMMIT");
    return rowId;
  }

  /** Joins a row to a chat. */
  join(rowId: number, chat = 1): void {
    this.#db.prepare("INSERT INTO chat_message_join VALUES (?, ?, ?)").run(chat, rowId, dateOf(rowId));
  }

  /** Runs SQL. */
  sql(text: string, ...parameters: SQLInputValue[]): void {
    this.#db.prepare(text).run(...parameters);
  }

  /** Removes the file. */
  remove(): void {
    this.#db.close();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(this.path + suffix, { force: true });
  }

  /** Puts a new file in place of the one before. */
  recreate(): void {
    this.#db = this.#create();
  }

  /** Removes the folder. */
  destroy(): void {
    if (this.#db.isOpen) this.#db.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #addOne(columns: Readonly<Record<string, SQLInputValue>>, chats: readonly number[]): number {
    const next = Number(
      this.#db.prepare("SELECT IFNULL(MAX(ROWID), 0) + 1 AS next FROM message").get()?.["next"],
    );
    const row = {
      ROWID: next,
      guid: `GUID-${next}`,
      text: `text ${next}`,
      handle_id: 1,
      date: dateOf(next),
      ...columns,
    };
    const names = Object.keys(row);
    const places = names.map(() => "?").join(", ");
    this.#db
      .prepare(`INSERT INTO message (${names.join(", ")}) VALUES (${places})`)
      .run(...Object.values(row));
    for (const chat of chats) this.join(next, chat);
    return next;
  }

  #create(): DatabaseSync {
    createDatabase(this.path);
    const db = new DatabaseSync(this.path, { timeout: 5000 });
    db.exec(`INSERT INTO handle (ROWID, id, service) VALUES (1, '${OTHER}', 'iMessage');
      INSERT INTO chat (ROWID, guid, style, chat_identifier, service_name)
        VALUES (1, 'iMessage;-;${OTHER}', 45, '${OTHER}', 'iMessage'), (2, 'any;+;chat2', 43, 'chat2', 'iMessage');
      INSERT INTO chat_handle_join VALUES (1, 1), (2, 1)`);
    return db;
  }
}

function dateOf(rowId: number): bigint {
  return FIRST_DATE + BigInt(rowId) * SECOND;
}
