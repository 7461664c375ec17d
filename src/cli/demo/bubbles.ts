// How the demo looks: a chat as bubbles, the phone's own on the right, the agent's on the left. Pure text.
import { escapeLine, linesOf } from "../../model/plain-line.ts";
import { charactersOf, columnsOf } from "../columns.ts";

/** The screen drawn on. */
export interface Screen {
  /** Characters a line. */
  readonly columns: number;
  readonly colour: boolean;
}

/** What a piece of text is. */
export type Tone = "theirs" | "ours" | "dim" | "good" | "bad" | "command";

const CODES: Readonly<Record<Tone, string>> = {
  theirs: "\u001b[36m",
  ours: "\u001b[32m",
  dim: "\u001b[2m",
  good: "\u001b[32m",
  bad: "\u001b[31m",
  command: "\u001b[1m",
};
const PLAIN = "\u001b[0m";
const WIDEST = 64;

/** Text in its colour, or as it is on a screen without. */
export function paint(screen: Screen, tone: Tone, text: string): string {
  return screen.colour ? `${CODES[tone]}${text}${PLAIN}` : text;
}

/** A bubble, line ends included. */
export function renderBubble(screen: Screen, side: "left" | "right", text: string): string {
  const widest = Math.max(8, Math.min(WIDEST, screen.columns - 16));
  const lines = linesOf(text).flatMap((line) => wrap(escapeLine(line), widest));
  const width = lines.reduce((most, line) => Math.max(most, columnsOf(line)), 0);
  const indent = " ".repeat(side === "left" ? 1 : Math.max(1, screen.columns - width - 5));
  const rows = [
    `╭${"─".repeat(width + 2)}╮`,
    ...lines.map((line) => `│ ${line}${" ".repeat(width - columnsOf(line))} │`),
    `╰${"─".repeat(width + 2)}╯`,
  ];
  return rows.map((row) => `${indent}${paint(screen, side === "left" ? "ours" : "theirs", row)}\n`).join("");
}

/** Breaks a line between words; a word too long for a line is broken where it must be. */
export function wrap(line: string, widest: number): string[] {
  const lines: string[] = [];
  let current = "";
  let columns = 0;
  const add = (text: string, { shown, whole }: { shown: number; whole: number }): void => {
    if (current !== "" && columns + shown > widest) {
      lines.push(current.trimEnd());
      current = "";
      columns = 0;
    }
    current += text;
    columns += whole;
  };
  for (const word of line.match(/\S+\s?|\s/gu) ?? []) {
    // White space at the end of a line is not seen.
    const shown = columnsOf(word.trimEnd());
    if (shown <= widest) add(word, { shown, whole: columnsOf(word) });
    else
      for (const { text, columns: whole } of charactersOf(word))
        add(text, { shown: text.trim() === "" ? 0 : whole, whole });
  }
  return [...lines, current.trimEnd()];
}
