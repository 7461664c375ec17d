// The rows a v1 subscription has read and not written yet: read a hundred at a time, written one by one.

import type { Message } from "../read/message.ts";

/** What a queue needs. */
export interface QueueSetting {
  /** Rows that may wait. */
  readonly limit: number;
  /** Writes one row. */
  readonly write: (message: Message) => void;
  /** Calls back once the reader can take more. */
  readonly whenDrained: (listener: () => void) => void;
}

/** First in, first out. Reading is faster than writing, so a burst fills it even when the reader is quick. */
export class WatchQueue {
  readonly #setting: QueueSetting;
  readonly #waiting: Message[] = [];
  #isWriting = false;
  #isOver = false;
  #last: (() => void) | undefined;

  constructor(setting: QueueSetting) {
    this.#setting = setting;
  }

  /** Adds a row. Returns false, with nothing added, when the queue is full. */
  push(message: Message): boolean {
    if (this.#waiting.length >= this.#setting.limit) return false;
    this.#waiting.push(message);
    this.#writeNext();
    return true;
  }

  /** Calls back once everything that waits is written. */
  finish(last: () => void): void {
    this.#last = last;
    this.#writeNext();
  }

  /** Drops what waits. */
  stop(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
  }

  #writeNext(): void {
    if (this.#isWriting || this.#isOver) return;
    this.#isWriting = true;
    this.#setting.whenDrained(() => {
      this.#isWriting = false;
      if (this.#isOver) return;
      const message = this.#waiting.shift();
      if (message !== undefined) this.#setting.write(message);
      if (this.#waiting.length > 0) this.#writeNext();
      else if (this.#last !== undefined) {
        this.#isOver = true;
        this.#last();
      }
    });
  }
}
