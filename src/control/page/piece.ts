// Lists in pieces: each is walked by a key, bounded in number and in bytes, and says where the next one begins.
import { GatewayError } from "../../model/errors.ts";

/** A piece of a list, newest first. `next`: give it as `before` for the piece after it; undefined: that was all. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Of an answer: what a phone gets at once over a slow line. */
const MOST_BYTES = 150_000;

/** How a list becomes a piece. */
export interface Cut<Row, Item> {
  readonly show: (row: Row) => Item;
  /** Where a row stands, as `before` takes it. */
  readonly keyOf: (row: Row) => string;
  /** More rows come after these. */
  readonly isMore: boolean;
}

/** The piece that these rows make; those that are too much at once are left for the next one. Contract: one row at least. */
export function makePage<Row, Item>(
  rows: readonly Row[],
  { show, keyOf, isMore }: Cut<Row, Item>,
): Page<Item> {
  const items: Item[] = [];
  let room = MOST_BYTES;
  let last: Row | undefined;
  for (const row of rows) {
    const item = show(row);
    room -= Buffer.byteLength(JSON.stringify(item));
    if (room < 0 && last !== undefined) return { items, next: keyOf(last) };
    items.push(item);
    last = row;
  }
  return { items, next: isMore && last !== undefined ? keyOf(last) : undefined };
}

/** A text of which at most so many UTF-16 units are shown, with how many there are. */
export function clipText(text: string, most: number): { readonly text: string; readonly textChars: number } {
  return { text: text.length <= most ? text : text.slice(0, most).toWellFormed(), textChars: text.length };
}

/** A key that is a number. Throws `cli/usage`. */
export function readNumberKey(key: string | undefined): number | undefined {
  if (key === undefined) return undefined;
  if (/^\d{1,15}$/.test(key)) return Number(key);
  throw badKey(key);
}

/** The error for a key that no list has given. */
export function badKey(key: string): GatewayError {
  return new GatewayError("cli/usage", `There is no place ${JSON.stringify(key.slice(0, 80))} in the list.`, {
    hint: "Begin the list again, without --before.",
  });
}
