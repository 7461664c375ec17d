// Shows in chats that somebody is typing, through the reading child, where its imsg has the bridge that can.
import { GatewayError } from "../../model/errors.ts";
import type { Target } from "../../model/target.ts";
import type { Dialect } from "../child/dialect.ts";
import { ImsgRefusal, RPC } from "../child/refusal.ts";
import type { Log, Session } from "../child/session.ts";

/** What typing works with. */
export interface TypingOptions {
  /**
   * How long imsg has to answer. On legacy every read hangs behind a request that hangs: its child is replaced, and the account shows no
   * typing any more. On v1 only the bridge hangs: it is left alone for a while.
   */
  readonly timeoutMs: Readonly<Record<Dialect["kind"], number>>;
  readonly log: Log;
}

/** v1: after a request that hung. */
const PAUSE_MS = 60_000;

type Place = Readonly<Record<string, string | number>>;

/** A chat in which something was asked for and not yet answered. */
interface Asked {
  wanted: boolean;
  readonly told: Promise<void>;
}

/**
 * The typing indicators of one account.
 *
 * The sending child has one request in flight, which may take long and must not be held up; the reading child is asked instead. One
 * request a chat at a time: what is wanted meanwhile is asked for behind it, the last wish only.
 */
export class Typing {
  readonly #options: TypingOptions;
  readonly #asked = new Map<string, Asked>();
  #session: Session | undefined;
  /** The child that said that it cannot: it is not asked again. */
  #refusedBy: Session | undefined;
  #isLogged = false;
  #isOff = false;
  /** Monotonic ms until which nothing is asked. */
  #pausedUntil = 0;

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  /** A reading child is ready; it is asked from now on. */
  use(session: Session): void {
    this.#session = session;
  }

  /** Contract: never rejects. */
  async show(target: Target, isTyping: boolean): Promise<void> {
    const place = placeOf(target);
    if (place === undefined) return;
    const key = JSON.stringify(place);
    const asked = this.#asked.get(key);
    if (asked) {
      asked.wanted = isTyping;
      return asked.told;
    }
    const told = Promise.withResolvers<void>();
    const fresh = { wanted: isTyping, told: told.promise };
    this.#asked.set(key, fresh);
    await this.#askUntilTold(place, fresh);
    this.#asked.delete(key);
    told.resolve();
  }

  async #askUntilTold(place: Place, asked: Asked): Promise<void> {
    for (;;) {
      const { wanted } = asked;
      await this.#ask({ ...place, typing: wanted });
      if (asked.wanted === wanted) return;
    }
  }

  async #ask(params: Readonly<Record<string, string | number | boolean>>): Promise<void> {
    const session = this.#session;
    if (session === undefined || !this.#isOffered(session)) return;
    const { kind } = session.dialect;
    try {
      const spares = kind === "v1";
      await session.link.call("typing", params, this.#options.timeoutMs[kind], { spares });
    } catch (error) {
      if (error instanceof ImsgRefusal) this.#refused(session, error);
      else if (error instanceof GatewayError && error.code === "imsg/timeout") this.#hung(kind);
    }
  }

  #hung(kind: Dialect["kind"]): void {
    if (kind === "legacy") this.#isOff = true;
    else this.#pausedUntil = performance.now() + PAUSE_MS;
  }

  /** v1 says what works now. Legacy does not: it is tried. */
  #isOffered(session: Session): boolean {
    if (performance.now() < this.#pausedUntil) return false;
    if (this.#isOff || session.link.isOver || session === this.#refusedBy) return false;
    return session.dialect.kind === "legacy" || session.dialect.methods.has("typing");
  }

  #refused(session: Session, error: ImsgRefusal): void {
    // What is wrong with one chat, or for a moment, says nothing of the next.
    if (error.rpcCode !== RPC.invalidParams && error.rpcCode !== RPC.busy) this.#refusedBy = session;
    if (!this.#isLogged)
      this.#options.log("debug", "imsg cannot show that somebody is typing", { cause: error.message });
    this.#isLogged = true;
  }
}

/** Undefined: nobody sees it there. */
function placeOf(target: Target): Place | undefined {
  switch (target.kind) {
    case "chat_id":
      return { chat_id: target.chatId };
    case "chat_guid":
      return target.guid.startsWith("SMS;") ? undefined : { chat_guid: target.guid };
    case "chat_identifier":
      return { chat_identifier: target.identifier };
    case "handle":
      return target.service === "sms" ? undefined : { to: target.handle };
  }
}
