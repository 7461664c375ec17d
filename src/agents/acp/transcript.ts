// The transcript as an agent without a memory of its session is given it: marked, and quoted so that nobody can forge the marks.
import type { EarlierTurn } from "../../model/turn.ts";
import { plainLine, quoteLines } from "../../model/plain-line.ts";

/** Longest name of a person that is shown, in characters. */
const LONGEST_NAME = 80;

/** Contract: what people or the agent said stands in lines that begin with `> `; a mark never does. Empty without turns. */
export function renderTranscript(turns: readonly EarlierTurn[]): string {
  if (turns.length === 0) return "";
  const told = turns.map(({ atMs, said, answered }) =>
    [
      ...said.flatMap(({ sender, text }) => [`[${time(atMs)}, ${oneLine(sender)}]`, ...quoteLines(text)]),
      "[Your answer]",
      ...quoteLines(answered),
    ].join("\n"),
  );
  return ["[Earlier in this conversation, which you do not remember]", ...told, "[Now]"].join("\n\n");
}

/** Fit for a mark, which a bracket ends. */
function oneLine(text: string): string {
  return plainLine(text.replace(/[[\]]/gu, " "), LONGEST_NAME);
}

/** ISO 8601, UTC, to the second. */
function time(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
