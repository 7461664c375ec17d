// Where a text may be cut: at white space, after a sentence, between graphemes; by UTF-16 index.

/** White space between two pieces of text, or an empty place where a sentence ends without any. */
export interface Gap {
  readonly start: number;
  readonly end: number;
  /** Line ends in it: one is a line end, two or more are a blank line. */
  readonly newlines: number;
}

const SENTENCE_END = /^\p{Sentence_Terminal}$/u;
const CLOSER = /^[\p{Pe}\p{Pf}"']$/u;
const EXTENDER = /^\p{Grapheme_Extend}$/u;
const SPACE = 0x20;
const LF = 0x0a;
const CR = 0x0d;

/** Code points below this never join with white space or punctuation into one grapheme, but for CR LF. */
const FIRST_JOINING = 0x300;

/** What people see as one character. Made when first needed, and once for a text: the first segmenter takes 20 ms, each further one some µs. */
export class Graphemes {
  #segmenter: Intl.Segmenter | undefined;

  get segmenter(): Intl.Segmenter {
    this.#segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
    return this.#segmenter;
  }
}

/** The edges of one text. Contract: every method takes indexes of that text and looks no further than `to`. */
export class TextEdges {
  readonly #text: string;
  readonly #to: number;
  readonly #graphemes: Graphemes;

  constructor(text: string, to: number, graphemes: Graphemes) {
    this.#text = text;
    this.#to = to;
    this.#graphemes = graphemes;
  }

  /** The next index at or after `from` that holds something to see, or `to`. */
  firstVisible(from: number): number {
    let at = from;
    while (at < this.#to && isBlank(this.#text.charCodeAt(at))) at += 1;
    return at > from && at < this.#to && this.#joins(at) ? at - 1 : at;
  }

  /** True where there is white space to cut at. */
  isSpace(at: number): boolean {
    return at < this.#to && isBreakable(this.#text.charCodeAt(at));
  }

  /**
   * The white space around `at`, which is some. It ends with its last line end, if it has one, so that the next line keeps its
   * indentation. Not yet checked against graphemes: see `settle`.
   */
  spaceAt(at: number, floor: number): Gap {
    let start = at;
    let end = at;
    let newlines = 0;
    while (start > floor && isBreakable(this.#text.charCodeAt(start - 1))) start -= 1;
    for (let index = start; this.isSpace(index); index += 1) {
      if (this.#text.charCodeAt(index) === LF) newlines += 1;
      if (newlines === 0 || this.#text.charCodeAt(index) === LF) end = index + 1;
    }
    return { start, end, newlines };
  }

  /** The part of a gap that belongs to no grapheme beside it. Undefined when there is none: no cut here. */
  settle(gap: Gap): Gap | undefined {
    const start = this.#joins(gap.start) ? gap.start + 1 : gap.start;
    const end = gap.end > gap.start && this.#joins(gap.end) ? gap.end - 1 : gap.end;
    const isEmpty = gap.start === gap.end ? start > end : start >= end;
    return isEmpty ? undefined : { ...gap, start, end };
  }

  /** True when a sentence ends right before `at`, closing brackets and quotes behind its mark included. */
  endsSentence(at: number, floor: number): boolean {
    let after = at;
    while (after > floor && CLOSER.test(this.#text[after - 1] ?? "")) after -= 1;
    return after > floor && isSentenceMark(codePointBefore(this.#text, after));
  }

  /**
   * The empty place after a sentence whose last mark stands right before `at` with no white space behind it, as full-width and other
   * marks do. Latin marks need the white space: `3.14` is no sentence. Not yet checked against graphemes.
   */
  tightSentenceEnd(at: number, floor: number): Gap | undefined {
    const mark = at > floor ? codePointBefore(this.#text, at) : 0;
    if (mark < 0x80 || !isSentenceMark(mark)) return undefined;
    let after = at;
    while (after < this.#to && CLOSER.test(this.#text[after] ?? "")) after += 1;
    if (after >= this.#to || this.isSpace(after)) return undefined;
    return { start: after, end: after, newlines: 0 };
  }

  /** The last grapheme edge at or before `at`; `from` is an edge. */
  edgeBefore(at: number, from: number): number {
    // An edge depends on what is before it and on the one code point behind it.
    const near = this.#text.slice(from, Math.min(at + 2, this.#to));
    const found = this.#graphemes.segmenter.segment(near).containing(at - from);
    return found === undefined ? at : from + found.index;
  }

  /** The end of the grapheme that begins at `from`, at most `most` units on; inside it only when it is longer than that. */
  edgeAfter(from: number, most: number): number {
    const near = this.#text.slice(from, Math.min(from + most + 2, this.#to));
    const length = this.#graphemes.segmenter.segment(near).containing(0)?.segment.length ?? 1;
    if (length <= most) return from + length;
    const cut = from + most;
    const splitsPair = isLowSurrogate(this.#text, cut) && isHighSurrogate(this.#text, cut - 1);
    if (!splitsPair) return cut;
    return cut - 1 > from ? cut - 1 : cut + 1;
  }

  /** True when white space or punctuation and the code point beside it are one grapheme. */
  #joins(at: number): boolean {
    if (at <= 0 || at >= this.#to) return false;
    const before = codePointBefore(this.#text, at);
    const after = this.#text.codePointAt(at) ?? 0;
    if (before < FIRST_JOINING && after < FIRST_JOINING) return before === CR && after === LF;
    // The common cases without the segmenter, which takes some microseconds.
    if (before === SPACE && EXTENDER.test(String.fromCodePoint(after))) return true;
    if (after === SPACE && EXTENDER.test(String.fromCodePoint(before))) return false;
    // Two code points tell, whatever is before them: neither white space nor punctuation is half a flag or half an emoji sequence.
    const pair = String.fromCodePoint(before, after);
    return this.#graphemes.segmenter.segment(pair).containing(0)?.segment.length === pair.length;
  }
}

/** White space a line may be broken at: no no-break space. */
function isBreakable(unit: number): boolean {
  if (unit < 0x80) return unit === 0x20 || (unit >= 0x09 && unit <= CR);
  if (unit < 0x1680) return false;
  if (unit >= 0x2000 && unit <= 0x200a) return unit !== 0x2007;
  return unit === 0x1680 || unit === 0x2028 || unit === 0x2029 || unit === 0x205f || unit === 0x3000;
}

function isBlank(unit: number): boolean {
  return isBreakable(unit) || unit === 0xa0 || unit === 0x2007 || unit === 0x202f || unit === 0xfeff;
}

function isSentenceMark(codePoint: number): boolean {
  if (codePoint < 0x80) return codePoint === 0x2e || codePoint === 0x21 || codePoint === 0x3f;
  return SENTENCE_END.test(String.fromCodePoint(codePoint));
}

/** The code point that ends right before `at`; half of one when `at` is inside it. */
function codePointBefore(text: string, at: number): number {
  const isPair = isLowSurrogate(text, at - 1) && isHighSurrogate(text, at - 2);
  return isPair ? (text.codePointAt(at - 2) ?? 0) : text.charCodeAt(at - 1);
}

function isHighSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function isLowSurrogate(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
