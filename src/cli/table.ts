// Texts from outside made safe to print, and aligned into columns.
import { escapeLine } from "../model/plain-line.ts";
import { charactersOf, columnsOf } from "./columns.ts";

/** Renders rows under a header, columns aligned. Every cell is made one printable line. */
export function renderTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [header, ...rows.map((row) => row.map(oneLine))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => columnsOf(row[column] ?? ""))));
  return cells
    .map((row) =>
      row
        .map((cell, at) => pad(cell, widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** One printable line. */
export function oneLine(text: string): string {
  return escapeLine(text);
}

/** One printable line of at most `width` columns, `…` where it is cut. */
export function brief(text: string, width: number): string {
  const line = oneLine(text.replace(/\s+/g, " ").trim());
  if (columnsOf(line) <= width) return line;
  let cut = "";
  let room = width - 1;
  for (const { text, columns } of charactersOf(line)) {
    room -= columns;
    if (room < 0) break;
    cut += text;
  }
  return `${cut}…`;
}

/** `2026-01-02 03:04:05` by local time; `-` for no moment. */
export function renderTime(atMs: number | undefined): string {
  if (atMs === undefined || atMs === 0) return "-";
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000;
  return new Date(atMs - offsetMs).toISOString().slice(0, 19).replace("T", " ");
}

function pad(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - columnsOf(cell)));
}
