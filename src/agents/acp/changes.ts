// The files that a tool call is about, and what it changes in them.
import { fieldsOf, itemsOf, textOf, type Fields } from "./loose.ts";

/** A change of one file. */
export interface FileChange {
  readonly path: string;
  /** Empty: there was none. */
  readonly oldText: string;
  readonly newText: string;
  /** The lines that go, marked `-`, and the lines that come, marked `+`. */
  readonly lines: readonly string[];
}

/** The changes of a tool call, in its order. */
export function changesOf(call: Fields): readonly FileChange[] {
  return itemsOf(call["content"])
    .map(fieldsOf)
    .filter(({ type }) => type === "diff")
    .map(({ path, oldText, newText }) => {
      const [before, after] = [asText(oldText), asText(newText)];
      return {
        path: textOf(path) ?? "",
        oldText: before,
        newText: after,
        lines: changedLines(before, after),
      };
    });
}

/** Files it is about, as the agent names them; each once. */
export function placesOf(call: Fields): readonly string[] {
  const told = itemsOf(call["locations"]).map((place) => textOf(fieldsOf(place)["path"]));
  return [...new Set(told.filter((path) => path !== undefined))];
}

/** What is alike before and behind the changed lines is left out. */
function changedLines(oldText: string, newText: string): readonly string[] {
  const [before, after] = [linesOf(oldText), linesOf(newText)];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  )
    end += 1;
  return [
    ...before.slice(start, before.length - end).map((line) => `-${line}`),
    ...after.slice(start, after.length - end).map((line) => `+${line}`),
    ...lastLineEnd(oldText, newText),
  ];
}

function lastLineEnd(oldText: string, newText: string): readonly string[] {
  if (oldText === "" || newText === "" || oldText.endsWith("\n") === newText.endsWith("\n")) return [];
  return [newText.endsWith("\n") ? "+(a line end at the end)" : "-(the line end at the end)"];
}

/** A line end at the very end makes no further line. */
function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
