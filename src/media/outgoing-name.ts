// The name under which a recipient sees a file: one line, an extension that fits what is in it.
import type { FileKind } from "./identify.ts";
import { plainLine } from "../model/plain-line.ts";

/** Of the name without its extension, in bytes: file systems take 255. */
const LONGEST_BYTES = 180;
const LONGEST_EXTENSION = 12;

/** Extensions that mean the same. */
const ALIKE: readonly ReadonlySet<string>[] = [
  new Set(["jpg", "jpeg", "jpe"]),
  new Set(["tif", "tiff"]),
  new Set(["heic", "heif"]),
  new Set(["mp4", "m4a", "m4v", "m4b"]),
  new Set(["mpg", "mpeg"]),
  new Set(["ogg", "oga", "ogv", "opus"]),
];

/** Messages shows pictures, sounds and films by their extension: a wrong one is replaced. Other names keep theirs. */
export function nameForSending(name: string, kind: FileKind): string {
  const whole = plainLine(name.replace(/[/\\:]/gu, "_")).replace(/^[ .]+/u, "");
  const dot = whole.lastIndexOf(".");
  const hasExtension = dot > 0 && whole.length - dot - 1 <= LONGEST_EXTENSION;
  const stem = (hasExtension ? whole.slice(0, dot) : whole) || "file";
  const extension = hasExtension ? whole.slice(dot + 1) : "";
  const shown = /^(?:image|audio|video)\//u.test(kind.mimeType);
  const fits = extension !== "" && (!shown || isAlike(extension.toLowerCase(), kind.extension));
  return `${shorten(stem)}.${fits ? extension : kind.extension}`;
}

function isAlike(one: string, other: string): boolean {
  return one === other || ALIKE.some((set) => set.has(one) && set.has(other));
}

/** Never cuts a character that is written in two units. */
function shorten(stem: string): string {
  const letters = Array.from(stem.slice(0, LONGEST_BYTES));
  while (Buffer.byteLength(letters.join("")) > LONGEST_BYTES) letters.pop();
  return letters.join("").toWellFormed().trim();
}
