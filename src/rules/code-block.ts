// Finds the fenced code blocks of a Markdown text, by position.

/** A fenced block; positions are UTF-16 indexes into its text. */
export interface CodeBlock {
  /** Where the opening line begins. */
  readonly start: number;
  /** Where the code begins: after the opening line. */
  readonly bodyStart: number;
  /** Where the closing line begins; `end` when there is none. */
  readonly closeStart: number;
  /** After the closing fence; the text's end when there is none. */
  readonly end: number;
  /** The opening line, with its info string. */
  readonly open: string;
  /** A line that closes it. */
  readonly close: string;
}

/**
 * All fenced blocks, in order. A block that is never closed goes on to the end of the text; one without a line of code is none.
 *
 * A fence may be indented by any amount: inside lists agents indent it more than the three spaces that CommonMark allows outside.
 */
export function findCodeBlocks(text: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let opened: { start: number; bodyStart: number; line: string; fence: Fence } | undefined;
  for (let from = 0; from < text.length;) {
    const lineEnd = indexOrEnd(text, "\n", from);
    const next = Math.min(lineEnd + 1, text.length);
    const fence = readFence(text, from, lineEnd);
    if (fence && opened && closes(fence, opened.fence)) {
      const close = text.slice(from, lineEnd).trimEnd();
      const { start, bodyStart, line } = opened;
      const end = from + close.length;
      if (bodyStart < from) blocks.push({ start, bodyStart, closeStart: from, end, open: line, close });
      opened = undefined;
    } else if (fence && !opened && opens(fence) && next > lineEnd) {
      opened = { start: from, bodyStart: next, line: text.slice(from, lineEnd).trimEnd(), fence };
    }
    from = next;
  }
  if (opened && opened.bodyStart < text.length) {
    const { start, bodyStart, line, fence } = opened;
    const close = fence.indent + fence.marker;
    blocks.push({ start, bodyStart, closeStart: text.length, end: text.length, open: line, close });
  }
  return blocks;
}

/** The block that a position is inside of: after its first character and before its end. */
export function blockAround(blocks: readonly CodeBlock[], at: number): CodeBlock | undefined {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((blocks[middle]?.start ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const before = blocks[low - 1];
  return before && at < before.end ? before : undefined;
}

/** What a line that begins or ends a block says. */
export interface Fence {
  readonly indent: string;
  /** Three or more of one character. */
  readonly marker: string;
  readonly info: string;
}

/** The fence that stands in a text's line from `from` to `to`. */
export function readFence(text: string, from: number, to: number): Fence | undefined {
  let at = from;
  while (at < to && (text[at] === " " || text[at] === "\t")) at += 1;
  const mark = text[at];
  if (mark !== "`" && mark !== "~") return undefined;
  let end = at;
  while (end < to && text[end] === mark) end += 1;
  if (end - at < 3) return undefined;
  return { indent: text.slice(from, at), marker: text.slice(at, end), info: text.slice(end, to).trim() };
}

/** True for a fence that can begin a block. */
export function opens(fence: Fence): boolean {
  // With a backtick in its info string it is code within a line.
  return fence.marker[0] === "~" || !fence.info.includes("`");
}

/** True for a fence that ends the block of another. */
export function closes(fence: Fence, opening: Fence): boolean {
  return (
    fence.info === "" && fence.marker[0] === opening.marker[0] && fence.marker.length >= opening.marker.length
  );
}

function indexOrEnd(text: string, what: string, from: number): number {
  const at = text.indexOf(what, from);
  return at === -1 ? text.length : at;
}
