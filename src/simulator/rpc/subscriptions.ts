// The subscriptions of one process: their numbers, their limit, their end.

import { ChangeSignal } from "../read/change-signal.ts";
import type { ChatLookup } from "../read/chats.ts";
import type { MessageStore } from "../read/store.ts";
import { BalloonMemory } from "../read/url-balloon.ts";
import type { Dialect, Release } from "../release.ts";
import { ERROR, RpcError } from "./error.ts";
import type { Faults } from "./faults-port.ts";
import { BridgeEvents } from "./bridge-events.ts";
import type { Output } from "./output.ts";
import { Subscription } from "./subscription.ts";
import type { WatchManner, WatchRequest } from "./subscription.ts";

/** How subscriptions behave in this process. */
export interface WatchSetting {
  readonly dialect: Dialect;
  readonly release: Release;
  readonly dbPath: string;
  readonly pollMs: number;
  readonly fileEvents: boolean;
  readonly output: Output;
  readonly faults: Faults;
  /** Appends to the event log. */
  readonly log: (event: object) => void;
}

/** What a subscription reads from; it keeps it to its end. */
export interface WatchSource {
  readonly store: MessageStore;
  readonly chats: ChatLookup;
}

/** A stream of events that was given its number. */
export interface OpenedEvents {
  readonly id: number;
  /** Begins; to be called behind the answer. */
  start(): void;
}

/** A subscription that was given its number. */
export interface OpenedWatch extends OpenedEvents {
  /** Writes one row at once, if there is one, and begins soon after. */
  startEarly(): void;
}

const V1_LIMIT = 64;
/** How often imsg from 0.10 looks again for the chat of a row, a debounce apart, before it drops the row. */
export const V1_JOIN_LOOKS = 20;

/** Gives out subscriptions. Numbers begin at 1 and are never used again. */
export class Subscriptions {
  readonly #setting: WatchSetting;
  readonly #live = new Map<number, Subscription | BridgeEvents>();
  readonly #signal: ChangeSignal | undefined;
  readonly #sharedBalloons = new BalloonMemory();
  #last = 0;

  constructor(setting: WatchSetting) {
    this.#setting = setting;
    this.#signal = setting.fileEvents ? new ChangeSignal(setting.dbPath) : undefined;
    setting.faults.onChange(() => {
      for (const one of this.#live.values()) if (one instanceof Subscription) one.poll();
    });
  }

  /** Makes one; it starts when told to, after its answer is written. Contract: throws busy at the limit of v1. */
  open(request: WatchRequest, source: WatchSource, bufferLimit = Infinity): OpenedWatch {
    const legacy = this.#setting.dialect === "legacy";
    const id = this.#nextId();
    const subscription = new Subscription(id, request, {
      ...source,
      balloons: legacy ? this.#sharedBalloons : new BalloonMemory(),
      output: this.#setting.output,
      faults: this.#setting.faults,
      log: this.#setting.log,
      signal: this.#signal,
      manner: legacy ? this.#legacyManner() : this.#v1Manner(bufferLimit),
      onEnd: () => this.#live.delete(id),
    });
    subscription.fixCursor();
    this.#live.set(id, subscription);
    return {
      id,
      start: () => subscription.start(),
      startEarly: () => {
        subscription.poll(1);
        setImmediate(() => subscription.start());
      },
    };
  }

  /** Opens a stream of what the bridge sees; its numbers are those of the others. Contract: throws busy at the limit. */
  openEvents(): OpenedEvents {
    const id = this.#nextId();
    const { dbPath, output } = this.#setting;
    const events = new BridgeEvents(dbPath, (event) => {
      output.notify("bridge.event", { subscription: id, event });
    });
    this.#live.set(id, events);
    return { id, start: () => events.start() };
  }

  #nextId(): number {
    if (this.#setting.dialect === "v1" && this.#live.size >= V1_LIMIT) {
      throw new RpcError(ERROR.busy, "Server busy", "subscription limit exceeded");
    }
    this.#last += 1;
    return this.#last;
  }

  /** Ends one; an unknown number is no error. */
  close(id: number): void {
    this.#live.get(id)?.stop();
    this.#live.delete(id);
  }

  /** Ends all. */
  closeAll(): void {
    for (const id of this.#live.keys()) this.close(id);
  }

  /** The first poll waits a moment: with stdin closed behind the request, imsg answers and writes no message (recorded). */
  #legacyManner(): WatchManner {
    return {
      pollMs: this.#setting.pollMs,
      firstPollMs: 20,
      readOn: false,
      joinLooks: 0,
      bufferLimit: Infinity,
    };
  }

  #v1Manner(bufferLimit: number): WatchManner {
    return {
      pollMs: this.#setting.pollMs,
      firstPollMs: 0,
      readOn: this.#setting.release.readsWhole,
      joinLooks: V1_JOIN_LOOKS,
      bufferLimit,
    };
  }
}
