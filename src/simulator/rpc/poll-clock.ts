// Decides when a subscription looks into the database: at the start, after changes, and every few seconds.

import type { ChangeSignal } from "../read/change-signal.ts";

/** An event can come before its commit is visible, by much on a busy machine: waits before looking again, in milliseconds. */
const LOOK_AGAIN_MS = [2, 5, 15, 50, 150, 400, 1000];

/** Node fires a longer timer at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** When to look. Times are in milliseconds. */
export interface PollTimes {
  /** From the start to the first poll. */
  readonly firstPollMs: number;
  /** From a change to its poll; changes in between share it. */
  readonly debounceMs: number;
  /** Between polls that nothing caused. */
  readonly pollMs: number;
}

/** What is called. */
export interface Poller {
  /** Reads what is new. */
  poll(): void;
  /** Reads what is new if the database has changed since the last poll. */
  pollIfChanged(): void;
}

/** Calls a poller until it is stopped. */
export class PollClock {
  readonly #times: PollTimes;
  readonly #poller: Poller;
  readonly #signal: ChangeSignal | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  #lookAgain: NodeJS.Timeout | undefined;
  #debouncing = false;
  #stopped = false;
  #unlisten: () => void = () => {};

  /** Without a signal only the start and the time between polls count. */
  constructor(times: PollTimes, poller: Poller, signal: ChangeSignal | undefined) {
    this.#times = times;
    this.#poller = poller;
    this.#signal = signal;
  }

  /** Begins. */
  start(): void {
    this.#unlisten = this.#signal?.listen(() => this.schedule()) ?? this.#unlisten;
    this.after(this.#times.firstPollMs, () => this.#pollAndLookAgain());
    this.#repeat();
  }

  /** Ends; nothing is called any more. */
  stop(): void {
    this.#stopped = true;
    this.#unlisten();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Calls once, unless stopped before. */
  after(delayMs: number, act: () => void): NodeJS.Timeout | undefined {
    if (this.#stopped) return undefined;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        act();
      },
      Math.min(delayMs, LONGEST_TIMER_MS),
    );
    this.#timers.add(timer);
    return timer;
  }

  /** Polls after the debounce; calls in between share that poll. */
  schedule(): void {
    if (this.#debouncing || this.#stopped) return;
    this.#debouncing = true;
    this.#cancelLookAgain(); // this change has a poll of its own, when its time has come
    this.after(this.#times.debounceMs, () => {
      this.#debouncing = false;
      this.#pollAndLookAgain();
    });
  }

  /** The event of a commit that is not visible yet has come before this poll, or before there was anyone to hear it. */
  #pollAndLookAgain(): void {
    this.#poller.poll();
    if (this.#signal !== undefined) this.#lookAgainAfter(LOOK_AGAIN_MS);
  }

  #lookAgainAfter([delayMs, ...later]: readonly number[]): void {
    if (delayMs === undefined) return;
    this.#lookAgain = this.after(delayMs, () => {
      this.#poller.pollIfChanged();
      this.#lookAgainAfter(later);
    });
  }

  #cancelLookAgain(): void {
    if (this.#lookAgain === undefined) return;
    clearTimeout(this.#lookAgain);
    this.#timers.delete(this.#lookAgain);
  }

  #repeat(): void {
    this.after(this.#times.pollMs, () => {
      this.#poller.poll();
      this.#repeat();
    });
  }
}
