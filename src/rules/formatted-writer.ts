// Writes a formatted text down, piece by piece.
import type { FormattedText, TextRange, TextStyle } from "../model/formatting.ts";

const ORDER: readonly TextStyle[] = ["bold", "italic", "underline", "strikethrough"];

/** A text that grows. Contract: the ranges of `take` are in order, apart, and none is empty. */
export class FormattedWriter {
  #text = "";
  readonly #ranges: TextRange[] = [];
  /** How many times each style is in force. */
  readonly #depths = new Map<TextStyle, number>();
  #styles: readonly TextStyle[] = [];

  begin(style: TextStyle): void {
    this.#count(style, 1);
  }

  end(style: TextStyle): void {
    this.#count(style, -1);
  }

  /** In the styles that are in force. */
  write(text: string): void {
    this.#append(text, this.#styles);
  }

  /** Without any style. */
  writePlain(text: string): void {
    this.#append(text, []);
  }

  /** As it is formatted already. */
  writeFormatted({ text, ranges }: FormattedText): void {
    const shift = this.#text.length;
    for (const range of ranges) this.#ranges.push({ ...range, start: range.start + shift });
    this.#text += text;
  }

  take(): FormattedText {
    return { text: this.#text, ranges: this.#ranges };
  }

  #count(style: TextStyle, change: 1 | -1): void {
    this.#depths.set(style, (this.#depths.get(style) ?? 0) + change);
    this.#styles = ORDER.filter((one) => (this.#depths.get(one) ?? 0) > 0);
  }

  #append(text: string, styles: readonly TextStyle[]): void {
    const start = this.#text.length;
    this.#text += text;
    if (text === "" || styles.length === 0) return;
    const last = this.#ranges.at(-1);
    const goesOn = last && last.start + last.length === start && last.styles.join() === styles.join();
    if (goesOn) this.#ranges.splice(-1, 1, { ...last, length: last.length + text.length });
    else this.#ranges.push({ start, length: text.length, styles });
  }
}
