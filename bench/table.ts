// Figures as one table for people.
import { isMet, ratioOf, type Figure } from "./figure.ts";

const HEAD = ["what", "measured", "floor", "ratio", "target", ""];

/** Renders the table, one line a figure; Markdown that is also readable as it is. */
export function renderTable(figures: readonly Figure[]): string {
  const rows = [HEAD, ...figures.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(HEAD), rule, ...rows.slice(1).map(line)].join("\n");
}

/** The notes of figures that need one, as lines of a list. */
export function renderNotes(figures: readonly Figure[]): string {
  const noted = figures.filter((figure) => figure.note !== undefined);
  return noted.map((figure) => `- ${figure.name}: ${figure.note}`).join("\n");
}

function cells(figure: Figure): string[] {
  const { name, value, unit, floor, target } = figure;
  const ratio = ratioOf(figure);
  const met = isMet(figure);
  return [
    name,
    `${round(value)} ${unit}`,
    floor === undefined ? "" : `${floor.name} ${round(floor.value)}`,
    ratio === undefined ? "" : `${round(ratio)} ×`,
    target === undefined
      ? ""
      : `${target.is === "at most" ? "≤" : "≥"} ${target.bound}${target.of === "ratio" ? " ×" : ` ${unit}`}`,
    met === undefined ? "" : met ? "met" : "NOT MET",
  ];
}

/** Three digits that matter are more than these measurements are good for. */
function round(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
