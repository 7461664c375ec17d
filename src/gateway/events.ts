// What the gateway does, as it does it: one readable line on the log, one event for each listener.
import { randomUUID } from "node:crypto";
import type { EventLog, GatewayEvent } from "../control/status/running.ts";
import type { Log } from "../lib/log.ts";
import type { AccountId, TurnId } from "../model/ids.ts";
import type { Clock, Observer, Step, StepFacts } from "../model/ports.ts";
import { TurnOutputs } from "./turn-outputs.ts";

/** Steps whose line is for everybody to read; the others are shown with `logging.level: "debug"`. */
const READABLE: ReadonlySet<Step> = new Set<Step>([
  "rows.decided",
  "agent.answered",
  "command.finished",
  "part.settled",
]);

/** Events kept for readers that come back. */
const MOST_KEPT = 1024;

/** How long after an agent spoke it is told, with all it said meanwhile. */
const HEAR_EVERY_MS = 100;

type Listener = (event: GatewayEvent) => void;

/** Fans events out. Contract: `step` never throws, whatever a listener does. */
export class Events implements Observer, EventLog {
  readonly bootId = randomUUID();
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #also: Observer | undefined;
  readonly #listeners = new Set<Listener>();
  readonly outputs = new TurnOutputs();
  /** Turns whose agents spoke, which is not told yet. */
  readonly #heard = new Set<TurnId>();
  /** Event `seq` lies at `seq % MOST_KEPT`. */
  readonly #kept: GatewayEvent[] = [];
  #seq = 0;

  /** `also` is told of every step first, before anything else happens. */
  constructor(log: Log, clock: Clock, also?: Observer) {
    this.#log = log;
    this.#clock = clock;
    this.#also = also;
  }

  step(step: Step, facts: StepFacts): void {
    this.#also?.step(step, facts);
    if (step === "agent.said") return this.#hear(facts);
    if (step === "turn.finished" && facts.turnId !== undefined) this.outputs.end(facts.turnId);
    if (facts.text !== undefined) {
      const line = facts.text;
      if (READABLE.has(step)) this.#log.info(line, { accountId: facts.accountId });
      else this.#log.debug(line, { accountId: facts.accountId, step });
    }
    this.emit(step, facts);
  }

  get seq(): number {
    return this.#seq;
  }

  since(seq: number): readonly GatewayEvent[] | undefined {
    const count = this.#seq - seq;
    if (!Number.isSafeInteger(seq) || count < 0 || count > this.#kept.length) return undefined;
    return Array.from({ length: count }, (_, index) => this.#kept[(seq + 1 + index) % MOST_KEPT]).filter(
      (event) => event !== undefined,
    );
  }

  /** Agents say much in little time: whoever listens is told now and then, and never again what is past. */
  #hear({ accountId, turnId, said = "" }: StepFacts): void {
    if (turnId === undefined) return;
    this.outputs.add(turnId, said);
    if (this.#listeners.size === 0 || this.#heard.has(turnId)) return;
    this.#heard.add(turnId);
    setTimeout(() => {
      this.#heard.delete(turnId);
      const event = {
        seq: this.#seq,
        atMs: this.#clock.now(),
        step: "agent.said",
        accountId,
        turnId,
      } as const;
      for (const listener of this.#listeners) listener(event);
    }, HEAR_EVERY_MS).unref();
  }

  /** Gives an event that is no step of a message to the listeners. */
  emit(step: GatewayEvent["step"], facts: StepFacts): void {
    this.#seq += 1;
    const event: GatewayEvent = { seq: this.#seq, atMs: this.#clock.now(), step, ...facts };
    this.#kept[this.#seq % MOST_KEPT] = event;
    for (const listener of this.#listeners) listener(event);
  }

  /** An event of the whole gateway, which belongs to no account. */
  announce(step: "config.reloaded" | "config.invalid" | "store.changed", text: string): void {
    this.emit(step, { accountId: "" as AccountId, text });
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
