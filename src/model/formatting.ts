// Formatted text: which part of a message is bold and the like, where Messages can show it.

/** As Messages names them. */
export type TextStyle = "bold" | "italic" | "underline" | "strikethrough";

/** A formatted part of a text. */
export interface TextRange {
  /** UTF-16 units. */
  readonly start: number;
  readonly length: number;
  readonly styles: readonly TextStyle[];
}

/** A text with its formatted parts. */
export interface FormattedText {
  readonly text: string;
  /** In order, one after another without overlap, none empty or beyond the text. */
  readonly ranges: readonly TextRange[];
}

/** A text that is shown as it is. */
export function plainText(text: string): FormattedText {
  return { text, ranges: [] };
}
