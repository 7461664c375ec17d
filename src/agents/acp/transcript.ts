// The transcript as an agent without a memory of its session is given it: marked, and quoted so that nobody can forge the marks.
import type { EarlierTurn } from "../../model/turn.ts";

/** Longest name of a person that is shown, in characters. */
const LONGEST_NAME = 80;

/** Contract: what people or the agent said stands in lines that begin with `> `; a mark never does. Empty without turns. */
export function renderTranscript(turns: readonly EarlierTurn[]): string {
  if (turns.length === 0) return "";
  const told = turns.map(({ atMs, said, answered }) =>
    [
      ...said.flatMap(({ sender, text }) => [`[${time(atMs)}, ${oneLine(sender)}]`, ...quote(text)]),
      "[Your answer]",
      ...quote(answered),
    ].join("\n"),
  );
  return ["[Earlier in this conversation, which you do not remember]", ...told, "[Now]"].join("\n\n");
}

/** Any control character but a tab may end a line, depending on who reads. */
function quote(text: string): string[] {
  return text.split(/\r\n|[^\P{Cc}\t]|[\u2028\u2029]/u).map((line) => `> ${line}`);
}

/** Made fit for a mark: no line end, no bracket, nothing that turns the direction of the line, not endless. */
function oneLine(text: string): string {
  const flat = text.replace(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069[\]\s]+/gu, " ").trim();
  return Array.from(flat).slice(0, LONGEST_NAME).join("");
}

/** ISO 8601, UTC, to the second. */
function time(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}
