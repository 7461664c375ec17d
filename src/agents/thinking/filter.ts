// Takes what a model thought aloud out of its answer, in whatever pieces the answer comes.
import { CodeLines } from "./code-lines.ts";
import { MARK_STARTS, mayBecomeMark, readMark, type Mark } from "./marks.ts";

/** What a piece of an answer adds to the part of it that people may see. */
export interface Seen {
  /** All that was seen before was a thought: the mark that opened it stood in the prompt. */
  readonly startsOver: boolean;
  readonly text: string;
}

/** A mark in a code span is text if the span has an end, which is looked for so far. */
const LONGEST_SPAN = 400;
const LONGEST_HEADER = 200;
/** Where a mark may begin, and what code is told by. */
const CANDIDATE = /[<[◁`\n]/gu;
/** The header of a message that people are to see; all others are thoughts, and calls of tools. */
const FINAL = /^\s*(?:final|assistant|$)/iu;

/**
 * Passes on an answer without its thoughts.
 *
 * A thought stands between two marks, or before a closing mark whose opening one was in the prompt, or behind an opening mark that
 * nothing closes. A mark in code is text.
 *
 * Contract: what is seen in the end does not depend on the pieces. No more is held back than what may be a mark.
 */
export class ThoughtFilter {
  #code = new CodeLines();
  /** What is not decided yet. */
  #held = "";
  /** The last character of text before it. */
  #last = "";
  /** The family of the mark that ends the thought we are in. */
  #thought: string | undefined;
  /** The header we are in, as far as it has come. */
  #header: string | undefined;
  /** What is seen is of a message whose header says that it is for people. */
  #isFinal = false;
  #isWrapped = false;
  /** White space at the start of the answer. */
  #blank = "";
  #skipsBlank = false;
  #endsBlank = true;
  #seen = { startsOver: false, text: "" };
  /** Something can be seen, white space apart. */
  hasSeen = false;
  /** There was a thought whose opening mark stood in the answer. */
  hasOpened = false;
  /** There was a thought whose opening mark stood in the prompt. */
  hasUnopened = false;
  /** A closing mark came that has no opening one: what was seen before it is a thought, if anything follows. */
  isClosed = false;

  /** There was a thought. */
  get hasThought(): boolean {
    return this.hasOpened || this.hasUnopened || this.isClosed;
  }

  /** Takes the next piece. */
  push(piece: string): Seen {
    this.#held += piece;
    this.#scan(false);
    return this.#take();
  }

  /** What was held back and turned out to be of the answer. A thought without an end is not. */
  end(): Seen {
    this.#scan(true);
    // A stray mark behind an answer whose thought was whole takes nothing away.
    if (this.isClosed && !this.hasOpened) this.#startOver();
    if (!this.hasThought && !this.hasSeen) this.#seen.text += this.#blank;
    return this.#take();
  }

  #take(): Seen {
    const seen = this.#seen;
    this.#seen = { startsOver: false, text: "" };
    return seen;
  }

  #scan(isEnd: boolean): void {
    const text = this.#held;
    let from = 0;
    let isWaiting = false;
    CANDIDATE.lastIndex = 0;
    for (let found = CANDIDATE.exec(text); found !== null; found = CANDIDATE.exec(text)) {
      const isMark = MARK_STARTS.includes(found[0]);
      const at = isMark ? found.index : found.index + 1;
      this.#pass(text.slice(from, at));
      from = at;
      const mark = isMark ? this.#decide(text, at, isEnd) : "text";
      if (mark === "text") continue;
      isWaiting = mark === "wait";
      if (mark === "wait") break;
      this.#obey(mark);
      from += mark.length;
      CANDIDATE.lastIndex = from;
    }
    this.#held = text.slice(from);
    if (isWaiting) return;
    this.#pass(this.#held);
    this.#held = "";
  }

  #decide(text: string, at: number, isEnd: boolean): Mark | "text" | "wait" {
    const mark = readMark(text, at);
    if (mark === undefined) return !isEnd && mayBecomeMark(text, at) ? "wait" : "text";
    if (this.#header !== undefined) return mark;
    const behind = text.slice(at + mark.length, at + mark.length + LONGEST_SPAN);
    if (this.#thought !== undefined) {
      // A thought may speak of the mark that will end it.
      if (this.#last !== "`") return mark;
      if (behind === "" && !isEnd) return "wait";
      return behind.startsWith("`") ? "text" : mark;
    }
    if (mark.kind === "wrap" && (!this.hasThought || (this.hasSeen && !this.isClosed))) return "text";
    if (mark.kind === "unwrap" && !this.#isWrapped) return "text";
    if (this.#code.isFenced) return this.#code.takeFenced(mark) ? "text" : mark;
    if (!this.#code.isInSpan) return mark;
    const end = /[`\n]/u.exec(behind)?.[0];
    if (end === undefined && !isEnd && behind.length < LONGEST_SPAN) return "wait";
    return end === "`" ? "text" : mark;
  }

  #obey({ kind, family }: Mark): void {
    if (this.#thought !== undefined) {
      if (family !== this.#thought) return;
      if (kind === "close" || kind === "stop" || kind === "header") this.#leaveThought();
      if (kind === "header") this.#header = "";
      return;
    }
    if (this.#header !== undefined && kind !== "message" && kind !== "header") return;
    switch (kind) {
      case "open":
        return this.#enterThought(family);
      case "close":
        return this.#close();
      case "wrap":
        this.#isWrapped = true;
        return;
      case "unwrap":
        this.#isWrapped = false;
        return;
      case "header":
        if (this.hasSeen && !this.#isFinal) this.#close();
        this.#header = "";
        return;
      case "message":
        return this.#enterMessage(family);
      case "stop":
      case "token":
    }
  }

  #enterMessage(family: string): void {
    const header = this.#header ?? "";
    this.#header = undefined;
    if (!FINAL.test(header)) return this.#enterThought(family);
    this.#isFinal = true;
    this.#skipsBlank = !this.hasSeen || this.#endsBlank;
  }

  #enterThought(family: string): void {
    this.#thought = family;
    this.hasOpened = true;
    this.#blank = "";
  }

  #leaveThought(): void {
    this.#thought = undefined;
    this.#skipsBlank = !this.hasSeen || this.#endsBlank;
  }

  #close(): void {
    this.isClosed = true;
    this.#skipsBlank = true;
  }

  #startOver(): void {
    this.isClosed = false;
    this.#isFinal = false;
    this.#blank = "";
    this.hasUnopened = true;
    this.hasSeen = false;
    this.#seen = { startsOver: true, text: "" };
    this.#code = new CodeLines();
  }

  /** Takes text between marks. */
  #pass(text: string): void {
    if (text === "") return;
    this.#last = text.slice(-1);
    if (this.#header !== undefined) this.#header = (this.#header + text).slice(0, LONGEST_HEADER);
    else if (this.#thought === undefined) this.#show(text);
  }

  #show(text: string): void {
    const shown = this.#skipsBlank ? text.trimStart() : text;
    if (shown === "") return;
    this.#skipsBlank = false;
    if (this.isClosed) this.#startOver();
    this.#code.push(shown);
    this.#endsBlank = shown.trimEnd() !== shown;
    if (!this.hasSeen && shown.trim() === "") {
      this.#blank += shown;
      return;
    }
    this.#seen.text += this.hasSeen ? shown : this.#blank + shown;
    this.#blank = "";
    this.hasSeen = true;
  }
}
