// Decides which link previews are said already: Messages writes one link as several rows.

import type { AppleSeconds } from "./apple-time.ts";
import type { Message } from "./message.ts";
import type { Whole } from "./store.ts";

const BALLOON = "com.apple.messages.URLBalloonProvider";
const WINDOW_SECONDS = 90;
const RETENTION_SECONDS = 600;

/** Remembers the previews it has seen; imsg up to 0.13 keeps one for the life of the process, later ones a watch. */
export class BalloonMemory {
  readonly #seen = new Map<string, { rowId: Whole; date: AppleSeconds }>();

  /** True for a preview of the same text within 90 s, or of a row seen before. Contract: remembers the message. */
  isRepeat(message: Message): boolean {
    if (message.balloonBundleId !== BALLOON || message.text === "") return false;
    for (const [key, entry] of this.#seen) {
      if (entry.date < message.date - RETENTION_SECONDS) this.#seen.delete(key);
    }
    const key = `${message.chatId}|${message.isFromMe}|${message.sender}|${message.text}`;
    const before = this.#seen.get(key);
    this.#seen.set(key, { rowId: message.rowId, date: message.date });
    if (before === undefined) return false;
    return message.rowId <= before.rowId || message.date - before.date <= WINDOW_SECONDS;
  }
}
