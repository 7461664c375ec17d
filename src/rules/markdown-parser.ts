// Reads Markdown as coding agents write it: CommonMark with tables and struck out words, but for backslashes that are no escapes.
import MarkdownIt, { type StateInline, type Token } from "markdown-it";

const parser = new MarkdownIt({ html: true });
parser.inline.ruler.at("escape", readEscape);
// Escaped marks and entities stay apart from text, so that text which has none can be told.
parser.core.ruler.disable("text_join");
// Addresses are shown, not followed: as they were written.
parser.normalizeLink = (address) => address;
parser.normalizeLinkText = (address) => address;

/** The blocks of a text in order. Contract: lines are numbered from 0, whatever ends them; time grows linearly with the text. */
export function parseMarkdown(text: string): readonly Token[] {
  return parser.parse(text, {});
}

const ESCAPED = "*_~`#";
/** Escaped where a line begins, so that it does not begin a list. */
const LIST_MARKER = /^[ \t]*(?:[-+]|\d{1,9}[.)])$/;
/** In words like these a backslash stands for itself: paths, patterns, formulas. */
const NO_ESCAPES = /\\[\p{L}\p{N}]|^[A-Za-z]:\\|[$^|{}]|^(?!\w+:\/\/).*\//u;
const LONGEST_WORD = 100;

/** CommonMark takes a backslash before any punctuation for an escape; people write paths and shell lines with it. */
function readEscape(state: StateInline, silent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (src[pos] !== "\\" || pos + 1 >= posMax) return false;
  const escaped = src[pos + 1] ?? "";
  if (escaped === "\\") {
    if (!silent) state.pending += "\\\\";
    state.pos += 2;
    return true;
  }
  if (!isEscape(src, pos, escaped)) return false;
  if (!silent) {
    const token = state.push("text_special", "", 0);
    token.content = escaped;
    token.markup = `\\${escaped}`;
    token.info = "escape";
  }
  state.pos += 2;
  return true;
}

function isEscape(src: string, pos: number, escaped: string): boolean {
  if (ESCAPED.includes(escaped)) return !NO_ESCAPES.test(wordAround(src, pos));
  const line =
    src
      .slice(Math.max(0, pos - LONGEST_WORD), pos)
      .split("\n")
      .at(-1) ?? "";
  return LIST_MARKER.test(line + escaped);
}

function wordAround(src: string, pos: number): string {
  let start = pos;
  while (start > 0 && pos - start < LONGEST_WORD && !isSpace(src[start - 1])) start -= 1;
  let end = pos;
  while (end < src.length && end - pos < LONGEST_WORD && !isSpace(src[end])) end += 1;
  return src.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\t";
}
