// One account's imsg: a reading child that watches and a sending child, supervised apart, behind the `Messages` port.
import { readIdentity, type Identity } from "../lib/process-identity.ts";
import { GatewayError, toGatewayError } from "../model/errors.ts";
import type { AccountId } from "../model/ids.ts";
import type { AccountOptions } from "./account-options.ts";
import type { OutboundPart, SendOutcome } from "../model/delivery.ts";
import type { ChatSummary, InboundMessage } from "../model/message.ts";
import type { AccountHealth, KnownGuids, LookUp, Messages, WatchSink } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { streamHolds, type StreamTransport } from "./read/anchor-stream.ts";
import { ChatBook } from "./read/chat-book.ts";
import { identify } from "./child/dialect.ts";
import type { AppleScriptTrouble } from "./child/applescript.ts";
import { watchFile } from "./read/database-file.ts";
import { Gate } from "./child/gate.ts";
import { Keeper } from "./child/keeper.ts";
import { Link, programOf } from "./child/link.ts";
import { lookUpPart } from "./send/look-up.ts";
import { inWords } from "./child/refusal.ts";
import { NoiseLog, onceEach } from "./child/noise-log.ts";
import { findTarget, joinRows } from "./read/find-rows.ts";
import { Queries } from "./read/queries.ts";
import { sendPart } from "./send/send.ts";
import { DEFAULT_TIMING, MAX_START_MS, type Timing } from "./child/timing.ts";
import { createSession, type Session } from "./child/session.ts";
import { Typing } from "./send/typing.ts";
import { Watch } from "./read/watch.ts";

/** Makes an account; nothing is started before `open`. */
export function createMessages(options: AccountOptions): Messages {
  return new Account(options);
}

type ChildHealth = Pick<AccountHealth["reading"], "state" | "reason">;

class Account implements Messages {
  readonly accountId: AccountId;
  readonly #options: AccountOptions;
  readonly #timing: Timing;
  readonly #book = new ChatBook();
  readonly #typing: Typing;
  readonly #reading: Keeper;
  readonly #sending: Keeper;
  readonly #readGate = new Gate<Session>();
  readonly #sendGate = new Gate<Session>();
  readonly #identities = new WeakMap<Link, Identity>();
  #health: { reading: ChildHealth; sending: ChildHealth };
  #watch: Watch | undefined;
  #sink: WatchSink | undefined;
  #dialect: Session["dialect"] | undefined;
  #sendLink: Link | undefined;
  /** Why the last send came to nothing, where that stops every other, too. */
  #sendTrouble: AppleScriptTrouble | undefined;
  #isTidied = false;
  readonly #noise: Readonly<Record<"reading" | "sending", NoiseLog>>;
  /** Doubles while starts time out. */
  #startMs: number;

  constructor(options: AccountOptions) {
    this.accountId = options.accountId;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#startMs = options.transport.probeTimeoutMs;
    this.#typing = new Typing({ timeoutMs: this.#timing.typingMs, log: options.log });
    const warn = (line: string, facts: Record<string, unknown>): void => options.log("warn", line, facts);
    this.#noise = { reading: new NoiseLog(warn, "reading"), sending: new NoiseLog(warn, "sending") };
    const stopped: ChildHealth = { state: "stopped", reason: undefined };
    this.#health = { reading: stopped, sending: stopped };
    this.#reading = this.#keeper("reading", this.#readGate, (link) => this.#read(link));
    this.#sending = this.#keeper("sending", this.#sendGate, (link) => this.#serve(link));
  }

  open(sink: WatchSink): void {
    if (this.#sink !== undefined) throw new Error("the account is open already");
    this.#sink = sink;
    const { accountId, clock, catchupMaxAgeMs, log, transport } = this.#options;
    this.#watch = new Watch({
      accountId,
      sink,
      clock,
      timing: this.#timing,
      probeTimeoutMs: transport.probeTimeoutMs,
      catchupMaxAgeMs,
      log,
      seesAnchor: (anchor) => streamHolds(anchor, this.#transportOfSpare()),
      onRow: (row) => this.#book.learn(row),
      onReplaced: () => {
        this.#book.forget();
        // It has the old file open, and would look for sent rows there.
        void this.#sendLink?.close(this.#timing.endGraceMs, this.#timing.sendEndGraceMs);
      },
      onChange: () => this.#tell(),
    });
    this.#reading.open();
  }

  async send(part: OutboundPart): Promise<SendOutcome> {
    this.#sending.open();
    const { region } = this.#options;
    const { sendMs: timeoutMs, endGraceMs } = this.#timing;
    return sendPart(part, {
      gate: this.#sendGate,
      book: this.#book,
      region,
      timeoutMs,
      endGraceMs,
      stage: async ({ path, name }) => this.#options.mac.stage(path, name),
      onTrouble: (trouble) => {
        if (trouble?.number === this.#sendTrouble?.number) return;
        this.#sendTrouble = trouble;
        this.#tell();
      },
    });
  }

  async lookUp(part: OutboundPart, known: KnownGuids): Promise<LookUp> {
    const { link, queries, dialect } = await this.#readGate.pass();
    const { requestMs: timeoutMs } = this.#timing;
    return lookUpPart(part, known, { link, queries, dialect, book: this.#book, timeoutMs });
  }

  async typing(target: Target, isTyping: boolean): Promise<void> {
    await this.#typing.show(target, isTyping);
  }

  async history(chatId: number, options: { limit: number; sinceMs?: number }): Promise<InboundMessage[]> {
    const { queries } = await this.#readGate.pass();
    const { limit, sinceMs: startMs } = options;
    return queries.history(chatId, { limit, ...(startMs !== undefined && { startMs }) });
  }

  async chats(limit: number): Promise<ChatSummary[]> {
    const { queries } = await this.#readGate.pass();
    const chats = await queries.chats(limit);
    for (const chat of chats) this.#book.learn(chat);
    return chats;
  }

  async chat(target: Target): Promise<ChatSummary | undefined> {
    const { queries } = await this.#readGate.pass();
    return findTarget(target, { queries, book: this.#book });
  }

  async joined(rows: readonly InboundMessage[]): Promise<readonly InboundMessage[]> {
    const { queries, dialect } = await this.#readGate.pass();
    return joinRows(rows, { queries, dialect });
  }

  health(): AccountHealth {
    const nothing = { head: undefined, healthyAtMs: undefined, lastEventAtMs: undefined };
    const idle = { ok: false, reason: "not open", ...nothing };
    return {
      reading: { ...this.#health.reading, restarts: this.#reading.restarts },
      watching: this.#watch?.state ?? idle,
      sending: {
        ...this.#health.sending,
        restarts: this.#sending.restarts,
        ...(this.#sendTrouble && {
          trouble: { message: inWords(this.#sendTrouble), fix: this.#sendTrouble.fix },
        }),
      },
      dialect: this.#dialect?.kind,
      version: this.#dialect?.version,
    };
  }

  async close(): Promise<void> {
    const closed = new GatewayError("imsg/gone", "the account is closed", {
      hint: "Start the gateway again.",
    });
    this.#readGate.close(closed);
    this.#sendGate.close(closed);
    await Promise.all([this.#reading.close(), this.#sending.close(), this.#options.mac.close()]);
  }

  #keeper(
    which: "reading" | "sending",
    gate: Gate<Session>,
    session: (link: Link) => Promise<never>,
  ): Keeper {
    return new Keeper({
      start: () => this.#start(which),
      session,
      onState: (state, reason) => {
        if (state === "waiting" && reason !== undefined) {
          this.#noise[which].replaced(reason, this.#health[which].state === "ready");
          if (this.#health[which].state !== "ready") gate.fail(reason);
        }
        this.#show(which, { state, reason: reason?.message });
      },
      onGone: (link) => this.#gone(link),
      backoff: this.#timing.backoff,
      unreachableMs: this.#timing.unreachableMs,
      endGraceMs: this.#timing.endGraceMs,
      busyGraceMs: which === "sending" ? this.#timing.sendEndGraceMs : this.#timing.endGraceMs,
    });
  }

  #start(which: "reading" | "sending"): Link {
    const { transport, hooks } = this.#options;
    const noise = this.#noise[which];
    const watch = which === "reading" ? this.#watch : undefined;
    return new Link({
      ...programOf(transport),
      onNotification: (method, params, line) => {
        if (method === "message") hooks?.onLine?.(line);
        watch?.notified(method, params, line);
      },
      onNoise: (stream, line) => noise.heard(stream, line),
    });
  }

  /** The reading child's life. */
  async #read(link: Link): Promise<never> {
    const session = await this.#greet(link, this.#readGate);
    const watch = this.#watch;
    if (watch === undefined) throw new Error("the account is not open");
    this.#dialect = session.dialect;
    // The Mac answers: what an earlier run left there can go. Nobody waits for it.
    if (!this.#isTidied) void this.#options.mac.tidy();
    this.#isTidied = true;
    this.#typing.use(session);
    this.#readGate.open(session);
    this.#show("reading", { state: "ready", reason: undefined });
    return watch.run(session, () => {
      this.#reading.healthy();
      this.#sending.open();
    });
  }

  /** The sending child's life. */
  async #serve(link: Link): Promise<never> {
    const { hooks } = this.#options;
    const identity = link.pid === undefined ? undefined : await readIdentity(link.pid);
    if (identity !== undefined) {
      this.#identities.set(link, identity);
      await hooks?.onSendingChild?.(identity);
    }
    const session = await this.#greet(link, this.#sendGate);
    link.limitInFlight(1);
    this.#sendLink = link;
    this.#sendGate.open(session);
    this.#show("sending", { state: "ready", reason: undefined });
    this.#sending.healthy();
    throw await link.ended;
  }

  async #greet(link: Link, gate: Gate<Session>): Promise<Session> {
    const { accountId, transport, log } = this.#options;
    const isSameFile = watchFile(transport);
    try {
      const dialect = await identify(link, this.#startMs);
      this.#startMs = transport.probeTimeoutMs;
      const queries = new Queries(link, {
        accountId,
        timeoutMs: this.#timing.requestMs,
        onBroken: onceEach((error) => log("error", error.message, error.details)),
      });
      void link.ended.then(() => gate.shut());
      return createSession({ link, queries, dialect, isSameFile });
    } catch (error) {
      if (toGatewayError(error).code === "imsg/timeout")
        this.#startMs = Math.min(this.#startMs * 2, MAX_START_MS);
      throw error;
    }
  }

  #transportOfSpare(): StreamTransport {
    const { accountId, transport } = this.#options;
    return {
      accountId,
      ...programOf(transport),
      timeoutMs: transport.probeTimeoutMs,
      quietMs: this.#timing.quietMs,
    };
  }

  async #gone(link: Link): Promise<void> {
    const identity = this.#identities.get(link);
    if (identity === undefined) return;
    try {
      await this.#options.hooks?.onSendingChildGone?.(identity);
    } catch (error) {
      this.#options.log("error", `could not note the end of process ${identity.pid}`, {
        error: String(error),
      });
    }
  }

  #show(which: "reading" | "sending", health: ChildHealth): void {
    this.#health = { ...this.#health, [which]: health };
    this.#tell();
  }

  #tell(): void {
    this.#sink?.onHealth(this.health());
  }
}
