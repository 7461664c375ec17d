// One subscription: from a cursor, it reads new rows when the database changes and writes them as notifications.

import { attachmentsOf } from "../read/attachments.ts";
import type { ChangeSignal } from "../read/change-signal.ts";
import type { ChatLookup } from "../read/chats.ts";
import { passes } from "../read/filter.ts";
import type { MessageFilter } from "../read/filter.ts";
import type { Message } from "../read/message.ts";
import { messagePayload } from "../read/payload.ts";
import { maxRowId, messagesAfter } from "../read/queries.ts";
import { reactionsOf } from "../read/reactions.ts";
import { DatabaseFailure, wireNumber } from "../read/store.ts";
import type { MessageStore, Whole } from "../read/store.ts";
import type { BalloonMemory } from "../read/url-balloon.ts";
import type { Faults } from "./faults-port.ts";
import { PollClock } from "./poll-clock.ts";
import { WatchQueue } from "./watch-queue.ts";

/** What a subscriber asked for. */
export interface WatchRequest {
  readonly chatId: number | undefined;
  /** Exclusive; 0 means the newest row at this moment. */
  readonly sinceRowId: Whole;
  readonly filter: MessageFilter;
  readonly attachments: boolean;
  readonly convert: boolean;
  readonly includeReactions: boolean;
  readonly debounceMs: number;
}

/** What distinguishes the generations. */
export interface WatchManner {
  /** Time between polls that happen without any event, in milliseconds. */
  readonly pollMs: number;
  /** Delay of the first poll after the answer, in milliseconds. */
  readonly firstPollMs: number;
  /** Legacy leaves what is beyond 100 rows to the next poll; later generations read on at once. */
  readonly readOn: boolean;
  /** How often a row without a chat is looked at again before it is dropped; 0 sends it as chat 0. */
  readonly joinLooks: number;
  /** Rows that may wait to be written before the subscription ends with `watch.overflow`. */
  readonly bufferLimit: number;
}

/** What a subscription writes to. */
export interface WatchOutput {
  /** Writes a notification. */
  notify(method: string, params: object): void;
  /** Calls back once when the reader has caught up. */
  whenDrained(listener: () => void): void;
}

/** Where a subscription reads and writes. */
export interface WatchPlace {
  readonly store: MessageStore;
  readonly chats: ChatLookup;
  readonly balloons: BalloonMemory;
  readonly output: WatchOutput;
  readonly faults: Faults;
  /** Appends to the event log. */
  readonly log: (event: object) => void;
  /** Absent when file events are off. */
  readonly signal: ChangeSignal | undefined;
}

const BATCH = 100;
/** A live subscription. */
export class Subscription {
  readonly #id: number;
  readonly #request: WatchRequest;
  readonly #manner: WatchManner;
  readonly #place: WatchPlace;
  readonly #onEnd: () => void;
  readonly #clock: PollClock;
  #cursor: Whole = 0;
  /** The last row that was handed on to be written. */
  #lastTaken: Whole = 0;
  #failure: string | undefined;
  #seenVersion = -1;
  #behind = true;
  /** Absent where rows are written as they are read. */
  readonly #queue: WatchQueue | undefined;
  #unjoined: { rowId: Whole; looks: number } = { rowId: 0, looks: 0 };
  #ended = false;

  constructor(
    id: number,
    request: WatchRequest,
    place: WatchPlace & { manner: WatchManner; onEnd: () => void },
  ) {
    this.#id = id;
    this.#request = request;
    this.#place = place;
    this.#manner = place.manner;
    this.#onEnd = place.onEnd;
    const times = { ...place.manner, debounceMs: request.debounceMs };
    this.#clock = new PollClock(times, this, place.signal);
    this.#queue = Number.isFinite(place.manner.bufferLimit) ? this.#makeQueue() : undefined;
  }

  /** Fixes the cursor: rows after this moment will be written. */
  fixCursor(): void {
    this.#failure = this.#guard(() => {
      const { sinceRowId } = this.#request;
      this.#cursor = Number(sinceRowId) === 0 ? maxRowId(this.#place.store) : sinceRowId;
      this.#lastTaken = this.#cursor;
    });
  }

  /** Begins to poll. A database that refused ends the subscription, not the call. */
  start(): void {
    if (this.#ended) return;
    if (this.#failure !== undefined) {
      this.#fail(this.#failure);
      return;
    }
    this.#clock.start();
  }

  /** Ends it without a word. */
  stop(): void {
    this.#ended = true;
    this.#clock.stop();
    this.#queue?.stop();
  }

  /** Reads what is new and writes it, so many rows at most. */
  poll(limit = BATCH): void {
    if (this.#ended || this.#place.faults.watchSilenced()) return;
    const forced = this.#place.faults.watchError();
    const failure = forced ?? this.#guard(() => this.#readBatch(limit));
    if (failure !== undefined) this.#fail(failure);
  }

  /** Polls if the database was changed since it was last read. */
  pollIfChanged(): void {
    const failure = this.#guard(() => {
      if (this.#place.store.dataVersion() !== this.#seenVersion) this.poll();
    });
    if (failure !== undefined) this.#fail(failure);
  }

  #readBatch(limit: number): void {
    const { store } = this.#place;
    const version = store.dataVersion();
    if (version === this.#seenVersion && !this.#behind) return;
    this.#seenVersion = version;
    const batch = messagesAfter(store, {
      afterRowId: this.#cursor,
      chatId: this.#request.chatId,
      includeReactions: this.#request.includeReactions,
      limit,
    });
    this.#behind = batch.rows === limit;
    for (const message of batch.messages) {
      if (!this.#take(message)) return;
    }
    this.#cursor = batch.lastRowId;
    if (!this.#behind || !this.#manner.readOn) return;
    if (this.#queue === undefined) this.#place.output.whenDrained(() => this.poll());
    else setImmediate(() => this.poll());
  }

  /** Handles one row. Returns false when reading must stop before it. */
  #take(message: Message): boolean {
    if (message.chatId === 0 && this.#manner.joinLooks > 0) {
      if (this.#awaitJoin(message.rowId)) return false;
      this.#cursor = message.rowId;
      return true;
    }
    if (this.#place.balloons.isRepeat(message) || !passes(this.#request.filter, message)) {
      this.#cursor = message.rowId;
      return true;
    }
    if (this.#queue?.push(message) === false) {
      this.#overflow();
      return false;
    }
    this.#cursor = message.rowId;
    if (this.#queue === undefined) this.#write(message);
    this.#lastTaken = message.rowId;
    return true;
  }

  #write(message: Message): void {
    const { store, chats, output, log } = this.#place;
    const { attachments, convert, includeReactions } = this.#request;
    const payload = messagePayload(message, chats, {
      attachments: attachments ? attachmentsOf(store, message.rowId, convert) : [],
      reactions: includeReactions ? reactionsOf(store, message.guid) : [],
    });
    // Before the write: whoever measures what the reader does with the row begins to count here.
    log({
      event: "notified",
      subscription: this.#id,
      rowid: wireNumber(message.rowId),
      chat_id: message.chatId,
    });
    output.notify("message", { subscription: this.#id, message: payload });
  }

  /** True while a row without a chat is worth another look. The rows behind it wait. */
  #awaitJoin(rowId: Whole): boolean {
    if (this.#unjoined.rowId !== rowId) this.#unjoined = { rowId, looks: 0 };
    this.#unjoined.looks += 1;
    if (this.#unjoined.looks > this.#manner.joinLooks) return false;
    this.#behind = true;
    this.#clock.schedule();
    return true;
  }

  #makeQueue(): WatchQueue {
    return new WatchQueue({
      limit: this.#manner.bufferLimit,
      write: (message) => {
        const failure = this.#guard(() => this.#write(message));
        if (failure !== undefined) this.#fail(failure);
      },
      whenDrained: (listener) => this.#place.output.whenDrained(listener),
    });
  }

  #guard(read: () => void): string | undefined {
    try {
      read();
      return undefined;
    } catch (error) {
      if (error instanceof DatabaseFailure) return error.describe();
      throw error;
    }
  }

  #fail(message: string): void {
    if (this.#ended) return;
    this.#end();
    this.#place.output.notify("error", { subscription: this.#id, error: { message } });
  }

  /** What waits is written before the end is told. */
  #overflow(): void {
    this.#clock.stop();
    const resumeAfter = this.#lastTaken;
    this.#queue?.finish(() => {
      this.#end();
      this.#place.output.notify("watch.overflow", {
        subscription: this.#id,
        resume_after_rowid: wireNumber(resumeAfter),
        reason: "buffer_limit_exceeded",
        terminal: true,
      });
    });
  }

  #end(): void {
    this.stop();
    this.#onEnd();
  }
}
