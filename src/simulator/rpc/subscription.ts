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
import { DatabaseFailure } from "../read/store.ts";
import type { MessageStore } from "../read/store.ts";
import type { BalloonMemory } from "../read/url-balloon.ts";
import type { Faults } from "./faults-port.ts";

/** What a subscriber asked for. */
export interface WatchRequest {
  readonly chatId: number | undefined;
  /** Exclusive; 0 means the newest row at this moment. */
  readonly sinceRowId: number;
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
  /** A row joined to two chats comes once. */
  readonly oncePerRow: boolean;
  /** How often a row without a chat is looked at again before it is dropped; 0 sends it as chat 0. */
  readonly joinRetries: number;
  /** Messages that may wait for a slow reader before the subscription ends with `watch.overflow`. */
  readonly bufferLimit: number;
}

/** What a subscription writes to. */
export interface WatchOutput {
  /** Writes a notification; `delivered` is called once the reader has taken it. */
  notify(method: string, params: object, delivered?: () => void): void;
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
  /** Absent when file events are off. */
  readonly signal: ChangeSignal | undefined;
}

const BATCH = 100;
const JOIN_RETRY_MS = 250;
/** An event can come before its commit is visible, by much on a busy machine: waits before looking again, in milliseconds. */
const LOOK_AGAIN_MS = [2, 5, 15, 50, 150, 400, 1000];

/** A live subscription. */
export class Subscription {
  readonly #id: number;
  readonly #request: WatchRequest;
  readonly #manner: WatchManner;
  readonly #place: WatchPlace;
  readonly #onEnd: () => void;
  readonly #timers = new Set<NodeJS.Timeout>();
  #cursor = 0;
  #failure: string | undefined;
  #seenVersion = -1;
  #behind = true;
  #debouncing = false;
  #lookAgain: NodeJS.Timeout | undefined;
  #waiting = 0;
  #unjoined = { rowId: 0, attempts: 0 };
  #ended = false;
  #unlisten: () => void = () => {};

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
  }

  /** Fixes the cursor: rows after this moment will be written. */
  fixCursor(): void {
    this.#failure = this.#guard(() => {
      const { sinceRowId } = this.#request;
      this.#cursor = sinceRowId === 0 ? maxRowId(this.#place.store) : sinceRowId;
    });
  }

  /** Begins to poll. A database that refused ends the subscription, not the call. */
  start(): void {
    if (this.#ended) return;
    if (this.#failure !== undefined) {
      this.#fail(this.#failure);
      return;
    }
    this.#unlisten = this.#place.signal?.listen(() => this.#onChange()) ?? this.#unlisten;
    this.#after(this.#manner.firstPollMs, () => this.#pollAndLookAgain());
    this.#repeat();
  }

  /** Ends it without a word. */
  stop(): void {
    this.#ended = true;
    this.#unlisten();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Reads what is new and writes it. */
  poll(): void {
    if (this.#ended || this.#place.faults.watchSilenced()) return;
    const forced = this.#place.faults.watchError();
    const failure = forced ?? this.#guard(() => this.#readBatch());
    if (failure !== undefined) this.#fail(failure);
  }

  #readBatch(): void {
    const { store } = this.#place;
    const version = store.dataVersion();
    if (version === this.#seenVersion && !this.#behind) return;
    this.#seenVersion = version;
    const messages = messagesAfter(store, {
      afterRowId: this.#cursor,
      chatId: this.#request.chatId,
      includeReactions: this.#request.includeReactions,
      limit: BATCH,
      oncePerRow: this.#manner.oncePerRow,
    });
    this.#behind = messages.length === BATCH;
    for (const message of messages) {
      if (!this.#take(message)) return;
    }
    if (this.#behind && this.#manner.readOn) this.#place.output.whenDrained(() => this.poll());
  }

  /** Handles one row. Returns false when reading must stop before it. */
  #take(message: Message): boolean {
    if (message.chatId === 0 && this.#manner.joinRetries > 0) {
      if (this.#awaitJoin(message.rowId)) return false;
      this.#cursor = message.rowId;
      return true;
    }
    if (this.#place.balloons.isRepeat(message) || !passes(this.#request.filter, message)) {
      this.#cursor = message.rowId;
      return true;
    }
    if (this.#waiting >= this.#manner.bufferLimit) {
      this.#overflow();
      return false;
    }
    this.#cursor = message.rowId;
    this.#write(message);
    return true;
  }

  #write(message: Message): void {
    const { store, chats, output } = this.#place;
    const { attachments, convert, includeReactions } = this.#request;
    const payload = messagePayload(message, chats, {
      attachments: attachments ? attachmentsOf(store, message.rowId, convert) : [],
      reactions: includeReactions ? reactionsOf(store, message.guid) : [],
    });
    this.#waiting += 1;
    output.notify("message", { subscription: this.#id, message: payload }, () => {
      this.#waiting -= 1;
    });
  }

  /** True while a row without a chat is worth waiting for. */
  #awaitJoin(rowId: number): boolean {
    if (this.#unjoined.rowId !== rowId) this.#unjoined = { rowId, attempts: 0 };
    this.#unjoined.attempts += 1;
    if (this.#unjoined.attempts > this.#manner.joinRetries) return false;
    this.#behind = true;
    this.#after(Math.max(JOIN_RETRY_MS, this.#request.debounceMs), () => this.poll());
    return true;
  }

  #onChange(): void {
    if (this.#debouncing || this.#ended) return;
    this.#debouncing = true;
    this.#cancel(this.#lookAgain);
    this.#after(this.#request.debounceMs, () => {
      this.#debouncing = false;
      this.#pollAndLookAgain();
    });
  }

  /** The event of a commit that is not visible yet has come before this poll, or before there was anyone to hear it. */
  #pollAndLookAgain(): void {
    this.poll();
    if (this.#place.signal !== undefined) this.#lookAgainAfter(LOOK_AGAIN_MS);
  }

  /** Only while no further event comes: that one has its own poll, when its time has come. */
  #lookAgainAfter([delayMs, ...later]: readonly number[]): void {
    if (delayMs === undefined) return;
    this.#lookAgain = this.#after(delayMs, () => {
      const failure = this.#guard(() => {
        if (this.#place.store.dataVersion() !== this.#seenVersion) this.poll();
      });
      if (failure === undefined) this.#lookAgainAfter(later);
      else this.#fail(failure);
    });
  }

  #repeat(): void {
    this.#after(this.#manner.pollMs, () => {
      this.poll();
      this.#repeat();
    });
  }

  #after(delayMs: number, act: () => void): NodeJS.Timeout | undefined {
    if (this.#ended) return undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  #cancel(timer: NodeJS.Timeout | undefined): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#timers.delete(timer);
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

  #overflow(): void {
    this.#end();
    this.#place.output.notify("watch.overflow", {
      subscription: this.#id,
      resume_after_rowid: this.#cursor,
      reason: "buffer_limit_exceeded",
      terminal: true,
    });
  }

  #end(): void {
    this.stop();
    this.#onEnd();
  }
}
