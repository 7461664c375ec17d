// Reads the tapbacks that stand on a message now.

import { dateOf } from "./apple-time.ts";
import type { AppleSeconds } from "./apple-time.ts";
import { reactionKind, reactionNumber } from "./reaction-kind.ts";
import type { ReactionKind } from "./reaction-kind.ts";
import { knowsReactions } from "./row-columns.ts";
import { integer, text, whole } from "./store.ts";
import type { MessageStore, Row, Whole } from "./store.ts";
import { tapbacksOn } from "./tapback-index.ts";

/** A tapback in force. */
export interface Reaction {
  readonly rowId: Whole;
  readonly kind: ReactionKind;
  readonly sender: string;
  readonly isFromMe: boolean;
  readonly date: AppleSeconds;
}

/** The tapbacks of one message: each in the place where its kind was first put on by that person. */
export function reactionsOf(store: MessageStore, guid: string): Reaction[] {
  if (guid === "" || !knowsReactions(store)) return [];
  const standing = new Map<string, Reaction>();
  for (const row of tapbackRows(store, guid)) {
    const found = reactionNumber(integer(row[1]));
    if (found === undefined) continue;
    const rowText = text(row[5]) || (row[6] instanceof Uint8Array ? store.bodyText(row[6]) : "");
    const kind = reactionKind(found.number, rowText);
    const sender = text(row[2]);
    const isFromMe = integer(row[3]) !== 0;
    const who = `${sender}|${isFromMe}`;
    if (found.isAdd) {
      if (kind === undefined) continue;
      const reaction = { rowId: whole(row[0]), kind, sender, isFromMe, date: dateOf(row[4]) };
      standing.set(`${who}|${kind.type}|${kind.emoji.normalize()}`, reaction);
    } else if (kind !== undefined) {
      standing.delete(`${who}|${kind.type}|${kind.emoji.normalize()}`);
    } else {
      removeAnyCustom(standing, who);
    }
  }
  return [...standing.values()];
}

/** In the order of their dates, and of their rows where dates are equal. */
function tapbackRows(store: MessageStore, guid: string): Row[] {
  const rowIds = tapbacksOn(store, guid);
  if (rowIds.length === 0) return [];
  const body = store.has("message", "attributedBody") ? "r.attributedBody" : "NULL";
  const sql = `SELECT r.ROWID, r.associated_message_type, h.id, r.is_from_me, r.date, r.text, ${body}
    FROM message r LEFT JOIN handle h ON r.handle_id = h.ROWID
    WHERE r.ROWID IN (SELECT value FROM json_each(?)) ORDER BY r.date, r.ROWID`;
  return store.all(sql, `[${rowIds.join(",")}]`);
}

function removeAnyCustom(standing: Map<string, Reaction>, who: string): void {
  for (const key of standing.keys()) {
    if (!key.startsWith(`${who}|custom|`)) continue;
    standing.delete(key);
    return;
  }
}
