// Owns a read-only connection to a Messages database and its prepared statements.

import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Dialect } from "../release.ts";
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
  /** The text of an `attributedBody`, as the generation that is played reads it. */
  readonly bodyText: (blob: Uint8Array) => string;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  private constructor(path: string, dialect: Dialect, db: DatabaseSync) {
    this.path = path;
    this.bodyText = dialect === "legacy" ? misreadAttributedBody : decodeAttributedBody;
    this.#db = db;
  }

  /** Contract: throws DatabaseFailure when the file cannot be opened; one that is no database opens and fails later. */
  static open(path: string, dialect: Dialect): MessageStore {
    try {
      return new MessageStore(path, dialect, new DatabaseSync(path, { readOnly: true, timeout: 5000 }));
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** All rows. Contract: throws DatabaseFailure. */
  all(sql: string, ...parameters: SQLInputValue[]): Row[] {
    try {
      let statement = this.#statements.get(sql);
      if (statement === undefined) {
        statement = this.#db.prepare(sql);
        statement.setReturnArrays(true);
        this.#statements.set(sql, statement);
      }
      return statement.all(...parameters) as unknown as Row[];
    } catch (error) {
      throw asFailure(error);
    }
  }

  /** The first row, if any. Contract: throws DatabaseFailure. */
  first(sql: string, ...parameters: SQLInputValue[]): Row | undefined {
    return this.all(sql, ...parameters)[0];
  }

  /** Changes whenever another connection has committed. Contract: throws DatabaseFailure. */
  dataVersion(): number {
    return Number(this.first("PRAGMA data_version")?.[0]);
  }

  /** Ends the connection. */
  close(): void {
    this.#db.close();
  }
}

/** A text column; NULL reads as the empty text. */
export function text(value: SQLOutputValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** A number column; NULL reads as 0. */
export function integer(value: SQLOutputValue | undefined): number {
  return typeof value === "number" ? value : 0;
}
