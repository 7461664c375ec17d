// outbox → claim within the budget → may it go there → send → settle, and the search for sends of unknown fate.
import type { OutboundPart, SendOutcome, Settlement } from "../model/delivery.ts";
import type { LookUp } from "../model/ports.ts";
import { renderEntry } from "../model/target.ts";
import { decideDelivery, decideLookUp } from "../rules/delivery.ts";
import { maySend } from "../rules/may-send.ts";
import { unknownGraceOf, type AccountContext } from "./frame.ts";
import { insist } from "./insist.ts";
import { ParkedNotices } from "./parked-notice.ts";

/** Parts under way at once; they are of different conversations. */
const WINDOW = 8;
/** How often the outbox is looked at while look-ups go on. */
const LOOKING_MS = 1000;

/** Empties one account's outbox. */
export class Outbound {
  readonly #context: AccountContext;
  readonly #notices: ParkedNotices;
  readonly #inFlight = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #lookUps: Promise<void> | undefined;
  /** The send budget held parts back when it was looked at last. */
  #isHeld = false;
  #isPumping = false;
  #again = false;
  readonly #closing = new AbortController();

  constructor(context: AccountContext) {
    this.#context = context;
    this.#notices = new ParkedNotices(context);
  }

  /** Sends of an earlier process may or may not have arrived: they are looked for once its processes are long gone. */
  async recover(): Promise<void> {
    const { clock, store, accountId } = this.#context;
    const nowMs = clock.now();
    const checkAtMs = nowMs + unknownGraceOf(this.#context);
    const abandoned = await store.outbox.abandon(accountId, checkAtMs, nowMs);
    if (abandoned > 0)
      this.#context.log.warn(`${abandoned} sends were cut short; looking for them in their chats`);
    this.wake();
  }

  /** Looks whether anything can go out. */
  wake(): void {
    if (this.#closing.signal.aborted) return;
    this.#again = true;
    if (this.#isPumping) return;
    this.#isPumping = true;
    atEndOfTick()
      .then(async () => this.#pump())
      .catch((cause: unknown) => {
        this.#context.log.error("the outbox could not be read", { cause: String(cause) });
        this.#wakeIn(1000);
      })
      .finally(() => {
        this.#isPumping = false;
        if (this.#again) this.wake();
      });
  }

  /** Waits for what is under way; nothing more is claimed. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#again = false;
    clearTimeout(this.#timer);
    await Promise.allSettled(this.#inFlight);
  }

  async #pump(): Promise<void> {
    const { store, accountId, clock } = this.#context;
    let heldUntilMs: number | undefined;
    let dueMs: number | undefined;
    while (this.#again && !this.#closing.signal.aborted) {
      this.#again = false;
      // Asked for in one moment, so that all are in one transaction, and the pump is idle again when the next part comes.
      const [unsettled, held, nextMs] = await Promise.all([
        store.outbox.unsettled(accountId, clock.now()),
        this.#sendDue(),
        store.outbox.nextDueMs(accountId),
      ]);
      if (unsettled.length > 0) this.#startLookUps(unsettled);
      heldUntilMs = held;
      dueMs = nextMs;
    }
    const nowMs = clock.now();
    // What is held is due all the time; the look-ups beside it have times of their own.
    if (heldUntilMs !== undefined) this.#wakeIn(Math.min(Math.max(heldUntilMs - nowMs, 50), LOOKING_MS));
    // The end of the look-ups wakes by itself; until then what they look for counts as due.
    else if (dueMs !== undefined)
      this.#wakeIn(Math.max(dueMs - nowMs, this.#lookUps === undefined ? 50 : LOOKING_MS));
  }

  /** Beside the sending: a history may take imsg long, and what it is about holds back its own lane only. */
  #startLookUps(parts: readonly OutboundPart[]): void {
    this.#lookUps ??= this.#settleByLookUps(parts)
      .catch((cause: unknown) => {
        this.#context.log.error("a look-up could not be recorded", { cause: String(cause) });
      })
      .finally(() => {
        this.#lookUps = undefined;
        this.wake();
      });
  }

  /** The answer is until when the send budget holds back what is due. Contract: claims before it first waits. */
  async #sendDue(): Promise<number | undefined> {
    const { store, accountId, clock, messages } = this.#context;
    if (messages.health().sending.state !== "ready") return undefined;
    while (this.#inFlight.size < WINDOW && !this.#closing.signal.aborted) {
      const limit = WINDOW - this.#inFlight.size;
      const { sendsPerMinute: perMinute, sendsPerHour: perHour } = this.#context.frame().account;
      const claim = { limit, nowMs: clock.now(), perMinute, perHour };
      const { parts, heldUntilMs } = await store.outbox.claim(accountId, claim);
      for (const part of parts) this.#launch(part);
      this.#noteHeld(heldUntilMs);
      if (parts.length < limit) return heldUntilMs;
    }
    return undefined;
  }

  /** One line when the budget begins to hold messages back, not one for each look. */
  #noteHeld(heldUntilMs: number | undefined): void {
    const isHeld = heldUntilMs !== undefined;
    if (isHeld && !this.#isHeld) {
      const until = new Date(heldUntilMs).toISOString();
      this.#context.log.warn(
        "the send budget (limits.sendsPerMinute, limits.sendsPerHour) is used up: messages wait",
        {
          until,
        },
      );
    }
    this.#isHeld = isHeld;
  }

  #launch(part: OutboundPart): void {
    const delivery = this.#deliver(part)
      .catch((cause: unknown) => {
        this.#context.log.error("a send could not be recorded", { partId: part.id, cause: String(cause) });
      })
      .finally(() => {
        this.#inFlight.delete(delivery);
        this.wake();
      });
    this.#inFlight.add(delivery);
  }

  async #deliver(part: OutboundPart): Promise<void> {
    this.#step("part.claimed", part);
    const settlement = this.#refusal(part) ?? (await this.#send(part));
    await this.#settle(part, settlement, this.#context.clock.now());
    const reason = "reason" in settlement ? `: ${settlement.reason}` : "";
    this.#step("part.settled", part, `${settlement.state}${reason}`);
  }

  /** What was put into the outbox while it was allowed, or by somebody who did not ask, is not sent against the configuration. */
  #refusal({ target, chat }: OutboundPart): Settlement | undefined {
    const { id, allowTo } = this.#context.frame().account;
    if (maySend(allowTo, target, chat)) return undefined;
    const reason = `channels.imessage.allowTo (account ${id}) does not let messages go to ${renderEntry(target)}`;
    return { state: "parked", reason };
  }

  async #send(part: OutboundPart): Promise<Settlement> {
    const { messages, clock } = this.#context;
    const outcome = await messages.send(part);
    this.#step("send.answered", part, outcome.kind, outcome.kind);
    return decideDelivery({ outcome, part, nowMs: clock.now(), graceMs: unknownGraceOf(this.#context) });
  }

  async #settleByLookUps(parts: readonly OutboundPart[]): Promise<void> {
    const { clock, openedAtMs } = this.#context;
    for (const part of parts) {
      const lookUp = await this.#lookUp(part);
      if (this.#closing.signal.aborted) return;
      const nowMs = clock.now();
      const graceMs = unknownGraceOf(this.#context);
      const settlement = decideLookUp({ lookUp, part, nowMs, openedAtMs, graceMs });
      await this.#settle(part, settlement, nowMs);
      this.#step("part.settled", part, `looked for: ${lookUp.kind}, now ${settlement.state}`);
    }
  }

  async #settle(part: OutboundPart, settlement: Settlement, nowMs: number): Promise<void> {
    const { store, log } = this.#context;
    const { signal } = this.#closing;
    const isSettled = await insist(async () => store.outbox.settle(part, settlement, nowMs), { signal, log });
    if (!isSettled || settlement.state !== "parked") return;
    const isTold = await insist(async () => this.#notices.tell(part, settlement.reason), { signal, log });
    if (isTold) this.wake();
  }

  async #lookUp(part: OutboundPart): Promise<LookUp> {
    const { store, accountId, messages } = this.#context;
    try {
      return await messages.lookUp(part, async (guids) => store.outbox.knownGuids(accountId, guids));
    } catch (cause) {
      return { kind: "unclear", reason: cause instanceof Error ? cause.message : String(cause) };
    }
  }

  #wakeIn(delayMs: number): void {
    clearTimeout(this.#timer);
    if (this.#closing.signal.aborted) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(delayMs, 2 ** 31 - 1));
  }

  #step(
    step: "part.claimed" | "send.answered" | "part.settled",
    part: OutboundPart,
    what?: string,
    outcome?: SendOutcome["kind"],
  ): void {
    const text = what === undefined ? {} : { text: `message ${part.id}: ${what}` };
    const turn = part.turnId === undefined ? {} : { turnId: part.turnId };
    this.#context.observer.step(step, {
      accountId: part.accountId,
      partId: part.id,
      attemptId: part.attemptId,
      ...turn,
      ...text,
      ...(outcome === undefined ? {} : { outcome }),
    });
  }
}

/** Once all that is under way has asked the store for what it wants: the claim behind it then shares its commit. */
async function atEndOfTick(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
