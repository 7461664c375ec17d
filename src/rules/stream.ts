// Which blocks of a growing text are complete: those behind which another one has begun.
import { closes, opens, readFence, type Fence } from "./code-block.ts";

const LIST_ITEM = /^(?:[-*+]|\d{1,9}[.)])\s/u;
/** What may still become the beginning of a list item. */
const HALF_LIST_ITEM = /^(?:[-*+]|\d{1,9}[.)]?)$/u;
const HEADING = /^#{1,6}\s/u;
/** More of a line is not looked at to see whether it is a list item. */
const LONGEST_START = 16;

/**
 * Cuts a text that comes in pieces into blocks: what stands between blank lines. Code fences are whole; a list stays with what leads to
 * it, a heading with what follows it, and what is indented with what it belongs to.
 *
 * Contract: whatever the pieces, the blocks are the same, and together with what is not complete yet they are the text.
 */
export class Blocks {
  /** Whole lines of the block that is not complete yet. */
  #lines = "";
  /** The line that is not whole yet. */
  #line = "";
  /** How it begins. The line itself is looked at once it is whole: to look at a text makes one piece of it, which takes time for each. */
  #start = "";
  #fence: Fence | undefined;
  #isBlank = true;
  /** A blank line came after something that may end a block. */
  #isGap = false;
  #isHeading = false;

  /** Takes more of the text; gives the blocks that this completes. */
  push(text: string): string[] {
    const blocks: string[] = [];
    let from = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
      this.#append(text.slice(from, end + 1), blocks);
      from = end + 1;
      this.#take(this.#line.trimEnd());
      this.#lines += this.#line;
      this.#line = "";
      this.#start = "";
    }
    this.#append(text.slice(from), blocks);
    return blocks;
  }

  #append(text: string, blocks: string[]): void {
    this.#line += text;
    if (this.#start.length < LONGEST_START) this.#start += text.slice(0, LONGEST_START);
    this.#cutBefore(this.#start, blocks);
  }

  /** What is not complete yet. */
  get rest(): string {
    return this.#lines + this.#line;
  }

  /** Ends the block where a line that is there, maybe not whole, begins another. */
  #cutBefore(line: string, blocks: string[]): void {
    if (!this.#isGap || !beginsBlock(line)) return;
    blocks.push(this.#lines);
    this.#lines = "";
    this.#isBlank = true;
    this.#isGap = false;
  }

  #take(line: string): void {
    if (this.#fence) {
      const fence = readFence(line, 0, line.length);
      if (fence && closes(fence, this.#fence)) this.#fence = undefined;
    } else if (line.trim() === "") {
      this.#isGap = !this.#isBlank && !this.#isHeading;
    } else {
      const fence = readFence(line, 0, line.length);
      if (fence && opens(fence)) this.#fence = fence;
      this.#isBlank = false;
      this.#isGap = false;
      this.#isHeading = HEADING.test(line);
    }
  }
}

/** True once it is certain that a line behind a blank one begins another block; it may not be whole yet. */
function beginsBlock(line: string): boolean {
  const first = line[0];
  if (first === undefined || first.trim() === "") return false;
  return !LIST_ITEM.test(line) && !HALF_LIST_ITEM.test(line);
}
