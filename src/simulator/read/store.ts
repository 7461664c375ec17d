// Owns a read-only connection to a Messages database and its prepared statements.

import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Release } from "../release.ts";
import { decodeAttributedBody } from "../typedstream.ts";
import { misreadAttributedBody } from "./legacy-body.ts";

/** One row, its columns in the order of the select list. */
export type Row = readonly SQLOutputValue[];

/** SQLite refused; `code` is its primary result code. */
export class DatabaseFailure extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.name = "DatabaseFailure";
    this.code = code;
  }

  /** As imsg prints it: the text with the code behind. */
  describe(): string {
    return `${this.message} (code: ${this.code})`;
  }
}

function asFailure(error: unknown): unknown {
  if (!(error instanceof Error) || !("errcode" in error)) return error;
  return new DatabaseFailure(error.message, Number(error.errcode) & 0xff);
}

/** A read-only view of one database file. It keeps that file even when the path is replaced by another. */
export class MessageStore {
  readonly path: string;
  /** The release that reads. */
  readonly release: Release;
  /** The text of an `attributedBody`, as that release reads it. */
  readonly bodyText: (blob: Uint8Array) => string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #columns = new Map<string, ReadonlySet<string>>();

  private constructor(path: string, release: Release, db: DatabaseSync) {
    this.path = path;
    this.release = release;
    this.bodyText = release.readsWhole ? decodeAttributedBody : misreadAttributedBody;
    this.#db = db;
  }

  /** Contract: throws DatabaseFailure when the file cannot be opened; one that is no database opens and fails later. */
  static open(path: string, release: Release): MessageStore {
    try {
      return new MessageStore(path, release, new DatabaseSync(path, { readOnly: true, timeout: 5000 }));
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** All rows. Contract: throws DatabaseFailure. */
  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    try {
      return this.#prepare(sql).all(...parameters) as unknown as Row[];
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** All rows, one after the other: for queries that may be left early. Contract: throws DatabaseFailure. */
  *each(sql: string, ...parameters: SQLInputValue[]): Generator<Row> {
    try {
      yield* this.#prepare(sql).iterate(...parameters) as unknown as Iterable<Row>;
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** The first row, if any. Contract: throws DatabaseFailure. */
  first(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.all(sql, ...parameters)[0];
  }

  /** Whether a table has a column: older Macs lack some. Asked of the file once. Contract: throws DatabaseFailure. */
  has(table: string, column: string): boolean {
    let columns = this.#columns.get(table);
    if (columns === undefined) {
      const rows = this.all(`SELECT name FROM pragma_table_info('${table}')`);
      columns = new Set(rows.map(([name]) => text(name).toLowerCase()));
      this.#columns.set(table, columns);
    }
    return columns.has(column.toLowerCase());
  }

  /** Changes whenever another connection has committed. Contract: throws DatabaseFailure. */
  dataVersion(): number {
    return Number(this.first("PRAGMA data_version")?.[0]);
  }

  /** Ends the connection. */
  close(): void {
    this.#db.close();
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      statement.setReadBigInts(true); // dates and sizes go beyond what a number holds
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** A text column, read as C does: up to its first NUL. Every other kind of value reads as the empty text. */
export function text(value: SQLOutputValue | undefined): string {
  if (typeof value !== "string") return "";
  const end = value.indexOf("\0");
  return end === -1 ? value : value.slice(0, end);
}

/** A column of whole numbers; every other kind of value reads as 0. */
export function integer(value: SQLOutputValue | undefined): number {
  return typeof value === "bigint" ? Number(value) : 0;
}

/** A whole number, kept to the digit where JavaScript's numbers end. */
export type Whole = number | bigint;

/** The same, to the digit. */
export function whole(value: SQLOutputValue | undefined): Whole {
  if (typeof value !== "bigint") return 0;
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

/** A value that JSON.stringify writes as the number it is. */
export function wireNumber(value: Whole): number {
  // The typing of the language does not know raw JSON yet: what is written is a number.
  return typeof value === "bigint" ? (rawJson(String(value)) as number) : value;
}

function rawJson(source: string): unknown {
  return (JSON as unknown as { rawJSON: (text: string) => unknown }).rawJSON(source);
}
