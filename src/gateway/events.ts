// What the gateway does, as it does it: one readable line on the log, one event for each listener.
import type { GatewayEvent } from "../control/status/running.ts";
import type { Log } from "../lib/log.ts";
import type { AccountId } from "../model/ids.ts";
import type { Clock, Observer, Step, StepFacts } from "../model/ports.ts";

/** Steps whose line is for everybody to read; the others are shown with `logging.level: "debug"`. */
const READABLE: ReadonlySet<Step> = new Set<Step>([
  "rows.decided",
  "agent.answered",
  "command.finished",
  "part.settled",
]);

type Listener = (event: GatewayEvent) => void;

/** Fans events out. Contract: `step` never throws, whatever a listener does. */
export class Events implements Observer {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #also: Observer | undefined;
  readonly #listeners = new Set<Listener>();
  #seq = 0;

  /** `also` is told of every step first, before anything else happens. */
  constructor(log: Log, clock: Clock, also?: Observer) {
    this.#log = log;
    this.#clock = clock;
    this.#also = also;
  }

  step(step: Step, facts: StepFacts): void {
    this.#also?.step(step, facts);
    if (facts.text !== undefined) {
      const line = facts.text;
      if (READABLE.has(step)) this.#log.info(line, { accountId: facts.accountId });
      else this.#log.debug(line, { accountId: facts.accountId, step });
    }
    this.emit(step, facts);
  }

  /** Gives an event that is no step of a message to the listeners. */
  emit(step: GatewayEvent["step"], facts: StepFacts): void {
    if (this.#listeners.size === 0) return;
    this.#seq += 1;
    const event: GatewayEvent = { seq: this.#seq, atMs: this.#clock.now(), step, ...facts };
    for (const listener of this.#listeners) listener(event);
  }

  /** An event of the whole gateway, which belongs to no account. */
  announce(step: "config.reloaded" | "config.invalid", text: string): void {
    this.emit(step, { accountId: "" as AccountId, text });
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
