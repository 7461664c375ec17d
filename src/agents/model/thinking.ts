// Takes away what a model thought aloud before its answer: `<think>…</think>` at the start, in whatever pieces it comes.

const TAGS = ["think", "thinking"];
const LONGEST_TAG = Math.max(...TAGS.map((tag) => `<${tag}>`.length));

/** Passes an answer on without the thoughts before it. */
export class ThoughtFilter {
  /** What is not decided yet: the start of the answer, or within a thought what may be the start of its end. */
  #held = "";
  #closing: string | undefined;
  #isAnswer = false;
  /** There was a thought. */
  hasThought = false;

  /** Takes the next piece; the answer is what of it, and of those held back, is to be seen. */
  push(piece: string): string {
    if (this.#isAnswer) return piece;
    this.#held += piece;
    for (;;) {
      if (this.#closing !== undefined && !this.#closeThought(this.#closing)) return "";
      const start = this.#held.trimStart();
      const tag = TAGS.find((one) => start.startsWith(`<${one}>`));
      if (tag !== undefined) {
        this.#held = start.slice(tag.length + 2);
        this.#closing = `</${tag}>`;
        this.hasThought = true;
      } else if (mayBecomeTag(start)) return "";
      else {
        this.#isAnswer = true;
        return this.#release();
      }
    }
  }

  /** What was held back and turned out to be the answer. A thought without an end is no answer. */
  end(): string {
    return this.#isAnswer || this.#closing !== undefined ? "" : this.#release();
  }

  #closeThought(closing: string): boolean {
    const at = this.#held.indexOf(closing);
    // A thought may be long: no more of it is kept than what may be the first part of its end.
    this.#held = this.#held.slice(at === -1 ? 1 - closing.length : at + closing.length);
    if (at !== -1) this.#closing = undefined;
    return at !== -1;
  }

  #release(): string {
    const text = this.hasThought ? this.#held.trimStart() : this.#held;
    this.#held = "";
    return text;
  }
}

function mayBecomeTag(start: string): boolean {
  return start.length < LONGEST_TAG && TAGS.some((tag) => `<${tag}>`.startsWith(start));
}
