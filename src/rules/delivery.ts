// What an attempt to send, or a search for one of unknown fate, means for the part: sent, queued again, unknown or parked.
import type { OutboundPart, SendOutcome, Settlement } from "../model/delivery.ts";
import type { LookUp } from "../model/ports.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Waits after the first, second, ... attempt that certainly failed; a failure after the last of them parks the part. */
const RETRY_DELAYS_MS: readonly number[] = [
  2 * SECOND_MS,
  10 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
];

/** After so many attempts a part is parked whatever came of the last one. */
const MOST_ATTEMPTS = RETRY_DELAYS_MS.length + 1;

const SHORTEST_LOOK_DELAY_MS = 5 * SECOND_MS;
const LONGEST_LOOK_DELAY_MS = 5 * MINUTE_MS;
/** A part whose fate cannot be read for so long waits for the owner. */
const LOOK_LIMIT_MS = 30 * MINUTE_MS;
/** The same where Messages has it for certain and shows it nowhere: it holds back its chat meanwhile. */
const HANDED_OVER_LIMIT_MS = 10 * MINUTE_MS;

/** An attempt that has ended. */
export interface DeliveryFacts {
  readonly outcome: SendOutcome;
  readonly part: OutboundPart;
  readonly nowMs: number;
  /** How long after an attempt of unknown outcome its message may still turn up, in ms; it is looked for after that. */
  readonly graceMs: number;
}

/** Decides what becomes of a part after an attempt to send it. */
export function decideDelivery({ outcome, part, nowMs, graceMs }: DeliveryFacts): Settlement {
  if (outcome.kind === "sent") return { state: "sent", guid: outcome.guid, rowId: outcome.rowId };
  if (outcome.kind === "unknown")
    return {
      state: "unknown",
      reason: outcome.reason,
      // What Messages has may be in the chat any moment; before an absence proves anything there is no use in looking for the rest.
      checkAtMs: nowMs + (outcome.handedOver ? SHORTEST_LOOK_DELAY_MS : graceMs),
      handedOver: outcome.handedOver,
    };
  if (!outcome.retryable) return { state: "parked", reason: outcome.reason };
  const delayMs = RETRY_DELAYS_MS[part.attempts - 1];
  if (delayMs === undefined)
    return { state: "parked", reason: `${outcome.reason} (gave up after ${part.attempts} attempts)` };
  return { state: "queued", reason: outcome.reason, notBeforeMs: nowMs + delayMs };
}

/** A search for a part of unknown fate. */
export interface LookUpFacts {
  readonly lookUp: LookUp;
  readonly part: OutboundPart;
  readonly nowMs: number;
  /** Epoch ms at which this process opened the account: the time before, when nobody could look, does not count. */
  readonly openedAtMs: number;
  /** How long after the end of the attempt its message may still turn up, in ms: an absence before that proves nothing. */
  readonly graceMs: number;
}

/**
 * Decides what becomes of a part of unknown fate after a search for it.
 *
 * Contract: only a certain `absent` sends it again: one that is seen when nothing of the attempt can be going on any more, of a part that
 * was not given to Messages. What stays unclear is looked for again after as long as was looked already (5 s to 5 min), and is parked
 * after half an hour, what was given to Messages after ten minutes.
 */
export function decideLookUp({ lookUp, part, nowMs, openedAtMs, graceMs }: LookUpFacts): Settlement {
  if (lookUp.kind === "found") return { state: "sent", guid: lookUp.guid, rowId: lookUp.rowId };
  const endedAtMs = part.unknownSinceMs ?? part.claimedAtMs;
  if (lookUp.kind === "absent" && !part.handedOver) {
    const certainAtMs = endedAtMs + graceMs;
    if (nowMs < certainAtMs)
      return { state: "unknown", reason: "it may still go out", checkAtMs: certainAtMs };
    if (part.attempts < MOST_ATTEMPTS)
      return { state: "queued", reason: "it is not in the chat", notBeforeMs: nowMs };
    return { state: "parked", reason: `it is not in the chat after ${part.attempts} attempts` };
  }
  const reason =
    lookUp.kind === "absent" ? "Messages has it, and does not show it in the chat" : lookUp.reason;
  const lookedForMs = nowMs - Math.max(endedAtMs, openedAtMs);
  if (lookedForMs >= (part.handedOver ? HANDED_OVER_LIMIT_MS : LOOK_LIMIT_MS))
    return { state: "parked", reason: `whether it arrived cannot be told: ${reason}` };
  const delayMs = Math.min(Math.max(lookedForMs, SHORTEST_LOOK_DELAY_MS), LONGEST_LOOK_DELAY_MS);
  return { state: "unknown", reason, checkAtMs: nowMs + delayMs };
}
