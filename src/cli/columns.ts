// How many columns of a terminal a text takes, as near as can be told without asking it.

/** East Asian Wide and Fullwidth (UAX #11), the symbols among them aside: those are told by their emoji presentation. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;

/** Shown as a picture: by itself, or made so by the selector U+FE0F. */
const PICTURE = /\p{Emoji_Presentation}|\ufe0f/u;

const made: { segmenter?: Intl.Segmenter } = {};

const NO_COLUMN = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** What people see as one character, with its columns. */
export interface Character {
  readonly text: string;
  readonly columns: number;
}

/** Columns of a text without control characters: two for East Asian characters and pictures, none for marks. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  if (text.length === 1) return columnsOfGrapheme(text);
  let columns = 0;
  for (const character of charactersOf(text)) columns += character.columns;
  return columns;
}

/** The characters of a text, in order. Contract: their columns together are those of the text. */
export function* charactersOf(text: string): Generator<Character> {
  // Made when it is needed, and once: the first one costs a quarter of an empty Node start, many of them much memory.
  made.segmenter ??= new Intl.Segmenter();
  for (const { segment } of made.segmenter.segment(text))
    yield { text: segment, columns: columnsOfGrapheme(segment) };
}

/** What a person sees as one character takes two columns at most. */
function columnsOfGrapheme(grapheme: string): number {
  if (PICTURE.test(grapheme)) return 2;
  let columns = 0;
  for (const character of grapheme) if (!NO_COLUMN.test(character)) columns += WIDE.test(character) ? 2 : 1;
  return Math.min(2, columns);
}
