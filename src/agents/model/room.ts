// How much of an answer is taken: what does not fit is cut between two characters.
import type { Seen } from "../thinking/filter.ts";

/** Takes the text of one answer as long as there is room. */
export class Room {
  readonly #maxBytes: number;
  #left: number;
  /** Something did not fit. */
  isFull = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#left = maxBytes;
  }

  fit({ startsOver, text }: Seen): Seen {
    if (startsOver) this.#left = this.#maxBytes;
    const bytes = Buffer.from(text);
    this.isFull = bytes.length > this.#left;
    const fitting = this.isFull
      ? new TextDecoder().decode(bytes.subarray(0, this.#left), { stream: true })
      : text;
    this.#left -= Buffer.byteLength(fitting);
    return { startsOver, text: fitting };
  }
}
