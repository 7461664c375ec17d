// How an agent is called in a group: a name that stands as a word in any script, or a regular expression of linear time.
import type { RE2JS } from "re2js";
import type { Parsed } from "./target.ts";

/** One mention pattern, ready to be looked for. */
export interface MentionPattern {
  /** True when the text calls the agent. Time grows linearly with the text. */
  matches(text: string): boolean;
}

/** Longer ones are refused: the work for one character of a text grows with the pattern. */
const LONGEST = 500;

/** What means something in a regular expression. */
const REGEX_CHARACTER = /[\\^$.*+?()[\]{}|]/u;

/** Scripts that put nothing between words; what stands beside a name there says nothing about where it ends. */
const UNSPACED = [
  ["Han", "Hiragana", "Katakana", "Bopomofo", "Yi", "Thai", "Lao", "Khmer", "Myanmar", "Tibetan"],
  ["Tai_Tham", "New_Tai_Lue", "Tai_Le", "Tai_Viet", "Javanese", "Balinese"],
].flat();
const UNSPACED_CHARACTER = new RegExp(
  `[${UNSPACED.map((name) => `\\p{Script_Extensions=${name}}`).join("")}]`,
  "u",
);
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u;
/** Behind a character these belong to it: what looks like a name there is part of another character. */
const CONTINUATION = /[\p{M}\p{Emoji_Modifier}\u200D]/u;
/** They choose a picture of the same character. */
const VARIATION_SELECTORS = /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]/gu;

/** The same as `\b`, for every script; it takes the neighbour with it, so it is good for the ends of a pattern only. */
const EDGE = `(?:^|$|[^\\p{L}\\p{N}\\p{M}_]|[${UNSPACED.map((name) => `\\p{${name}}`).join("")}])`;

const engine: { re2?: typeof RE2JS } = {};

/** Loads what patterns with regex characters need; it takes some 10 ms the first time, so call it only where `needsEngine`. */
export async function loadPatternEngine(): Promise<void> {
  engine.re2 = (await import("re2js")).RE2JS;
}

/** True when one of the patterns is more than a name. */
export function needsEngine(patterns: readonly string[]): boolean {
  return patterns.some((pattern) => pattern.length <= LONGEST && parseName(pattern) === undefined);
}

/**
 * Reads a mention pattern; case never counts. Without regex characters it is a name and matches as a whole word (`\bname\b` and
 * `(?i)name` are names, too); else it is a regular expression in RE2's syntax that is looked for anywhere, with a `\b` at its ends that
 * knows every script.
 *
 * Contract: throws when the pattern is more than a name and `loadPatternEngine` was not awaited before.
 */
export function parseMentionPattern(text: string): Parsed<MentionPattern> {
  if (text.length > LONGEST) return { ok: false, reason: `is longer than ${LONGEST} characters` };
  const name = parseName(text);
  if (name === undefined) return parseExpression(text);
  if (name === "") return { ok: false, reason: "is empty and would match everything" };
  return { ok: true, value: { matches: (message) => holdsWord(fold(message), name) } };
}

/** The folded name that a pattern is; undefined when it is an expression. */
function parseName(pattern: string): string | undefined {
  const bare = pattern.trim().replace(/^\(\?i\)/, "");
  const inner = /^\\b(.*)\\b$/su.exec(bare)?.[1] ?? bare;
  return REGEX_CHARACTER.test(inner) ? undefined : fold(inner.trim());
}

function parseExpression(text: string): Parsed<MentionPattern> {
  if (!engine.re2) throw new Error("a pattern with regex characters was parsed before loadPatternEngine");
  try {
    const compiled = engine.re2.compile(widenEdges(text.normalize("NFC")), engine.re2.CASE_INSENSITIVE);
    return { ok: true, value: { matches: (message) => compiled.test(message.normalize("NFC")) } };
  } catch (cause) {
    return { ok: false, reason: `is no regular expression: ${describeFault(cause, text)}` };
  }
}

/** RE2's `\b` knows ASCII only: `\b(Клод|Claude)\b` would never match the first of them. */
function widenEdges(expression: string): string {
  return expression
    .trim()
    .replace(/^((?:\(\?i\))?)\\b/, (_, flags: string) => `${flags}${EDGE}`)
    .replace(/(?<!\\)((?:\\\\)*)\\b$/, (_, before: string) => `${before}${EDGE}`);
}

function describeFault(cause: unknown, text: string): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/\(\?(?:[=!]|<[=!])/.test(message)) return "it looks ahead or behind (`(?=`, `(?!`, `(?<=`, `(?<!`)";
  const fault = message.replace(/^error parsing regexp: /, "");
  // The engine quotes what it was given, our flag and edges included.
  const what = fault.replace(/: `[^]*`$/, "");
  const quoted = /: `([^]*)`$/.exec(fault)?.[1];
  return quoted !== undefined && text.includes(quoted) ? `${what} at \`${quoted}\`` : what;
}

/** True when the word is in the text with an edge on both sides. */
function holdsWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1))
    if (hasEdges(text, { at, word })) return true;
  return false;
}

function hasEdges(text: string, { at, word }: { readonly at: number; readonly word: string }): boolean {
  const end = at + word.length;
  if (CONTINUATION.test(codePointAt(text, end))) return false;
  if (text[at - 1] === "\u200D") return false;
  return (
    !sticks(codePointBefore(text, at), codePointAt(word, 0)) &&
    !sticks(codePointAt(text, end), codePointBefore(word, word.length))
  );
}

/** True when the two characters, side by side, are within one word. */
function sticks(neighbour: string, edge: string): boolean {
  return isSpacedWord(neighbour) && isSpacedWord(edge);
}

function isSpacedWord(character: string): boolean {
  return WORD_CHARACTER.test(character) && !UNSPACED_CHARACTER.test(character);
}

function codePointAt(text: string, at: number): string {
  const codePoint = text.codePointAt(at);
  return codePoint === undefined ? "" : String.fromCodePoint(codePoint);
}

function codePointBefore(text: string, at: number): string {
  return /[\uD800-\uDBFF]?[^]$/.exec(text.slice(Math.max(0, at - 2), at))?.[0] ?? "";
}

/** The form in which texts are the same to people: compatibility forms and case folded, `ß` as `ss`, both lower sigmas as one. */
function fold(text: string): string {
  const folded = text.normalize("NFKC").replace(VARIATION_SELECTORS, "").toUpperCase().toLowerCase();
  return folded.replaceAll("ς", "σ").normalize("NFC");
}
