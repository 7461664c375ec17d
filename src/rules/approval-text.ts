// What an agent wrote, made fit to be shown in a question.
import { plainLine } from "../model/plain-line.ts";

/** On one line, runs of white space as one space. */
export function flat(text: string): string {
  return plainLine(text);
}

/** Nothing that ends a line, is not seen, or turns the direction of what follows. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{C}\t]|[\u2028\u2029]/gu, (found) =>
      /\p{Co}|\p{Cn}/u.test(found) || found === "\u200D" ? found : " ",
    );
}
