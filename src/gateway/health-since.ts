// Since when each part of an account is as it is: health says how it is now, and people ask for how long.
import type { HealthSince } from "../control/status/running.ts";
import type { AccountId } from "../model/ids.ts";
import type { AccountHealth } from "../model/ports.ts";

type Part = keyof HealthSince;

interface Seen {
  readonly states: Readonly<Record<Part, string>>;
  readonly since: HealthSince;
}

/** Remembers when what was last. */
export class HealthTimes {
  readonly #seen = new Map<AccountId, Seen>();

  /** Notes how an account is. */
  note(accountId: AccountId, health: AccountHealth, nowMs: number): void {
    const states = statesOf(health);
    const before = this.#seen.get(accountId);
    const since = (part: Part): number =>
      before !== undefined && before.states[part] === states[part] ? before.since[part] : nowMs;
    const all = { reading: since("reading"), watching: since("watching"), sending: since("sending") };
    this.#seen.set(accountId, { states, since: all });
  }

  of(accountId: AccountId): HealthSince | undefined {
    return this.#seen.get(accountId)?.since;
  }
}

/** A child that waits to be started again, and one that is being started again, are in the same trouble. */
function statesOf({ reading, watching, sending }: AccountHealth): Readonly<Record<Part, string>> {
  const child = ({ state, reason }: AccountHealth["reading"]): string =>
    state === "ready" ? "ready" : reason === undefined ? state : "trouble";
  return { reading: child(reading), watching: watching.ok ? "ok" : "not", sending: child(sending) };
}
