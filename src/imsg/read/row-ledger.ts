// Which rows of the stream were seen and handed over, and how far the cursor may go: never past a row that may be missing.
//
// The argument. Row ids ascend, but the stream may reorder, drop or swallow rows, and an id that is skipped may be a deleted row,
// a row of a kind that was not asked for, or one that is still to come. So the cursor stays before the first gap: it moves over ids
// that were handed over, one by one, and over a gap only when the database itself was asked and showed nothing there (`confirm`).
// A restart then reads again from before the gap; what comes twice is known by its guid.

/** Rows of one database, from a cursor on. */
export class RowLedger {
  /** Ids above the watermark; true once handed over. */
  readonly #above = new Map<number, boolean>();
  #watermark = 0;
  #newest = 0;

  /** Every row up to this id was handed over, or is none: the cursor. */
  get watermark(): number {
    return this.#watermark;
  }

  /** The greatest id seen. */
  get newest(): number {
    return this.#newest;
  }

  /** Forgets everything above `cursor`. */
  rewind(cursor: number): void {
    this.#above.clear();
    this.#watermark = cursor;
    this.#newest = cursor;
  }

  /** The row was seen, here or before the cursor. */
  has(rowId: number): boolean {
    return rowId <= this.#watermark || this.#above.has(rowId);
  }

  /** The row came; it is not handed over yet. */
  note(rowId: number): void {
    this.#newest = Math.max(this.#newest, rowId);
    if (!this.has(rowId)) this.#above.set(rowId, false);
  }

  /** The row is part of what is handed over now. */
  handOver(rowId: number): void {
    this.note(rowId);
    if (rowId > this.#watermark) this.#above.set(rowId, true);
    this.#advance();
  }

  /** The database has nothing up to this id that was not seen. Contract: rows seen but not handed over still hold the cursor back. */
  confirm(rowId: number): void {
    let upTo = rowId;
    for (const [id, handedOver] of this.#above) if (!handedOver) upTo = Math.min(upTo, id - 1);
    if (upTo <= this.#watermark) return;
    for (const id of this.#above.keys()) if (id <= upTo) this.#above.delete(id);
    this.#watermark = upTo;
    this.#newest = Math.max(this.#newest, upTo);
    this.#advance();
  }

  #advance(): void {
    while (this.#above.get(this.#watermark + 1) === true) {
      this.#above.delete(this.#watermark + 1);
      this.#watermark += 1;
    }
  }
}
