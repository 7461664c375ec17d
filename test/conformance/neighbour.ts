// A copy of the recorded database to which a test adds rows, and what 0.9.0 tells of them.

import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue } from "node:sqlite";
import { rememberedChats } from "../../src/simulator/read/chats.ts";
import type { MessagePayload } from "../../src/simulator/read/payload.ts";
import { history, messagesAfter } from "../../src/simulator/read/queries.ts";
import { MessageStore } from "../../src/simulator/read/store.ts";
import { releaseOf } from "../../src/simulator/release.ts";
import { payloadsOf } from "../../src/simulator/rpc/reading.ts";
import { World } from "./world.ts";

/** The last row of the recorded database, and a chat of it that has few. */
export const LAST_ROW = 47;
export const CHAT = 10;

/** When a row was written that says nothing else: later than all recorded ones. */
export const DATE = 810_000_000_000_000_000n;

/** Columns of a row by name. */
export type Columns = Readonly<Record<string, SQLInputValue>>;

/** A world of its own for one test. */
export class Neighbour {
  readonly world = new World();
  readonly #path = this.world.path("/data/chat.db");
  #rows = LAST_ROW;

  /** Adds a message to the chat; the answer is its guid. */
  add(columns: Columns): string {
    this.#rows += 1;
    const { guid = `N${this.#rows}` } = columns;
    const all: Columns = { ROWID: this.#rows, date: DATE, handle_id: 1, ...columns, guid };
    const names = Object.keys(all);
    this.change(
      `INSERT INTO message (${names.join(",")}) VALUES (${names.map(() => "?").join(",")})`,
      ...Object.values(all),
    );
    this.change("INSERT INTO chat_message_join (chat_id, message_id) VALUES (?, ?)", CHAT, this.#rows);
    return typeof guid === "string" ? guid : "";
  }

  /** Changes the database. */
  change(sql: string, ...values: SQLInputValue[]): void {
    const db = new DatabaseSync(this.#path);
    db.prepare(sql).run(...values);
    db.close();
  }

  /** The rows that were added, as a watch tells them. */
  told(includeReactions = false): MessagePayload[] {
    return JSON.parse(this.toldAsJson(includeReactions)) as MessagePayload[];
  }

  /** The same as it is written. */
  toldAsJson(includeReactions = false): string {
    return this.#read((store) => {
      const query = { afterRowId: LAST_ROW, chatId: CHAT, includeReactions, limit: 1000 };
      return messagesAfter(store, query).messages;
    });
  }

  /** The chat's history. */
  history(limit = 50): MessagePayload[] {
    const filter = { participants: [], start: undefined, end: undefined };
    const json = this.#read((store) => history(store, { chatId: CHAT, limit, filter }));
    return JSON.parse(json) as MessagePayload[];
  }

  /** Removes everything. */
  destroy(): void {
    this.world.destroy();
  }

  #read(query: (store: MessageStore) => ReturnType<typeof history>): string {
    const release = releaseOf("legacy");
    if (release === undefined) throw new Error("no legacy release");
    const store = MessageStore.open(this.#path, release);
    try {
      const source = { store, chats: rememberedChats(store) };
      return JSON.stringify(payloadsOf(query(store), source, { attachments: true, convert: false }));
    } finally {
      store.close();
    }
  }
}
