// Ids in the config: what they are made of, and that they name something that is there.
import { isLikelySlip, nearestName } from "../schema/nearest.ts";
import type { ConfigPath } from "../read/path.ts";
import type { Report } from "./report.ts";

/** What `isPlainId` asks for, as a hint. */
export const PLAIN_ID_HINT = "Use a-z, 0-9, `_` and `-`, at most 64 characters.";

/** True for what account and agent ids are made of; they stand in session keys, file names and commands. */
export function isPlainId(id: string): boolean {
  return /^[a-z0-9_-]{1,64}$/.test(id);
}

/** An id as written, where, and the ids there are. */
export interface WrittenId {
  readonly id: string;
  readonly path: ConfigPath;
  readonly ids: readonly string[];
  readonly what: "agent" | "account";
}

/** Refuses an id that names nothing. */
export function requireKnown({ id, path, ids, what }: WrittenId, report: Report): void {
  if (ids.includes(id)) return;
  const nearest = nearestName(id, ids);
  const hint =
    nearest && isLikelySlip(id, nearest.distance)
      ? `Write ${JSON.stringify(nearest.name)}.`
      : `Use one of ${ids.map((known) => JSON.stringify(known)).join(", ")}.`;
  report.refuse(path, id, { reason: `there is no such ${what}`, hint, unknown: what });
}
