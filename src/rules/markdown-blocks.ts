// Finds what is to be changed in a Markdown text, block by block; whatever is in no edit stays as it is.
import type { Token } from "markdown-it";
import { plainText, type FormattedText } from "../model/formatting.ts";
import { FormattedWriter } from "./formatted-writer.ts";
import { writeInline } from "./markdown-inline.ts";
import { SourceLines } from "./source-lines.ts";

/** Puts other text in the place of a part of the source; positions are UTF-16 indexes. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly content: FormattedText;
}

/** Edits of a text that was parsed into these tokens, in order, apart. */
export function findEdits(text: string, tokens: readonly Token[]): readonly Edit[] {
  return new BlockWalk(new SourceLines(text), tokens).walk();
}

/** A block quote, or an item of a list, that the walk is inside of. */
interface Container {
  /** The line that has the item's marker; undefined for a quote, which marks every line. */
  readonly markerLine: number | undefined;
}

/** A list with stars for bullets. */
interface StarredList {
  readonly line: number;
  readonly stars: number[];
}

class BlockWalk {
  readonly #lines: SourceLines;
  readonly #tokens: readonly Token[];
  readonly #edits: Edit[] = [];
  /** Outermost first. */
  readonly #containers: Container[] = [];
  readonly #lists: StarredList[] = [];

  constructor(lines: SourceLines, tokens: readonly Token[]) {
    this.#lines = lines;
    this.#tokens = tokens;
  }

  walk(): readonly Edit[] {
    for (const [index, token] of this.#tokens.entries()) this.#visit(token, index);
    return this.#edits.sort((one, other) => one.start - other.start);
  }

  #visit(token: Token, index: number): void {
    const line = token.map?.[0] ?? 0;
    switch (token.type) {
      case "blockquote_open":
        this.#containers.push({ markerLine: undefined });
        break;
      case "list_item_open":
        if (token.markup === "*") this.#lists.at(-1)?.stars.push(this.#contentStart(line));
        this.#containers.push({ markerLine: line });
        break;
      case "blockquote_close":
      case "list_item_close":
        this.#containers.pop();
        break;
      case "bullet_list_open":
        this.#lists.push({ line, stars: [] });
        break;
      case "bullet_list_close":
        this.#endList(this.#lists.pop());
        break;
      case "paragraph_open":
      case "heading_open":
        this.#editWords(token, this.#tokens[index + 1]);
        break;
      case "table_open":
        this.#editTable(index);
        break;
      default:
    }
  }

  /** Stars become dashes, but for a star that may mark one of several lines, and in comments of code. */
  #endList(list: StarredList | undefined): void {
    if (!list || list.stars.length < 2) return;
    const { text } = this.#lines;
    const before = text.slice(this.#lines.start(list.line - 1), this.#lines.start(list.line));
    if (list.line > 0 && before.trimStart().startsWith("/*")) return;
    for (const start of list.stars) this.#edits.push({ start, end: start + 1, content: plainText("-") });
  }

  #editWords(block: Token, inline: Token | undefined): void {
    const [first, next] = block.map ?? [0, 0];
    const words = inline?.children ?? [];
    if (words.length === 0) return;
    const isUnderlined = block.type === "heading_open" && !block.markup.startsWith("#");
    const isHeading = block.type === "heading_open" && (!isUnderlined || this.#hasRule(next - 1));
    const writer = new FormattedWriter();
    let line = first;
    if (isHeading) writer.begin("bold");
    const isChanged = writeInline(writer, words, () => {
      writer.writePlain(this.#between(line));
      line += 1;
    });
    if (!isChanged && !isHeading) return;
    const lastLine = isUnderlined && !isHeading ? next - 2 : next - 1;
    this.#edits.push({
      start: this.#contentStart(first),
      end: this.#lines.end(lastLine),
      content: writer.take(),
    });
  }

  /** Dashes under a line are drawn under any paragraph, and short ones begin a signature: they make no heading. */
  #hasRule(line: number): boolean {
    return this.#lines.text.startsWith("===", this.#contentStart(line));
  }

  #editTable(from: number): void {
    const [first, next] = this.#tokens[from]?.map ?? [0, 0];
    const writer = new FormattedWriter();
    let columns = 0;
    let line = first;
    let cells: Token[] = [];
    for (const token of this.#tokens.slice(from, this.#tableEnd(from))) {
      if (token.type === "tr_open") {
        line = token.map?.[0] ?? line;
        cells = [];
      } else if (token.type === "inline") cells.push(token);
      else if (token.type === "tr_close") {
        if (line > first) writer.writePlain(this.#between(line - 1));
        columns ||= cells.length;
        this.#writeRow(writer, cells, { line, columns, isHeader: line === first });
      }
    }
    this.#edits.push({
      start: this.#contentStart(first),
      end: this.#lines.end(next - 1),
      content: writer.take(),
    });
  }

  #tableEnd(from: number): number {
    let end = from;
    while (this.#tokens[end] && this.#tokens[end]?.type !== "table_close") end += 1;
    return end;
  }

  #writeRow(writer: FormattedWriter, cells: readonly Token[], row: Row): void {
    const source = this.#lines.text.slice(this.#contentStart(row.line), this.#lines.end(row.line));
    // Markdown leaves out the cells that are too many.
    if (countCells(source) > row.columns) return writer.writePlain(source);
    if (row.isHeader) writer.begin("bold");
    const filled = cells.findLastIndex(({ content }) => content !== "") + 1;
    for (const [index, cell] of cells.slice(0, filled).entries()) {
      if (index > 0) writer.writePlain(" | ");
      writeInline(writer, cell.children ?? [], () => writer.writePlain(" "));
    }
    if (row.isHeader) writer.end("bold");
  }

  /** What stands between the content of a line and that of the next. */
  #between(line: number): string {
    const { text } = this.#lines;
    return this.#lines.break(line) + text.slice(this.#lines.start(line + 1), this.#contentStart(line + 1));
  }

  /** Where the content of a line begins: after the marks of the containers, and indentation. */
  #contentStart(line: number): number {
    const { text } = this.#lines;
    const end = this.#lines.end(line);
    let at = skipBlanks(text, this.#lines.start(line), end);
    for (const { markerLine } of this.#containers) {
      if (markerLine === undefined) {
        if (text[at] === ">") at = skipBlanks(text, at + 1, end);
      } else if (markerLine === line) at = skipBlanks(text, skipMarker(text, at), end);
    }
    return at;
  }
}

interface Row {
  readonly line: number;
  /** Of the table. */
  readonly columns: number;
  readonly isHeader: boolean;
}

function countCells(row: string): number {
  const inner = row
    .trim()
    .replace(/^\|/, "")
    .replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).length;
}

function skipBlanks(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && (text[at] === " " || text[at] === "\t")) at += 1;
  return at;
}

/** After the marker of a list item. */
function skipMarker(text: string, from: number): number {
  let at = from;
  while (/\d/.test(text[at] ?? "")) at += 1;
  return at + 1;
}
