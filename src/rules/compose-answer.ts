// An answer's texts and files within a number of messages, and what of its texts is left over.
import type { NewPart } from "../model/delivery.ts";
import type { FormattedText } from "../model/formatting.ts";
import type { OutboundFile } from "../model/media.ts";
import { cutText, type CutText, type ReplyPolicy, type Sending } from "./compose-reply.ts";

/** How an answer is cut. */
export interface AnswerPolicy extends ReplyPolicy {
  /** Messages it may be; a whole number from 1, and more than it has files. */
  readonly most: number;
}

/** The messages of an answer. */
export interface ComposedAnswer {
  readonly parts: readonly NewPart[];
  /** What of its texts did not fit; empty: all did. One message less than `most` is used then: there is room for a last one. */
  readonly rest: string;
}

type Piece = FormattedText | OutboundFile;

/** A piece with the messages it becomes. */
type Cut =
  | { readonly kind: "file"; readonly parts: readonly NewPart[] }
  | { readonly kind: "text"; readonly text: FormattedText; readonly cut: CutText };

/**
 * Makes an answer's texts and files into messages, in their order. The prefix stands before the first of the texts.
 *
 * As many messages as it takes; where these are too many, they are filled up; where that is not enough, the first ones stay as they are,
 * and what comes after them is left over. Files are never left over.
 *
 * Contract: `parts` and one for the `rest` are no more than `most`.
 */
export function composeAnswer(pieces: readonly Piece[], policy: AnswerPolicy, to: Sending): ComposedAnswer {
  const compose = (text: FormattedText, most: number): CutText =>
    cutText(text, { ...policy, prefix: "", most }, to);
  const cuts = withPrefix(pieces, policy.prefix).map((piece): Cut => {
    if (isFile(piece)) return { kind: "file", parts: [{ ...to, text: "", file: piece }] };
    return { kind: "text", text: piece, cut: compose(piece, Number.POSITIVE_INFINITY) };
  });
  const parts = cuts.flatMap(partsOf);
  if (parts.length <= policy.most) return { parts, rest: "" };
  const room = policy.most - cuts.filter(({ kind }) => kind === "file").length;
  const packed = pack(cuts, room, compose);
  return packed ? { parts: packed, rest: "" } : keepFirst(cuts, room - 1);
}

function isFile(piece: Piece): piece is OutboundFile {
  return "path" in piece;
}

function partsOf(cut: Cut): readonly NewPart[] {
  return cut.kind === "file" ? cut.parts : cut.cut.parts;
}

/** Blank texts go; the prefix becomes part of the first of the others. */
function withPrefix(pieces: readonly Piece[], prefix: string): readonly Piece[] {
  const said = pieces.filter((piece) => isFile(piece) || piece.text.trim() !== "");
  const first = said.findIndex((piece) => !isFile(piece));
  return said.map((piece, index) => {
    if (index !== first || isFile(piece) || prefix === "") return piece;
    const ranges = piece.ranges.map((range) => ({ ...range, start: range.start + prefix.length }));
    return { text: prefix + piece.text, ranges };
  });
}

/**
 * Fills up the messages of the texts, from the first one on, so that one is left for each text after it; `room` is for all of them. Undefined:
 * that is not enough.
 */
function pack(
  cuts: readonly Cut[],
  room: number,
  compose: (text: FormattedText, most: number) => CutText,
): readonly NewPart[] | undefined {
  let left = room;
  let texts = cuts.filter(({ kind }) => kind === "text").length;
  const packed: NewPart[] = [];
  for (const cut of cuts) {
    if (cut.kind === "file") {
      packed.push(...cut.parts);
      continue;
    }
    texts -= 1;
    const most = left - texts;
    if (most < 1) return undefined;
    const { parts } = cut.cut.parts.length <= most ? cut.cut : compose(cut.text, most);
    if (parts.length > most) return undefined;
    packed.push(...parts);
    left -= parts.length;
  }
  return packed;
}

/** Keeps the first `room` messages of the texts, and every file. */
function keepFirst(cuts: readonly Cut[], room: number): ComposedAnswer {
  let left = Math.max(0, room);
  const parts: NewPart[] = [];
  const rest: string[] = [];
  for (const one of cuts) {
    if (one.kind === "file") {
      parts.push(...one.parts);
      continue;
    }
    const kept = one.cut.parts.slice(0, left);
    left -= kept.length;
    parts.push(...kept);
    if (kept.length < one.cut.parts.length) rest.push(one.cut.restAfter(kept.length));
  }
  return { parts, rest: rest.join("\n\n") };
}
