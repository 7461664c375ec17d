// Hands what the watch reads to its owner, one event at a time, and holds the child back when the owner is slow.
import { asId, type RowId } from "../../model/ids.ts";
import type { InboundMessage } from "../../model/message.ts";
import type { WatchEvent, WatchSink } from "../../model/ports.ts";
import { RowLedger } from "./row-ledger.ts";

/** More rows than this waiting: the child is not read until half of them are gone. */
const MAX_WAITING = 5_000;
/** Rows of one event, so that a transaction stays short. */
const MAX_ROWS = 500;

/** What the handing over tells and asks. */
export interface HandoverOptions {
  readonly sink: WatchSink;
  readonly healthyAtMs: () => number;
  /** The owner rejected: nothing more is handed over until `rewind`. */
  readonly onRejected: (error: unknown) => void;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** Contract: events in order, each after the promise of the one before; after a rejection none until `rewind`. */
export class Handover {
  readonly ledger = new RowLedger();
  readonly #options: HandoverOptions;
  #waiting: InboundMessage[] = [];
  #tail: Promise<void> = Promise.resolve();
  #pumping: Promise<void> | undefined;
  #missedUpTo = 0;
  #rejected = false;
  #paused = false;

  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /** Goes on from a stored cursor: what waits is dropped, it is read again. */
  rewind(cursor: number): void {
    this.#waiting = [];
    this.#rejected = false;
    this.ledger.rewind(cursor);
    this.#relax();
  }

  /** Rows up to this id count as missed. */
  missedUpTo(rowId: number): void {
    this.#missedUpTo = rowId;
  }

  /** Takes a row of the stream. What arrives in one read of the pipe is handed over together. */
  add(row: InboundMessage): void {
    if (this.#rejected) return;
    this.ledger.note(row.rowId);
    this.#waiting.push(row);
    if (!this.#paused && this.#waiting.length > MAX_WAITING) {
      this.#paused = true;
      this.#options.pause();
    }
    this.#pumping ??= Promise.resolve().then(() => this.#pump());
  }

  /** Hands rows over that did not come by the stream. Rejects when the owner does. */
  async give(rows: readonly InboundMessage[], missed: boolean): Promise<void> {
    for (let from = 0; from < rows.length; from += MAX_ROWS) {
      const part = rows.slice(from, from + MAX_ROWS);
      for (const row of part) this.ledger.handOver(row.rowId);
      await this.#rows(part, missed);
    }
  }

  /** Hands rows over in one event that moves no cursor: they are of a database whose position is not stored yet. */
  async emitMissed(rows: readonly InboundMessage[]): Promise<void> {
    const healthyAtMs = this.#options.healthyAtMs();
    await this.emit({ kind: "rows", rows, cursor: asId<RowId>(0), missed: true, healthyAtMs });
  }

  /** Tells the owner how far the cursor is now. */
  async giveCursor(): Promise<void> {
    await this.#rows([], false);
  }

  /** Rejects when the owner does. */
  async emit(event: WatchEvent): Promise<void> {
    const before = this.#tail;
    const delivery = (async () => {
      await before;
      if (this.#rejected) throw new Error("the watch is being reopened");
      await this.#options.sink.onEvent(event);
    })();
    this.#tail = delivery.catch((error: unknown) => {
      if (this.#rejected) return;
      this.#rejected = true;
      this.#options.onRejected(error);
    });
    await delivery;
  }

  /** Settles when nothing waits. */
  async idle(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping;
    await this.#tail;
  }

  async #pump(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        // Ids ascend within a batch even when the stream was reordered.
        const rows = this.#waiting.splice(0, MAX_ROWS).sort((one, other) => one.rowId - other.rowId);
        if (this.#waiting.length < MAX_WAITING / 2) this.#relax();
        const missed = rows.filter((row) => row.rowId <= this.#missedUpTo);
        if (missed.length > 0) await this.give(missed, true);
        if (missed.length < rows.length) await this.give(rows.slice(missed.length), false);
      }
    } catch {
      // `emit` told the owner of the watch; what waits is read again.
      this.#waiting = [];
    } finally {
      this.#pumping = undefined;
    }
  }

  async #rows(rows: readonly InboundMessage[], missed: boolean): Promise<void> {
    const cursor = asId<RowId>(this.ledger.watermark);
    const healthyAtMs = this.#options.healthyAtMs();
    await this.emit({ kind: "rows", rows, cursor, missed, healthyAtMs });
  }

  #relax(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#options.resume();
  }
}
