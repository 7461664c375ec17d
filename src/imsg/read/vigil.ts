// Watches over one subscription until it has to be opened again: says when everything missed has come, and checks stream against database.
import { setTimeout as delay } from "node:timers/promises";
import { GatewayError } from "../../model/errors.ts";
import type { InboundMessage } from "../../model/message.ts";
import type { Clock } from "../../model/ports.ts";
import type { Handover } from "./handover.ts";
import type { HeadCheck, Seen } from "./head-check.ts";
import { ImsgRefusal } from "../child/refusal.ts";
import type { Timing } from "../child/timing.ts";
import type { Log, Session } from "../child/session.ts";

/** Why a subscription came to its end: open again here, or give the child up. */
export type Ending =
  | { readonly kind: "reopen"; readonly because: string }
  | { readonly kind: "give-up"; readonly error: unknown };
/** Checks that may be refused one after another before the child is given up. */
const REFUSALS = 2;
const WAIT_STEP_MS = 50;
/** Shortest time between two looks that gaps asked for. */
const HURRY_MS = 500;

/** What is watched over. */
export interface VigilOptions {
  readonly handover: Handover;
  readonly check: HeadCheck;
  /** Rows up to this id were there before. */
  readonly head: number;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly probeTimeoutMs: number;
  readonly log: Log;
}

/** Told what the checks say. */
export interface VigilEvents {
  /** Stream and database agreed at this moment (epoch ms). */
  onAgreed(atMs: number): void;
  onAhead(head: number): void;
  /** Counts what was done against a quiet stream since it last told a row: 0 nothing yet. */
  nextRemedy(): number;
}

/** Contract: `keep` is called once. */
export class Vigil {
  readonly #options: VigilOptions;
  #caughtUp = false;
  #refusals = 0;
  #hurry = Promise.withResolvers<void>();
  /** When the database was first seen ahead (monotonic ms), and up to which row. */
  #aheadSince: { readonly ms: number; readonly upTo: number } | undefined;

  constructor(options: VigilOptions) {
    this.#options = options;
  }

  /** The stream passed over rows: they are looked for soon. v1 drops a row that has no chat after a second, and legacy swallows some. */
  hurry(): void {
    this.#hurry.resolve();
  }

  /** Settles with the ending: one that came from outside, or one that a check asks for. Rejects when a check got no answer. */
  async keep(session: Session, ended: Promise<Ending>, events: VigilEvents): Promise<Ending> {
    const outside: { ending?: Ending } = {};
    const over = ended.then((ending) => {
      outside.ending = ending;
      return ending;
    });
    await this.#untilCaughtUp(() => outside.ending !== undefined);
    while (outside.ending === undefined) {
      const wish = await this.#look(session, events);
      if (wish === "look on") continue;
      if (wish !== undefined) return outside.ending ?? wish;
      await this.#rest(over);
    }
    return outside.ending;
  }

  /** The head row itself may never come (a reaction, a row without a chat, a swallowed link preview): quiet counts too, then a check decides. */
  async #untilCaughtUp(isOver: () => boolean): Promise<void> {
    const { handover, head, timing } = this.#options;
    let newest = handover.ledger.newest;
    let quietFrom = performance.now();
    while (!isOver() && newest < head && performance.now() - quietFrom < timing.quietMs) {
      await delay(WAIT_STEP_MS);
      if (handover.ledger.newest > newest) quietFrom = performance.now();
      newest = handover.ledger.newest;
    }
    if (!isOver() && newest >= head) await this.#sayCaughtUp();
  }

  async #sayCaughtUp(): Promise<void> {
    if (this.#caughtUp) return;
    this.#caughtUp = true;
    await this.#options.handover.idle();
    // A rejection reaches the watch by the handover itself.
    await this.#options.handover.emit({ kind: "caught-up" }).catch(() => {});
  }

  async #look(session: Session, events: VigilEvents): Promise<Ending | "look on" | undefined> {
    const { handover, check, clock, probeTimeoutMs } = this.#options;
    const { ledger } = handover;
    const beganAtMs = clock.now();
    const cursor = ledger.watermark;
    const seen = await this.#ask(() => check.look(session.queries.within(probeTimeoutMs), ledger));
    if (seen === undefined) return undefined;
    if (seen.otherDatabase || !(await session.isSameFile()))
      return { kind: "give-up", error: replacedUnderneath() };
    if (ledger.watermark > cursor) await handover.giveCursor().catch(() => {});
    if (seen.untold.length > 0) return this.#ahead(seen, events);
    this.#aheadSince = undefined;
    if (!seen.whole) return "look on";
    await this.#sayCaughtUp();
    events.onAgreed(beganAtMs);
    return undefined;
  }

  /** A refusal may pass by itself; a child that does not answer is given up at once. */
  async #ask(look: () => Promise<Seen>): Promise<Seen | undefined> {
    try {
      const seen = await look();
      this.#refusals = 0;
      return seen;
    } catch (error) {
      this.#refusals += 1;
      if (!(error instanceof ImsgRefusal) || this.#refusals >= REFUSALS) throw error;
      this.#options.log("warn", `check refused: ${error.message}`);
      return undefined;
    }
  }

  /**
   * The database has rows that the stream did not tell. Of those it still did not tell after a grace, rows below the newest told one were
   * dropped or swallowed, and are handed over from what the check read. Rows above it mean that the stream stands still: open again; had
   * that no effect, with another child; had that none either, hand them over too. A check that read every row behind the cursor hands
   * them over at once: people wait for the answer, and whether the stream recovers is another matter.
   */
  async #ahead(seen: Seen, events: VigilEvents): Promise<Ending | undefined> {
    const { handover, log } = this.#options;
    const overdue = this.#overdue(seen.untold);
    if (overdue.length === 0) return undefined;
    events.onAhead(seen.head);
    const isStill = overdue.some((row) => row.rowId > handover.ledger.newest);
    const remedy = isStill ? events.nextRemedy() : 2;
    const because = `the database has row ${overdue.at(-1)?.rowId}, the stream stands at ${handover.ledger.newest}`;
    if (remedy >= 2 || seen.isComplete) {
      log("warn", `rows that the stream left out: ${overdue.map((row) => row.rowId).join(", ")}`);
      await handover.idle();
      const rows = overdue.filter((row) => !handover.ledger.has(row.rowId));
      await handover.give(rows, false).catch(() => {});
      this.#aheadSince = undefined;
    }
    if (remedy === 0) return { kind: "reopen", because };
    if (remedy === 1) return { kind: "give-up", error: stoodStill(because) };
    return undefined;
  }

  /** Rows that were untold a grace ago already: on a busy stream others are on their way at every check. */
  #overdue(untold: readonly InboundMessage[]): readonly InboundMessage[] {
    const nowMs = performance.now();
    const since = this.#aheadSince;
    if (since === undefined || untold.every((row) => row.rowId > since.upTo)) {
      this.#aheadSince = { ms: nowMs, upTo: Math.max(...untold.map((row) => row.rowId)) };
      return [];
    }
    if (nowMs - since.ms < this.#options.timing.aheadGraceMs) return [];
    return untold.filter((row) => row.rowId <= since.upTo);
  }

  async #rest(over: Promise<Ending>): Promise<void> {
    const { timing } = this.#options;
    const jittered = timing.headCheckMs * (0.8 + Math.random() * 0.4);
    const wake = new AbortController();
    const ms = this.#aheadSince === undefined ? jittered : Math.min(jittered, timing.aheadGraceMs);
    const rested = async (forMs: number): Promise<void> =>
      delay(forMs, undefined, { signal: wake.signal }).catch(() => {});
    // Gaps of a busy stream share a look; once rows are known to be missing, there is no hurry before their grace is over.
    if (this.#aheadSince === undefined && ms > HURRY_MS) {
      await Promise.race([over, rested(HURRY_MS)]);
      await Promise.race([over, rested(ms - HURRY_MS), this.#hurry.promise]);
    } else await Promise.race([over, rested(ms)]);
    wake.abort();
    this.#hurry = Promise.withResolvers();
  }
}

function stoodStill(because: string): GatewayError {
  return new GatewayError("imsg/timeout", `the watch stands still: ${because}`, {
    hint: "Nothing: the child is replaced by itself.",
  });
}

function replacedUnderneath(): GatewayError {
  return new GatewayError("imsg/database", "the Messages database was replaced under the running imsg", {
    hint: "Nothing: the child is replaced by itself.",
  });
}
