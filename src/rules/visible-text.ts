// A text of an agent so that nothing in it stays unseen: blanks, line ends and hidden characters are named; what is long keeps both ends.

/** A piece of a text as it is shown, and how many characters of the text it stands for. */
interface Token {
  readonly shown: string;
  readonly characters: number;
}

/** How a text is shown. */
export interface ViewOptions {
  /** Blanks at the beginning of lines, behind the mark of a change, are indentation and stay. */
  readonly isCode?: boolean;
  /** Most characters from the beginning and from the end, and most lines of each, where not all of it fits. Undefined: all is shown. */
  readonly most?: {
    readonly start: number;
    readonly end: number;
    readonly startLines: number;
    readonly endLines: number;
  };
}

/** A text as it is shown. */
export interface View {
  readonly lines: readonly string[];
  /** Lines from the end, where something before them is left out. */
  readonly end: readonly string[];
  /** Characters of the text between the two that are not shown. */
  readonly hidden: number;
}

/** Emoji are made of these; there they hide nothing. */
const EMOJI = String.raw`(?<=\p{Extended_Pictographic})\uFE0F|(?<=[\p{Extended_Pictographic}\uFE0F\u{1F3FB}-\u{1F3FF}])\u200D(?=\p{Extended_Pictographic})`;
/** White space but a single space between two words, which is seen as what it is. */
const BLANKS = String.raw` {2,}| (?=\n|$)|(?<=\n|^) |\t+|\r+|[^\S \n\t\r]`;
/** Takes no room, has no shape, or turns the direction of what follows; ⟨, ⟩ and ⇥ are ours. */
const HIDDEN = String.raw`(?!\n)[\p{C}\p{Default_Ignorable_Code_Point}\u2800\uFFFC⟨⟩⇥]`;
/** Marks on nothing, or painted over the lines around. */
const MARKS = String.raw`(?<![\p{L}\p{N}\p{P}\p{S}\p{M}])\p{M}|(?<=\p{M}{3})\p{M}`;
const INDENT = String.raw`(?<=(?:\n|^)[-+]?)(?: {1,40}|\t{1,12})(?=[^\s])`;

const PLAIN = new RegExp(`(${EMOJI})|()(${BLANKS}|${HIDDEN}|${MARKS})`, "gu");
const CODE = new RegExp(`(${EMOJI})|(${INDENT})|(${BLANKS}|${HIDDEN}|${MARKS})`, "gu");

/** Shows a text. Lines end at line feeds alone; every other line end is named. */
export function viewText(text: string, { isCode = false, most }: ViewOptions = {}): View {
  const tokens = tokensOf(text, isCode ? CODE : PLAIN);
  const whole = (): View => ({ lines: toLines(tokens), end: [], hidden: 0 });
  if (most === undefined) return whole();
  const startEnd = countFrom(tokens, most.start, most.startLines);
  const endStart = tokens.length - countFrom(tokens.toReversed(), most.end, most.endLines);
  if (startEnd >= endStart) return whole();
  const hidden = tokens.slice(startEnd, endStart).reduce((sum, { characters }) => sum + characters, 0);
  return { lines: toLines(tokens.slice(0, startEnd)), end: toLines(tokens.slice(endStart)), hidden };
}

/** Shows a text on one line: its line ends are named, too. */
export function viewLine(text: string, options: ViewOptions = {}): string {
  const { lines, end, hidden } = viewText(text, options);
  const gap = hidden === 0 ? "" : gapLine(hidden);
  return lines.join(LINE_END) + gap + end.join(LINE_END);
}

/** Says how much is left out. */
export function gapLine(characters: number): string {
  const count = new Intl.NumberFormat("en").format(characters);
  return `⟨… ${count} more ${characters === 1 ? "character" : "characters"} …⟩`;
}

const LINE_END = "⟨line end⟩";

function tokensOf(text: string, special: RegExp): Token[] {
  const tokens: Token[] = [];
  const addPlain = (plain: string): void => {
    for (const character of plain) tokens.push({ shown: character, characters: 1 });
  };
  let at = 0;
  for (const match of text.matchAll(special)) {
    const [found, emoji, indent] = match;
    addPlain(text.slice(at, match.index));
    at = match.index + found.length;
    if (emoji !== undefined) addPlain(found);
    else if (indent) addPlain(found.replaceAll("\t", "⇥"));
    else tokens.push({ shown: nameOf(found), characters: Array.from(found).length });
  }
  addPlain(text.slice(at));
  return tokens;
}

/** How many tokens from the front fit. */
function countFrom(tokens: readonly Token[], most: number, mostLines: number): number {
  let [room, lines] = [most, mostLines];
  for (const [at, { shown }] of tokens.entries()) {
    room -= shown.length;
    if (shown === "\n") lines -= 1;
    if (room < 0 || lines < 0) return at;
  }
  return tokens.length;
}

function toLines(tokens: readonly Token[]): readonly string[] {
  if (tokens.length === 0) return [];
  return tokens
    .map(({ shown }) => shown)
    .join("")
    .split("\n");
}

function nameOf(found: string): string {
  const [first = ""] = found;
  const count = Array.from(found).length;
  const kind = KINDS.get(first);
  if (kind !== undefined) return count === 1 ? `⟨${kind}⟩` : `⟨${count} ${kind}s⟩`;
  return `⟨U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

const KINDS: ReadonlyMap<string, string> = new Map([
  [" ", "space"],
  ["\t", "tab"],
  ["\r", "carriage return"],
]);
