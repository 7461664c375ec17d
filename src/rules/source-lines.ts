// A text as its lines, by position.

/** Contract: `\n`, `\r\n` and `\r` end a line, as in Markdown; other line separators of Unicode do not. */
export class SourceLines {
  readonly text: string;
  readonly #starts: number[] = [0];
  readonly #ends: number[] = [];

  constructor(text: string) {
    this.text = text;
    for (const found of text.matchAll(/\r\n?|\n/g)) {
      this.#ends.push(found.index);
      this.#starts.push(found.index + found[0].length);
    }
    this.#ends.push(text.length);
  }

  /** Where a line begins; the text's end for a line that is not there. */
  start(line: number): number {
    return this.#starts[line] ?? this.text.length;
  }

  /** Where a line ends, before what ends it. */
  end(line: number): number {
    return this.#ends[line] ?? this.text.length;
  }

  /** What ends a line. */
  break(line: number): string {
    return this.text.slice(this.end(line), this.start(line + 1)) || "\n";
  }
}
