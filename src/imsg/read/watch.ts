// The watch of one account: resume at the stored position → catch up → subscribe → check, again and again.
//
// open → position known? ─ no → begin behind what was there when the account was opened
//                        └ yes → same database? ─ no → hand over what is recent, begin at the new head
//        → rows behind the cursor (missed) → caught-up → rows as they come, a check every few seconds
//
// Whatever goes wrong, the remedy is to open again from the stored position; when that did not help, another child does it.
import { setTimeout as delay } from "node:timers/promises";
import { Backoff } from "../../lib/backoff.ts";
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import type { AccountId } from "../../model/ids.ts";
import type { Anchor, Position } from "../../model/journal.ts";
import type { InboundMessage } from "../../model/message.ts";
import type { Clock, WatchSink } from "../../model/ports.ts";
import { findHead, type Head } from "./database.ts";
import type { Dialect } from "../child/dialect.ts";
import { Handover } from "./handover.ts";
import { CursorCheck, HistoryCheck, type HeadCheck } from "./head-check.ts";
import type { Link } from "../child/link.ts";
import type { Queries } from "./queries.ts";
import { resumeFrom } from "./resume.ts";
import type { Log, Session } from "../child/session.ts";
import type { Timing } from "../child/timing.ts";
import { Vigil, type Ending } from "./vigil.ts";
import { parseMessage } from "./wire.ts";

/** Rows of one page of v1's catching up; its maximum. */
const PAGE_ROWS = 500;
/** v1: rows that imsg keeps for a watch that it cannot write fast enough; its maximum. A flood overflows its own 256. */
const BUFFERED_ROWS = 4096;
/** Openings one after another that came to nothing, before the child is given up. */
const REOPENINGS = 3;

/** What a watch works with. */
export interface WatchOptions {
  readonly accountId: AccountId;
  readonly sink: WatchSink;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly probeTimeoutMs: number;
  readonly catchupMaxAgeMs: number;
  readonly log: Log;
  /** Asks another child's stream for an anchor that history does not show. */
  readonly seesAnchor: (anchor: Anchor) => Promise<boolean>;
  /** What the chat book says is not true any more. */
  readonly onReplaced: () => void;
  readonly onRow: (row: InboundMessage) => void;
  /** Told when something worth showing changed. */
  readonly onChange: (watching: Watching) => void;
}

/** How the watch is. */
export interface Watching {
  readonly ok: boolean;
  readonly reason: string | undefined;
  readonly head: number | undefined;
  readonly healthyAtMs: number | undefined;
  readonly lastEventAtMs: number | undefined;
}

interface Subscription {
  readonly ended: PromiseWithResolvers<Ending>;
  /** Undefined until imsg answered; legacy may notify before it does. */
  number: number | undefined;
  readonly early: { method: string; params: Record<string, unknown>; line: string }[];
}

/** Contract: `run` settles only by rejecting, with the reason to replace the child. */
export class Watch {
  readonly #options: WatchOptions;
  readonly #handover: Handover;
  readonly #reopening: Backoff;
  readonly #openedAtMs: number;
  #link: Link | undefined;
  #subscription: Subscription | undefined;
  #check: HeadCheck | undefined;
  #vigil: Vigil | undefined;
  #state: Watching;
  /** Remedies tried since the stream last told a row. */
  #remedies = 0;
  /** Openings since stream and database last agreed. */
  #openings = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#reopening = new Backoff(options.timing.backoff);
    this.#openedAtMs = options.clock.now();
    this.#state = {
      ok: false,
      reason: undefined,
      head: undefined,
      healthyAtMs: undefined,
      lastEventAtMs: undefined,
    };
    this.#handover = new Handover({
      sink: options.sink,
      healthyAtMs: () => this.#state.healthyAtMs ?? this.#openedAtMs,
      onRejected: (error) =>
        this.#end({ kind: "reopen", because: `not journaled: ${toGatewayError(error).message}` }),
      pause: () => this.#link?.pause(),
      resume: () => this.#link?.resume(),
    });
  }

  get state(): Watching {
    return this.#state;
  }

  /** Watches through one child. `onHealthy` is called each time stream and database were seen to agree. */
  async run(session: Session, onHealthy: () => void): Promise<never> {
    this.#link = session.link;
    void session.link.ended.then((error) => this.#end({ kind: "give-up", error }));
    try {
      for (let isNew = true; ; isNew = false) {
        const position = await resumeFrom(session, isNew, {
          ...this.#options,
          openedAtMs: this.#openedAtMs,
          handover: this.#handover,
          onReplaced: () => {
            this.#check = undefined;
            this.#options.onReplaced();
          },
        });
        const ending = await this.#watchFrom(position, session, onHealthy);
        this.#change({
          ok: false,
          reason: ending.kind === "reopen" ? ending.because : "the child is replaced",
        });
        if (ending.kind === "give-up") throw ending.error;
        this.#options.log("warn", `watch reopened: ${ending.because}`);
        if (++this.#openings >= REOPENINGS) throw cannotWatch(ending.because);
        await delay(this.#reopening.nextMs());
      }
    } finally {
      this.#openings = 0;
      await this.#handover.idle();
      const reason = session.link.isOver ? (await session.link.ended).message : this.#state.reason;
      this.#change({ ok: false, reason });
    }
  }

  /** A notification of the current child. */
  notified(method: string, params: Record<string, unknown>, line: string): void {
    const subscription = this.#subscription;
    if (subscription === undefined) return;
    if (subscription.number === undefined) subscription.early.push({ method, params, line });
    else if (params["subscription"] === subscription.number) this.#take(method, params, line);
  }

  async #watchFrom(position: Position, session: Session, onHealthy: () => void): Promise<Ending> {
    const { queries, dialect } = session;
    this.#handover.rewind(position.cursor);
    const subscription: Subscription = { ended: Promise.withResolvers(), number: undefined, early: [] };
    this.#subscription = subscription;
    if (session.link.isOver) return { kind: "give-up", error: await session.link.ended };
    try {
      const head = dialect.hasPages ? await this.#catchUp(queries) : await findHead(queries, dialect);
      this.#check = this.#checkFor(dialect, head, position);
      this.#handover.missedUpTo(dialect.hasPages ? 0 : head.rowId);
      this.#change({ head: Math.max(head.rowId, this.#handover.ledger.newest) });
      subscription.number = await queries.subscribe(this.#handover.ledger.watermark, {
        debounceMs: this.#options.timing.debounceMs[dialect.kind],
        bufferLimit: dialect.kind === "v1" ? BUFFERED_ROWS : undefined,
      });
      for (const { method, params, line } of subscription.early.splice(0))
        this.notified(method, params, line);
      const vigil = new Vigil({
        ...this.#options,
        handover: this.#handover,
        check: this.#check,
        head: head.rowId,
      });
      this.#vigil = vigil;
      const ending = await vigil.keep(session, subscription.ended.promise, {
        onAgreed: (healthyAtMs) => {
          onHealthy();
          this.#reopening.reset();
          this.#openings = 0;
          this.#change({ ok: true, reason: undefined, healthyAtMs, head: this.#handover.ledger.newest });
        },
        onAhead: (newest) =>
          this.#change({ ok: false, reason: "the database is ahead of the watch", head: newest }),
        nextRemedy: () => this.#remedies++,
      });
      if (ending.kind === "reopen") await queries.unsubscribe(subscription.number);
      return ending;
    } finally {
      this.#subscription = undefined;
      this.#vigil = undefined;
      await this.#handover.idle();
    }
  }

  /** One check serves all openings on one database: what it has not verified yet must not pass for verified. */
  #checkFor({ hasPages }: Dialect, head: Head, { anchor }: Position): HeadCheck {
    const known = this.#check;
    if (hasPages) return known instanceof CursorCheck ? known : new CursorCheck(anchor);
    return known instanceof HistoryCheck ? known : new HistoryCheck(head, anchor, this.#options.clock);
  }

  /** Pages behind the cursor. `next_rowid` passes rows that are no messages, so it is the cursor. */
  async #catchUp(queries: Queries): Promise<Head> {
    const { ledger } = this.#handover;
    for (let more = true; more;) {
      const from = ledger.watermark;
      const page = await queries.after(from, PAGE_ROWS);
      for (const row of page.messages) this.#learn(row);
      for (const row of page.messages) ledger.handOver(row.rowId);
      ledger.confirm(page.nextRow);
      if (ledger.watermark > from) await this.#handover.give(page.messages, true);
      more = page.hasMore && ledger.watermark > from;
    }
    return { rowId: ledger.watermark, anchor: undefined, chats: [] };
  }

  #take(method: string, params: Record<string, unknown>, line: string): void {
    if (method === "watch.overflow") return this.#end({ kind: "reopen", because: "the watch overflowed" });
    if (method === "error") {
      const text = (params["error"] as { message?: unknown } | undefined)?.message;
      return this.#end({ kind: "reopen", because: `imsg ended the watch: ${String(text)}` });
    }
    if (method !== "message") return;
    try {
      const row = parseMessage(params["message"], this.#options.accountId);
      const { newest } = this.#handover.ledger;
      this.#learn(row);
      this.#remedies = 0;
      this.#handover.add(row);
      if (row.rowId > newest + 1) this.#vigil?.hurry();
    } catch (error) {
      this.#options.log("error", toGatewayError(error).message, { line: line.slice(0, 2000) });
    }
  }

  #learn(row: InboundMessage): void {
    this.#options.onRow(row);
    this.#check?.told(row);
    this.#state = { ...this.#state, lastEventAtMs: this.#options.clock.now() };
  }

  #end(ending: Ending): void {
    this.#subscription?.ended.resolve(ending);
  }

  #change(part: Partial<Watching>): void {
    this.#state = { ...this.#state, ...part };
    this.#options.onChange(this.#state);
  }
}

function cannotWatch(because: string): GatewayError {
  return new GatewayError("imsg/refused", `the watch could not be opened again: ${because}`, {
    hint: "Nothing: the child is replaced by itself.",
  });
}
