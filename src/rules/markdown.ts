// Turns Markdown into what Messages can show: marks become styles, links and tables become text, code stays as it is.
import { plainText, type FormattedText } from "../model/formatting.ts";
import { FormattedWriter } from "./formatted-writer.ts";
import { findEdits } from "./markdown-blocks.ts";
import { parseMarkdown } from "./markdown-parser.ts";

/** Longer texts, UTF-16 units, stay as they are: many more than a reply has room for. */
const LONGEST = 200_000;

/**
 * Converts a text. Load this file only where `hasMarks` says that there may be something to do.
 *
 * Bold, italic and struck out words, headings and the first row of tables become ranges, their marks go. Links are `words (address)`,
 * pictures `description (address)`, or the address alone where the words say the same. Rows of tables are lines, cells apart by ` | `.
 * Code, block quotes, lists, rulers and HTML are as written, with dashes for stars.
 *
 * Contract: what has no marks stays byte for byte, block by block. No word is lost. Ranges never split a code point. Time grows
 * linearly with the text.
 */
export function convertMarkdown(text: string): FormattedText {
  if (text.length > LONGEST) return plainText(text);
  const writer = new FormattedWriter();
  let from = 0;
  for (const { start, end, content } of findEdits(text, parseMarkdown(text))) {
    writer.writePlain(text.slice(from, start));
    writer.writeFormatted(content);
    from = end;
  }
  writer.writePlain(text.slice(from));
  return writer.take();
}
