// Writes messages into a Messages database the way Messages does: handle, row with text and attributedBody, chat join.

import { randomUUID } from "node:crypto";
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { readSelfHandles } from "./schema.ts";
import { encodeAttributedBody } from "./typedstream.ts";

/** The services Messages knows. */
export type Service = "iMessage" | "SMS" | "RCS";

/** A message as it is written. What is left out is written as Messages leaves it. */
export interface NewMessage {
  readonly text: string;
  readonly service: Service;
  /** Address of the sender, or of the other person for an own message in a direct chat; absent: handle 0. */
  readonly handle: string | undefined;
  readonly isFromMe: boolean;
  /** Nanoseconds since 2001; now when absent. */
  readonly date?: bigint | undefined;
  readonly guid?: string | undefined;
  /** Leaves the column `text` NULL: the text stands in `attributedBody` alone. */
  readonly bodyOnly?: boolean | undefined;
  /** Further columns of the table `message`. */
  readonly columns?: Readonly<Record<string, SQLInputValue>> | undefined;
}

/** A row that was written. */
export interface WrittenMessage {
  readonly rowId: number;
  readonly guid: string;
  readonly date: bigint;
}

const APPLE_EPOCH_MS = 978_307_200_000;

/** Apple's clock: nanoseconds since 2001 of a time in milliseconds since 1970 (microseconds survive). */
export function appleDate(ms: number): bigint {
  return BigInt(Math.round((ms - APPLE_EPOCH_MS) * 1000)) * 1000n;
}

/** A guid as Messages makes them. */
export function newGuid(): string {
  return randomUUID().toUpperCase();
}

/** Milliseconds since 1970 with their fraction, so that rows written together keep their order. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Writes rows through one connection, with statements prepared once. */
export class MessageWriter {
  readonly db: DatabaseSync;
  readonly selfHandles: readonly string[];
  readonly #statements = new Map<string, StatementSync>();

  private constructor(db: DatabaseSync) {
    this.db = db;
    // A stand-in's database need not survive a power cut; its readers see every commit all the same.
    db.exec("PRAGMA synchronous = OFF");
    this.selfHandles = readSelfHandles(db);
  }

  static readonly #writers = new WeakMap<DatabaseSync, MessageWriter>();

  /** The writer of a connection; made once. */
  static of(db: DatabaseSync): MessageWriter {
    let writer = this.#writers.get(db);
    if (writer === undefined) {
      writer = new MessageWriter(db);
      this.#writers.set(db, writer);
    }
    return writer;
  }

  /** Runs `work` in one transaction. Contract: all of it is written, or, when it throws, nothing. */
  transaction<Result>(work: () => Result): Result {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      if (this.db.isTransaction) this.run("ROLLBACK");
      throw error;
    }
  }

  /** Runs a statement, returns the row id it inserted. */
  run(sql: string, ...parameters: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...parameters).lastInsertRowid);
  }

  /** The first row of a query. */
  first(sql: string, ...parameters: SQLInputValue[]): Record<string, SQLOutputValue> | undefined {
    return this.#prepare(sql).get(...parameters);
  }

  /** All rows of a query. */
  all(sql: string, ...parameters: SQLInputValue[]): Record<string, SQLOutputValue>[] {
    return this.#prepare(sql).all(...parameters);
  }

  /** Whether an address is one of this Apple ID's own. */
  isSelf(address: string): boolean {
    return this.selfHandles.some((own) => own.toLowerCase() === address.toLowerCase());
  }

  /** The row of a handle, made when it is new. */
  handleId(address: string, service: Service): number {
    const found = this.first("SELECT ROWID AS id FROM handle WHERE id = ? AND service = ?", address, service);
    if (found !== undefined) return Number(found["id"]);
    const country = address.startsWith("+1") || !address.startsWith("+") ? "us" : null;
    return this.run("INSERT INTO handle(id, country, service) VALUES (?, ?, ?)", address, country, service);
  }

  /** Inserts the row alone. It belongs to no chat until `join`. */
  insert(message: NewMessage): WrittenMessage {
    const guid = message.guid ?? newGuid();
    const date = message.date ?? appleDate(nowMs());
    const own = message.isFromMe;
    const columns: Record<string, SQLInputValue> = {
      guid,
      text: message.bodyOnly === true ? null : message.text,
      attributedBody: message.text === "" ? null : encodeAttributedBody(message.text),
      handle_id: message.handle === undefined ? 0 : this.handleId(message.handle, message.service),
      service: message.service,
      date,
      date_delivered: own ? date : 0,
      is_delivered: own ? 1 : 0,
      is_finished: 1,
      is_from_me: own ? 1 : 0,
      is_sent: own ? 1 : 0,
      part_count: 1,
      version: 10,
      destination_caller_id: this.selfHandles[0] ?? null,
      ...message.columns,
    };
    const names = Object.keys(columns);
    const places = names.map(() => "?").join(",");
    const sql = `INSERT INTO message(${names.join(",")}) VALUES (${places})`;
    return { rowId: this.run(sql, ...Object.values(columns)), guid, date };
  }

  /** Puts a row into a chat: from now on readers find it there. */
  join(chatId: number, written: WrittenMessage): void {
    const sql = "INSERT OR IGNORE INTO chat_message_join(chat_id, message_id, message_date) VALUES (?, ?, ?)";
    this.run(sql, chatId, written.rowId, written.date);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
