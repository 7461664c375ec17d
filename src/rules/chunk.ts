// Cuts a reply into messages: at the best place before the limit, code blocks whole on both sides, no grapheme split, no text lost.
import type { ChunkMode } from "../model/settings.ts";
import { blockAround, findCodeBlocks, type CodeBlock } from "./code-block.ts";
import { Graphemes, TextEdges, type Gap } from "./text-edges.ts";

/** A reply that would be more messages than this is packed: see `planChunks`. */
export const MOST_MESSAGES = 20;

/** How a text is cut. */
export interface ChunkOptions {
  /** Most UTF-16 units a message; a whole number from 1. */
  readonly limit: number;
  readonly mode: ChunkMode;
  /** Messages past which a text is packed; a whole number from 1. Undefined: 20. */
  readonly most?: number;
}

/** One message: `open + body + close`. */
export interface Piece {
  /** White space of the text right before `body` that the cut used up. */
  readonly dropped: string;
  /** Opening line of the code block that `body` goes on with, added; else empty. */
  readonly open: string;
  /** A slice of the text. */
  readonly body: string;
  /** Closing line of the code block that goes on in the next message, added; else empty. */
  readonly close: string;
}

/** A text as its messages, nothing left out. */
export interface ChunkPlan {
  readonly pieces: readonly Piece[];
  /** White space after the last message. */
  readonly tail: string;
}

/** The text that a plan was made of. */
export function rejoin(plan: ChunkPlan): string {
  return plan.pieces.map((piece) => piece.dropped + piece.body).join("") + plan.tail;
}

/**
 * Plans the messages of a text.
 *
 * `length` cuts only past the limit: at the last blank line before it, else line end, sentence end, white space, grapheme edge. A code
 * block that fits into a message is not cut; one that does not is closed and opened again. `newline` makes each paragraph a message,
 * then cuts those past the limit.
 *
 * More than 20 messages (or `most`) are packed: as many as can be stay as they are, and what comes after fills up the rest of them. A
 * text that does not fit so many messages filled to the last word becomes more of them.
 *
 * Contract: `rejoin` gives the text back; what is dropped is white space. No message is empty. None is past the limit, but for a
 * single code point of two units under a limit of 1. A grapheme is cut only when it is longer than the limit, then between code
 * points. A code block whose fence lines fill half the limit is cut as plain text. Time grows linearly with the text.
 */
export function planChunks(text: string, { limit, mode, most = MOST_MESSAGES }: ChunkOptions): ChunkPlan {
  const whole = text.length <= limit;
  if (text.trim() === "") return { pieces: [], tail: text };
  if (whole && mode === "length") return toPlan(text, [{ start: 0, end: text.length, open: "", close: "" }]);
  const blocks = findCodeBlocks(text);
  const graphemes = new Graphemes();
  const wrappable = blocks.filter((block) => isWrappable(text, block, limit));
  const cutter: Cutter = { text, limit, blocks: wrappable, graphemes };
  const ranges =
    mode === "newline" ? findParagraphs(text, blocks, graphemes) : [{ start: 0, end: text.length }];
  const spans = ranges.flatMap((range) => cutRange(cutter, range, "best"));
  return toPlan(text, spans.length > most ? pack(cutter, spans, most) : spans);
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** A message as positions, with the fence lines to be added. */
interface Span extends Range {
  readonly open: string;
  readonly close: string;
}

interface Cutter {
  readonly text: string;
  readonly limit: number;
  readonly blocks: readonly CodeBlock[];
  readonly graphemes: Graphemes;
}

/** `best`: at the kindest place before the limit. `full`: at the last place before it, code blocks that would fit cut too. */
type Fill = "best" | "full";

/**
 * Keeps as many messages as leaves room for the rest within `most`, cut at kind places if that can be; all of it filled up, in
 * however many, if it is too long for that.
 */
function pack(cutter: Cutter, spans: readonly Span[], most: number): readonly Span[] {
  const end = cutter.text.length;
  for (const fill of ["best", "full"] as const) {
    for (let kept = most - 1; kept >= 0; kept -= 1) {
      const start = kept === 0 ? 0 : (spans[kept]?.start ?? 0);
      const left = most - kept;
      if (end - start > left * cutter.limit) continue;
      const rest = cutRange(cutter, { start, end }, fill, left);
      if (rest.length <= left) return [...spans.slice(0, kept), ...rest];
    }
  }
  return cutRange(cutter, { start: 0, end }, "full");
}

/** Text between blank lines, but for blank lines of code. */
function findParagraphs(text: string, blocks: readonly CodeBlock[], graphemes: Graphemes): readonly Range[] {
  const edges = new TextEdges(text, text.length, graphemes);
  const paragraphs: Range[] = [];
  let start = 0;
  for (let at = text.indexOf("\n"); at !== -1;) {
    const found = edges.spaceAt(at, start);
    const gap = found.newlines > 1 ? edges.settle(found) : undefined;
    if (gap && !blockAround(blocks, gap.start)) {
      paragraphs.push({ start, end: gap.start });
      start = gap.end;
    }
    at = text.indexOf("\n", found.end);
  }
  return [...paragraphs, { start, end: text.length }];
}

/** Cuts a part of the text; stops early once there are more than `most` messages. */
function cutRange(cutter: Cutter, range: Range, fill: Fill, most = Infinity): readonly Span[] {
  const edges = new TextEdges(cutter.text, range.end, cutter.graphemes);
  const spans: Span[] = [];
  for (let at = range.start; spans.length <= most;) {
    const place = placeAt({ cutter, edges, range, fill }, at);
    if (place.visible >= range.end) break;
    if (range.end <= place.reach) {
      spans.push({ start: place.start, end: range.end, open: place.open, close: "" });
      break;
    }
    const { span, next } = cutAtGap(place) ?? cutAtEdge(place);
    spans.push(span);
    at = next;
  }
  return spans;
}

interface Work {
  readonly cutter: Cutter;
  readonly edges: TextEdges;
  readonly range: Range;
  readonly fill: Fill;
}

/** Where a message begins. */
interface Place extends Work {
  readonly start: number;
  /** First thing to be seen from `start` on. */
  readonly visible: number;
  /** The code block that goes on here, and its opening line to be added. */
  readonly active: CodeBlock | undefined;
  readonly open: string;
  /** Where the message is full, if nothing has to be added behind it. */
  readonly reach: number;
}

interface Cut {
  readonly span: Span;
  /** Where the next message begins. */
  readonly next: number;
}

function placeAt(work: Work, at: number): Place {
  const { cutter, edges } = work;
  const active = blockAround(cutter.blocks, at);
  const open = active ? `${active.open}\n` : "";
  const room = cutter.limit - open.length;
  const visible = edges.firstVisible(at);
  // Indentation stays, blank lines do not, nor so much of anything that it would crowd out the text.
  const lineStart = at + cutter.text.slice(at, visible).lastIndexOf("\n") + 1;
  const start = visible - lineStart > room / 2 ? visible : lineStart;
  return { ...work, start, visible, active, open, reach: start + room };
}

const BLANK_LINE = 4;
const LINE_END = 3;
const SENTENCE = 2;
const SPACE = 1;

/** Cuts at the best gap before the limit. Undefined when there is none. */
function cutAtGap(place: Place): Cut | undefined {
  const { edges, start } = place;
  let best: { gap: Gap; rank: number } | undefined;
  for (let at = place.reach; at > place.visible; at -= 1) {
    const isSpace = edges.isSpace(at);
    if (!isSpace && best && best.rank >= SENTENCE) continue;
    const found = isSpace ? edges.spaceAt(at, start) : edges.tightSentenceEnd(at, start);
    if (!found) continue;
    if (isSpace) at = found.start;
    const rank = rankOf(place, found);
    const gap = rank > (best?.rank ?? 0) ? edges.settle(found) : undefined;
    if (!gap || !mayCutAt(place, gap)) continue;
    best = { gap, rank };
    if (rank === BLANK_LINE || place.fill === "full") break;
  }
  return best && { span: spanTo(place, best.gap.start), next: best.gap.end };
}

function rankOf(place: Place, gap: Gap): number {
  if (gap.newlines > 1) return BLANK_LINE;
  if (gap.newlines === 1) return LINE_END;
  return place.edges.endsSentence(gap.start, place.start) ? SENTENCE : SPACE;
}

/** True when a message may end at this gap: it has something to show, room for a closing fence, and no block is cut needlessly. */
function mayCutAt(place: Place, gap: Gap): boolean {
  if (gap.start <= place.visible) return false;
  const block = blockAround(place.cutter.blocks, gap.start);
  if (!block) return gap.start <= place.reach;
  const fitsWhole = block !== place.active && block.end - block.start <= place.cutter.limit;
  if (fitsWhole && place.fill === "best") return false;
  const isInCode = gap.start > block.bodyStart && gap.end < block.closeStart;
  return isInCode && gap.start + closing(block).length <= place.reach;
}

/** Cuts where there is no gap: at the last grapheme edge before the limit. */
function cutAtEdge(place: Place): Cut {
  const { edges, cutter, start, reach, visible } = place;
  const block = blockAround(cutter.blocks, reach);
  const floor = block ? Math.max(block.bodyStart, start) : start;
  const cut = edges.edgeBefore(reach - (block ? closing(block).length : 0), floor);
  if (cut > Math.max(floor, visible)) return { span: spanTo(place, cut), next: cut };
  // The grapheme fills the message alone: after an opening line it begins the next one; indentation and fences give way to it.
  if (floor > start) return { span: spanTo(place, floor - 1), next: floor };
  const end = edges.edgeAfter(visible, cutter.limit);
  if (cutter.text.slice(visible, end).trim() !== "")
    return { span: { start: visible, end, open: "", close: "" }, next: end };
  // A space that a mark was cut off from is no message.
  const markEnd = edges.edgeAfter(end, cutter.limit);
  return { span: { start: end, end: markEnd, open: "", close: "" }, next: markEnd };
}

function spanTo(place: Place, end: number): Span {
  const block = blockAround(place.cutter.blocks, end);
  return { start: place.start, end, open: place.open, close: block ? closing(block) : "" };
}

function closing(block: CodeBlock): string {
  return `\n${block.close}`;
}

/** Fence lines are added only to a block of some code, and only where half a message is left for it. */
function isWrappable(text: string, block: CodeBlock, limit: number): boolean {
  const added = block.open.length + 1 + closing(block).length;
  return added <= limit / 2 && text.slice(block.bodyStart, block.closeStart).trim() !== "";
}

function toPlan(text: string, spans: readonly Span[]): ChunkPlan {
  let from = 0;
  const pieces = spans.map(({ start, end, open, close }) => {
    const piece = { dropped: text.slice(from, start), open, body: text.slice(start, end), close };
    from = end;
    return piece;
  });
  return { pieces, tail: text.slice(from) };
}
