// Reads the tapbacks that stand on a message now.

import { dateOf } from "./message.ts";
import { reactionKind, reactionNumber } from "./reaction-kind.ts";
import type { ReactionKind } from "./reaction-kind.ts";
import { integer, text } from "./store.ts";
import type { MessageStore } from "./store.ts";

/** A tapback in force. */
export interface Reaction {
  readonly rowId: number;
  readonly kind: ReactionKind;
  readonly sender: string;
  readonly isFromMe: boolean;
  readonly dateMs: number;
}

/** A tapback names its message bare or as `p:N/guid`; `bp:guid` finds no message in imsg 0.9.0 (recorded). */
const PARTS = 16;
const SQL = `SELECT r.ROWID, r.associated_message_type, h.id, r.is_from_me, r.date / 1000000, r.text, r.attributedBody
  FROM message r LEFT JOIN handle h ON r.handle_id = h.ROWID
  WHERE r.associated_message_guid IN (${Array.from({ length: PARTS + 1 }, () => "?").join(",")})
    AND r.associated_message_type BETWEEN 2000 AND 3006 ORDER BY r.date`;

/** The tapbacks of one message, in the order they were put on. */
export function reactionsOf(store: MessageStore, guid: string): Reaction[] {
  if (guid === "") return [];
  const targets = [guid, ...Array.from({ length: PARTS }, (_, part) => `p:${part}/${guid}`)];
  const standing = new Map<string, Reaction>();
  for (const row of store.all(SQL, ...targets)) {
    const found = reactionNumber(integer(row[1]));
    if (found === undefined) continue;
    const rowText = text(row[5]) || (row[6] instanceof Uint8Array ? store.bodyText(row[6]) : "");
    const kind = reactionKind(found.number, rowText);
    const who = `${text(row[2])}|${integer(row[3])}`;
    if (found.isAdd) {
      if (kind === undefined) continue;
      standing.set(`${who}|${kind.type}|${kind.emoji}`, {
        rowId: integer(row[0]),
        kind,
        sender: text(row[2]),
        isFromMe: integer(row[3]) !== 0,
        dateMs: dateOf(row[4]),
      });
    } else if (kind !== undefined) {
      standing.delete(`${who}|${kind.type}|${kind.emoji}`);
    } else {
      removeAnyCustom(standing, who);
    }
  }
  return [...standing.values()];
}

function removeAnyCustom(standing: Map<string, Reaction>, who: string): void {
  for (const key of standing.keys()) {
    if (!key.startsWith(`${who}|custom|`)) continue;
    standing.delete(key);
    return;
  }
}
