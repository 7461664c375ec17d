// Whether a growing text is inside of code: of a fenced block, or of a span between backticks.
import type { Mark } from "./marks.ts";

/** A line that is a fence is shorter. */
const LONGEST_FENCE = 300;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/u;

/** Follows a text line by line. */
export class CodeLines {
  /** The start of the line that is not whole yet. */
  #line = "";
  #fence: string | undefined;
  /** Opening marks in the block that we are in, by family. */
  #opened = new Map<string, number>();
  /** An odd number of runs of backticks came in this line. */
  isInSpan = false;
  #last = "";

  get isFenced(): boolean {
    return this.#fence !== undefined;
  }

  push(text: string): void {
    for (const part of text.split(/(?<=\n)/u)) {
      if (this.#line.length < LONGEST_FENCE) this.#line += part.slice(0, LONGEST_FENCE);
      for (const character of part) {
        if (character === "`" && this.#last !== "`") this.isInSpan = !this.isInSpan;
        this.#last = character;
      }
      if (part.endsWith("\n")) this.#endLine();
    }
  }

  /** Whether a mark in a fenced block is code. A closing mark is, if its opening one stands in the same block. */
  takeFenced({ kind, family }: Mark): boolean {
    if (kind !== "close" && kind !== "open") return true;
    const opened = (this.#opened.get(family) ?? 0) + (kind === "open" ? 1 : -1);
    this.#opened.set(family, Math.max(0, opened));
    return opened >= 0;
  }

  #endLine(): void {
    const [, marks, info = ""] = FENCE.exec(this.#line.trimEnd()) ?? [];
    this.#line = "";
    this.isInSpan = false;
    if (marks === undefined) return;
    if (this.#fence === undefined) {
      if (!marks.startsWith("`") || !info.includes("`")) this.#fence = marks;
    } else if (marks.startsWith(this.#fence) && info.trim() === "") {
      this.#fence = undefined;
      this.#opened.clear();
    }
  }
}
