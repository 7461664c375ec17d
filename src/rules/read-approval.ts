// What a person says to an agent's request: a number, a yes, a no, `more`. Whatever could mean anything else says nothing.
import type { ReactionEvent } from "../model/message.ts";

/** A yes or a no, for once or from now on. */
export type Mood = "allow" | "deny" | "always" | "never";

/** What a text says to a request. */
export type SaidToApproval =
  /** The number of an option; with `mood` where a yes or a no was said beside it. */
  | { readonly kind: "number"; readonly number: number; readonly mood: Mood | undefined }
  | { readonly kind: "mood"; readonly mood: Mood }
  /** Show all of it; `number`: of the request with this number. */
  | { readonly kind: "more"; readonly number: number | undefined }
  | { readonly kind: "nothing" };

const NOTHING: SaidToApproval = { kind: "nothing" };
/** Longer texts are messages. */
const LONGEST = 80;
const MOST_DIGITS = 5;

type Word = Mood | "filler" | "more";

/** Phrases of up to four words; the longest that fits is what is meant. */
const PHRASES: ReadonlyMap<string, Word> = phrases({
  allow: [
    "yes|y|ye|yep|yeah|yup|yess|ok|okay|okey|k|sure|sure thing|of course|fine|alright|all right|absolutely|definitely",
    "allow|allow it|allow this|allow once|approve|approve it|approve this|approve once|approved|accept|accept it|agreed",
    "go ahead|go for it|do it|proceed|sounds good|looks good|lgtm|once|just once|this once|only once|only this once",
    "👍|✅|✔|☑|👌|🆗",
  ],
  deny: [
    "no|n|nope|nah|no way|no thanks|no thank you|not now|not this time|please no|deny|deny it|deny this|denied",
    "reject|reject it|reject this|refuse|decline|block|block it|don't|dont|do not|don't do it|dont do it|do not do it",
    "don't allow|dont allow|do not allow|don't allow it|do not allow it|not ok|not okay|not allowed|disallow",
    "👎|❌|✖|🚫|⛔|🙅",
  ],
  always: [
    "always|always allow|allow always|always yes|yes always|allow it always|always allow it|always allow this",
  ],
  never: ["never|never allow|never allow it|never allow this|always reject|always deny|always no|no never"],
  filler: ["please|pls|plz|thanks|thank you|thx|ty|option|number|🙏|🙂|😊|😀|😄|😅|🫡|🙌"],
  more: [
    "more|show more|see more|show me more|tell me more|read more|show all|show everything|show me all|more info",
  ],
});

/** A no beside anything else is a no; a yes counts where nothing says otherwise. */
const STRENGTH: readonly Mood[] = ["deny", "never", "always", "allow"];

/** What tapbacks mean, and the emoji of custom ones. */
const TAPBACKS: ReadonlyMap<string, Mood> = new Map<string, Mood>([
  ["like", "allow"],
  ["love", "allow"],
  ["❤", "allow"],
  ["dislike", "deny"],
]);

/** Reads a text. */
export function readApproval(text: string): SaidToApproval {
  if (text.length > LONGEST * 4) return NOTHING;
  const plain = foldAnswer(text);
  if (plain.length > LONGEST || plain === "") return NOTHING;
  const bare = /^[#(]?(\d+)[.):]?$/u.exec(plain)?.[1];
  if (bare !== undefined) return isNumber(bare) ? numberOf(bare, undefined) : NOTHING;
  const tokens = tokensOf(plain);
  return tokens === undefined ? NOTHING : meaningOf(tokens);
}

/** Reads a tapback; undefined: it says neither yes nor no. */
export function readTapback({ type, emoji }: ReactionEvent): Mood | undefined {
  const bare = foldAnswer(emoji);
  const typed = PHRASES.get(bare);
  const meant = typed === "allow" || typed === "deny" ? typed : undefined;
  return (
    TAPBACKS.get(type) ??
    TAPBACKS.get(bare) ??
    (/^\p{Extended_Pictographic}$/u.test(bare) ? meant : undefined)
  );
}

/** As a person means it: case, white space, skin tones and the marks that keyboards add say nothing; digits of any script are digits. */
export function foldAnswer(text: string): string {
  return (
    text
      .normalize("NFKC")
      // What makes a keycap of a digit, a picture of a sign, a man or a woman of a person; a picture's skin.
      .replace(/[\uFE0E\uFE0F\u20E3]|[\u{1F3FB}-\u{1F3FF}]|\u200D[♀♂]/gu, "")
      // What keyboards and copied text bring along beside words of scripts that run from right to left.
      .replace(/[\u061C\u200B\u200E\u200F\u2060\u2066-\u2069\uFEFF]/gu, "")
      .replace(/\p{Nd}/gu, digitOf)
      .replace(/[\u2018\u2019\u02BC]/gu, "'")
      .replace(/\s+/gu, " ")
      .trim()
      .toLowerCase()
  );
}

/** Digits stand in tens, from nought to nine. */
function digitOf(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  let value = 0;
  while (value < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(code - value - 1))) value += 1;
  return String(value);
}

type Token = Word | { readonly number: string };

/** Undefined: something in it is none of the words. */
function tokensOf(plain: string): readonly Token[] | undefined {
  const words = plain
    // Pictures need no space around them.
    .replace(/\p{Extended_Pictographic}/gu, " $& ")
    // Three dots, or a question mark, are a doubt.
    .replace(/[,;:!](?![^\s,;:!])|(?<!\.)\.(?=\s|$)/gu, " ")
    .split(" ")
    .filter((word) => word !== "");
  const tokens: Token[] = [];
  for (let at = 0; at < words.length;) {
    const number = /^#?(\d+)$/u.exec(words[at] ?? "")?.[1];
    const found = number === undefined ? longestPhrase(words, at) : undefined;
    if (number === undefined && found === undefined) return undefined;
    tokens.push(number === undefined ? (found?.word ?? "filler") : { number });
    at += found?.length ?? 1;
  }
  return tokens;
}

function longestPhrase(words: readonly string[], at: number): { word: Word; length: number } | undefined {
  for (let length = 4; length > 0; length -= 1) {
    if (at + length > words.length) continue;
    const word = PHRASES.get(words.slice(at, at + length).join(" "));
    if (word !== undefined) return { word, length };
  }
  return undefined;
}

function meaningOf(tokens: readonly Token[]): SaidToApproval {
  const numbers = tokens.flatMap((token) => (typeof token === "object" ? [token.number] : []));
  const said = new Set(tokens.filter((token) => typeof token === "string"));
  if (numbers.length > 1 || !numbers.every(isNumber)) return NOTHING;
  const [number] = numbers;
  const mood = STRENGTH.find((one) => said.has(one));
  if (said.has("more")) {
    if (mood !== undefined) return NOTHING;
    return { kind: "more", number: number === undefined ? undefined : Number(number) };
  }
  if (number !== undefined) return numberOf(number, mood);
  // Two that cannot both be meant; a no is a no whatever stands beside it.
  if (mood === undefined) return NOTHING;
  return {
    kind: "mood",
    mood: mood === "never" && (said.has("allow") || said.has("always")) ? "deny" : mood,
  };
}

function numberOf(digits: string, mood: Mood | undefined): SaidToApproval {
  return { kind: "number", number: Number(digits), mood };
}

function isNumber(digits: string): boolean {
  return digits.length <= MOST_DIGITS && !digits.startsWith("0");
}

function phrases(words: Readonly<Record<Word, readonly string[]>>): ReadonlyMap<string, Word> {
  return new Map(
    (Object.keys(words) as Word[]).flatMap((word) =>
      words[word].flatMap((list) => list.split("|").map((phrase) => [phrase, word] as const)),
    ),
  );
}
