// What is said of an approval that lets somebody into a memory that others have.
import type { Settings } from "../../model/settings.ts";
import type { PairingGrant, Store } from "../../model/store.ts";
import { memoryOf } from "../status/reach.ts";

const MOST_NAMED = 3;

/**
 * One line on whose memory an approved person shares, for whoever approved them, with the key that separates them; undefined: nobody's.
 * `reader` is who reads it: they are "you".
 */
export async function describeSharedMemory(
  { settings, store }: { readonly settings: Settings; readonly store: Store },
  grant: Pick<PairingGrant, "accountId" | "handle">,
  reader?: string,
): Promise<string | undefined> {
  const memory = memoryOf(settings, await store.pairings.approved(), grant);
  if (memory === undefined) return undefined;
  const { people, anyone, agentId } = memory;
  const names = people.map((one) => (one === reader ? "you" : one));
  const sorted = [...names.filter((one) => one === "you"), ...names.filter((one) => one !== "you")];
  const named = sorted.slice(0, MOST_NAMED);
  const more = sorted.length - named.length;
  const others = [
    ...named,
    ...(more > 0 ? [`${more} more`] : []),
    ...(anyone ? ["everybody else who writes"] : []),
  ];
  return `They share one memory of agent ${agentId} with ${list(others)}: what one of you tells it, it may tell another. To separate people, set session.dmScope to "per-peer".`;
}

function list(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}
