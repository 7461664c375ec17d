// Knows which tapback rows name which message. imsg looks through the whole table for each message; this looks once.

import { text, whole } from "./store.ts";
import type { MessageStore, Whole } from "./store.ts";

/** A table up to this many rows is read anew whenever the database changed; of a bigger one only what was added. */
const SMALL_TABLE = 1000;

const FIRST_TYPE = 2000;
const LAST_TYPE = 3006;

interface TapbackRow {
  readonly rowId: Whole;
  readonly target: string;
}

interface Index {
  version: number;
  last: Whole;
  /** By the lower-case guid behind the last slash. */
  readonly bySuffix: Map<string, TapbackRow[]>;
  /** By the target as it stands in the row. */
  readonly byTarget: Map<string, TapbackRow[]>;
}

const indexes = new WeakMap<MessageStore, Index>();

/**
 * The rows that name a message: by its guid as it is, or by anything with a slash and its guid at the end, for which
 * SQLite's LIKE takes upper and lower case of ASCII for the same, and `%` and `_` in the guid for any characters.
 */
export function tapbacksOn(store: MessageStore, guid: string): Whole[] {
  if (/[%_/]/u.test(guid)) return lookThrough(store, guid);
  const index = indexOf(store);
  const found = [...(index.byTarget.get(guid) ?? []), ...(index.bySuffix.get(asciiLower(guid)) ?? [])];
  return found.map(({ rowId }) => rowId);
}

function lookThrough(store: MessageStore, guid: string): Whole[] {
  const sql = `SELECT ROWID FROM message WHERE associated_message_type BETWEEN ${FIRST_TYPE} AND ${LAST_TYPE}
    AND (associated_message_guid = ?1 OR associated_message_guid LIKE '%/' || ?1)`;
  return store.all(sql, guid).map(([rowId]) => whole(rowId));
}

function indexOf(store: MessageStore): Index {
  const version = store.dataVersion();
  const known = indexes.get(store);
  if (known?.version === version) return known;
  const isSmall = Number(
    store.first("SELECT COUNT(*) FROM (SELECT 1 FROM message LIMIT ?)", SMALL_TABLE)?.[0],
  );
  const index = known !== undefined && isSmall >= SMALL_TABLE ? known : emptyIndex();
  index.version = version;
  const newest = whole(store.first("SELECT MAX(ROWID) FROM message")?.[0]);
  const sql = `SELECT ROWID, associated_message_guid FROM message
    WHERE ROWID > ? AND associated_message_type BETWEEN ${FIRST_TYPE} AND ${LAST_TYPE} ORDER BY ROWID`;
  for (const row of store.all(sql, index.last)) {
    const tapback = { rowId: whole(row[0]), target: text(row[1]) };
    const slash = tapback.target.lastIndexOf("/");
    if (slash === -1) add(index.byTarget, tapback.target, tapback);
    else add(index.bySuffix, asciiLower(tapback.target.slice(slash + 1)), tapback);
  }
  index.last = newest;
  indexes.set(store, index);
  return index;
}

function emptyIndex(): Index {
  return { version: -1, last: -(2n ** 63n), bySuffix: new Map(), byTarget: new Map() };
}

function add(map: Map<string, TapbackRow[]>, key: string, row: TapbackRow): void {
  const rows = map.get(key);
  if (rows === undefined) map.set(key, [row]);
  else rows.push(row);
}

function asciiLower(guid: string): string {
  return guid.replaceAll(/[A-Z]/gu, (letter) => letter.toLowerCase());
}
