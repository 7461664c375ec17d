// What a text of Messages says: without what stands for files, and whether it is one that was sent, for all imsg's known misreadings.
import type { InboundMessage } from "./message.ts";
import { composedText } from "./unicode-form.ts";

/** Links of one text that Messages may have split it at; more are not looked at. */
const MOST_LINKS = 50;
const LINK =
  /(?:https?:\/\/|www\.)\S+|(?<![\p{L}\p{N}.-])[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}(?:[/?#:]\S*)?/giu;

/** Anything that is seen: no blank, no mark that takes no room, not what stands for a file. */
const SEEN = /[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\uFFFC]/u;

/** What was written, without the U+FFFC that Messages puts where a file, a sticker or a preview stands; empty where nothing is seen. */
export function writtenText({ text }: Pick<InboundMessage, "text">): string {
  if (!SEEN.test(text)) return "";
  return text.includes("\uFFFC") ? text.replaceAll("\uFFFC", "").trim() : text;
}

/** True for a message in which somebody wrote or sent something. */
export function hasContent(message: Pick<InboundMessage, "text" | "attachments">): boolean {
  return message.attachments.length > 0 || SEEN.test(message.text);
}

/**
 * The form in which texts are compared, whoever wrote them down. Messages and imsg change a text on its way into the database and out
 * again: accents come back decomposed, white space at the ends is gone, line ends differ, U+FFFC stands where a file is.
 */
export function canonicalText(text: string): string {
  return composedText(text)
    .replace(/[\s\uFFFC]+/gu, " ")
    .trim();
}

/**
 * Compares a text that imsg read with one that was sent, in their canonical form. A text read from `attributedBody` is now and then
 * garbled (recorded imsg 0.9.0): with a stray first character, or with the archive around it (`streamtyped…`); such a text is still the
 * one that stands whole inside it.
 */
export function isSentText(read: string, sent: string): boolean {
  const [one, other] = [canonicalText(read), canonicalText(sent)];
  if (one === other) return true;
  if (other === "") return false;
  const [first = ""] = read.trimStart();
  return (
    canonicalText(read.trimStart().slice(first.length)) === other ||
    (one.includes("streamtyped") && one.includes(other))
  );
}

/** True for a text with the very letters of one that was sent: only punctuation and the like was changed on the way. */
export function hasLettersOfSent(read: string, sent: string): boolean {
  const letters = lettersOf(read);
  return letters !== "" && letters === lettersOf(sent);
}

/** True for a text that is a piece of one that was sent: Messages may make a row of its own of a link, and of what stands around it. */
export function isSentPiece(read: string, sent: string): boolean {
  const [piece, whole] = [canonicalText(read), canonicalText(sent)];
  if (piece === "" || piece.length >= whole.length) return false;
  const begins = new Set([0]);
  const ends = new Set([whole.length]);
  for (const link of [...whole.matchAll(LINK)].slice(0, MOST_LINKS)) {
    const end = link.index + link[0].length;
    begins.add(link.index).add(afterSpace(whole, end));
    ends.add(end).add(beforeSpace(whole, link.index));
  }
  return [...begins].some((at) => ends.has(at + piece.length) && whole.startsWith(piece, at));
}

/** True for a text that shares its letters with one that was sent: it may be that one, changed in a way that is not known. */
export function resemblesSent(read: string, sent: string): boolean {
  const [one, other] = [lettersOf(read), lettersOf(sent)];
  if (one === "" || other === "") return one === other;
  return one.includes(other) || other.includes(one);
}

/** True for a text that cannot be told from any other: nothing of it was read. */
export function isUnreadable(read: string): boolean {
  const rest = canonicalText(read).replace(/\uFFFD/gu, "");
  return rest === "" || rest === "streamtyped";
}

function lettersOf(text: string): string {
  return composedText(text)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
}

function afterSpace(text: string, at: number): number {
  return text[at] === " " ? at + 1 : at;
}

function beforeSpace(text: string, at: number): number {
  return text[at - 1] === " " ? at - 1 : at;
}
