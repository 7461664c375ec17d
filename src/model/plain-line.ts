// One safe line of any text: nothing that ends the line, hides in it or turns its direction; the lines of a longer text, quoted.

/** Shown as a gap, or as nothing with a width. */
const BLANK = String.raw`\s\p{Cc}\p{Zl}\p{Zp}\u115F\u1160\u2800\u3164\uFFA0`;
/** Takes no room, or turns the direction of what follows. */
const HIDDEN = String.raw`\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB`;
const SELECTOR = String.raw`\uFE00-\uFE0F\u180B-\u180D\u180F\u{E0100}-\u{E01EF}`;
const JOINED = String.raw`\p{L}\p{N}\p{Extended_Pictographic}`;

/** Hidden characters that change what is seen: the tags of a flag, one selector after a character, a joiner between two. */
const KEPT = [
  String.raw`\u{1F3F4}[\u{E0030}-\u{E007A}]{1,8}\u{E007F}`,
  `[${SELECTOR}](?<=[^${BLANK}${HIDDEN}][${SELECTOR}])`,
  String.raw`[\u200C\u200D](?<=[${JOINED}\p{M}\p{Emoji_Modifier}][\u200C\u200D])(?=[${JOINED}])(?![${BLANK}])`,
].join("|");
const UNSAFE = new RegExp(`(${KEPT})|([${BLANK}][${BLANK}${HIDDEN}]*)|[${HIDDEN}]`, "gu");
const ESCAPED = new RegExp(String.raw`(${KEPT})|[\p{Cc}\p{Cs}\p{Zl}\p{Zp}${HIDDEN}]`, "gu");
/** No script needs more; hundreds of them paint over the lines around. */
const MARKS_TOO_MANY = /(?<=\p{M}{8})\p{M}/gu;

const LINE_END = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/u;
/** What some program takes for the end of a line: any control character but a tab. */
const POSSIBLE_LINE_END = /\r\n|[^\P{Cc}\t]|[\u2028\u2029]/u;

/**
 * The text as one line that is seen as it is. A run of blanks and line ends becomes a space, hidden characters go; those that make an emoji
 * or a letter what it is stay. Of more than `most` characters the last is `…`.
 */
export function plainLine(text: string, most: number = Number.POSITIVE_INFINITY): string {
  const line = text
    .toWellFormed()
    .replace(UNSAFE, (_, kept?: string, blank?: string) => kept ?? (blank === undefined ? "" : " "))
    .replace(MARKS_TOO_MANY, "");
  return clipLine(line.trim(), most);
}

/** At most so many characters, the last of them `…` where it is cut. Contract: never cuts what is seen as one character. */
export function clipLine(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = Array.from(text.slice(0, 2 * most + 2));
  if (start.length <= most) return text;
  let room = most - 1;
  let cut = "";
  for (const { segment } of new Intl.Segmenter().segment(start.join(""))) {
    room -= Array.from(segment).length;
    if (room < 0) break;
    cut += segment;
  }
  return `${(cut || start.slice(0, most - 1).join("")).trimEnd()}…`;
}

/** The text as one line that loses nothing: what `plainLine` would take away is written as an escape. */
export function escapeLine(text: string): string {
  return text.replace(ESCAPED, (found, kept?: string) => {
    if (kept !== undefined) return kept;
    if (found === "\n") return "\\n";
    return found === "\t" ? "\\t" : escapeUnits(found);
  });
}

/** JSON that reads the same, and neither ends a line for anybody nor does anything to a terminal. `indent`: of several lines. */
export function renderJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, null, indent) ?? "null";
  return json.replace(
    ESCAPED,
    (found, kept?: string) => kept ?? (found === "\n" ? found : escapeUnits(found)),
  );
}

function escapeUnits(text: string): string {
  const unit = (at: number): string => text.charCodeAt(at).toString(16).padStart(4, "0");
  return Array.from({ length: text.length }, (_, at) => `\\u${unit(at)}`).join("");
}

/** The lines of a text as people see them. */
export function linesOf(text: string): string[] {
  return text.split(LINE_END);
}

/** The lines of a text behind `> `, so that no reader takes one of them for anything else. */
export function quoteLines(text: string): string[] {
  return text.split(POSSIBLE_LINE_END).map((line) => `> ${line}`);
}
