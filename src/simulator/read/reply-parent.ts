// Finds the message that was replied to.

import { COLUMN, messageColumns } from "./row-columns.ts";
import { integer, text, whole } from "./store.ts";
import type { MessageStore, Row } from "./store.ts";
import { audioTranscription } from "./transcription.ts";

/** The message that was replied to. */
export interface ReplyParent {
  readonly text: string;
  readonly sender: string;
}

/** Parents looked up during one query, by guid: many replies share one. */
export type ParentCache = Map<string, ReplyParent | undefined>;

/** The first of the guids that a row has. */
export function findParent(
  store: MessageStore,
  guids: readonly string[],
  cache: ParentCache,
): ReplyParent | undefined {
  for (const guid of guids) {
    if (guid === "") continue;
    if (!cache.has(guid)) cache.set(guid, readParent(store, guid));
    const parent = cache.get(guid);
    if (parent !== undefined) return parent;
  }
  return undefined;
}

function readParent(store: MessageStore, guid: string): ReplyParent | undefined {
  const sql = `SELECT ${messageColumns(store, "0")} FROM message m LEFT JOIN handle h ON m.handle_id = h.ROWID
    WHERE m.guid = ? LIMIT 1`;
  const row = store.first(sql, guid);
  return row === undefined ? undefined : { text: rowText(store, row), sender: rowSender(row) };
}

/** The handle that wrote; for a row without one the number Messages was called by. */
export function rowSender(row: Row): string {
  const handle = text(row[COLUMN.sender]);
  return handle === "" ? text(row[COLUMN.destinationCallerId]) : handle;
}

/** What was said: a voice message's words if they were heard, else the text, else what stands in the body. */
export function rowText(store: MessageStore, row: Row): string {
  if (integer(row[COLUMN.isAudioMessage]) !== 0) {
    const spoken = audioTranscription(store, whole(row[COLUMN.rowId]));
    if (spoken !== undefined) return spoken;
  }
  const plain = text(row[COLUMN.text]);
  if (plain !== "") return plain;
  const body = row[COLUMN.body];
  return body instanceof Uint8Array ? store.bodyText(body) : "";
}
