// Strangers who got no pairing code because too many requests were pending: for the owner's eyes.
import type { Handle } from "../../model/handle.ts";
import type { AccountId } from "../../model/ids.ts";
import type { Store } from "../../model/store.ts";

/** Somebody who wrote in the last hour and got no answer. */
export interface TurnedAway {
  readonly accountId: AccountId;
  readonly handle: Handle;
  /** Epoch ms of the last message. */
  readonly lastAtMs: number;
}

/** Those turned away in the last hour, latest first, without the ones who asked again or were let in since. */
export async function listTurnedAway(
  { pairings }: Store,
  nowMs: number,
  accountId?: AccountId,
): Promise<readonly TurnedAway[]> {
  const since = [...(await pairings.pending(nowMs)), ...(await pairings.approved())];
  const known = new Set(since.map(keyOf));
  const all = await pairings.turnedAway(nowMs);
  return all.filter(
    (one) => !known.has(keyOf(one)) && (accountId === undefined || one.accountId === accountId),
  );
}

function keyOf({ accountId, handle }: Pick<TurnedAway, "accountId" | "handle">): string {
  return JSON.stringify([accountId, handle]);
}
