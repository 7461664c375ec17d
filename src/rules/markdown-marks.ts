// Tells cheaply whether a text can have Markdown in it: the converter, which is large, is loaded for such texts only.

/** What may stand before the content of a line: indentation, quote marks and list markers. */
const PREFIX = String.raw`^[ \t>*+\-\d.)]*`;

/** What is no space to Markdown. */
const SOLID = String.raw`[^ \t\n\v\f\r\p{Zs}]`;

const MARKS = new RegExp(
  [
    // Emphasis, struck out words.
    String.raw`\*${SOLID}`,
    String.raw`(?<![\p{L}\p{N}_])_+(?!_)${SOLID}`,
    String.raw`~~${SOLID}`,
    // Links, images, definitions.
    String.raw`\][(\[:]`,
    // Headings, starred lists.
    String.raw`${PREFIX}#{1,6}[ \t]`,
    String.raw`${PREFIX}={3,}[ \t]*$`,
    String.raw`${PREFIX}\*[ \t]`,
    // Escaped marks, entities.
    "\\\\[*_~#.)+`\\-]",
    String.raw`&(?:#[xX]?)?[\da-zA-Z]{1,32};`,
  ].join("|"),
  "mu",
);

/** The line between a table's header and its rows; without a `|` in the text it is none. */
const TABLE_RULER = /^[ \t>]*[|:-][-|: \t]*$/mu;

/** Contract: false means that `convertMarkdown` would give the text back. Time grows linearly with the text. */
export function hasMarks(text: string): boolean {
  return MARKS.test(text) || (text.includes("|") && TABLE_RULER.test(text));
}
