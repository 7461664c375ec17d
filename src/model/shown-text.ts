// A text as people may be shown it: line ends and tabs stay, and nothing else in it does anything but be read.

/** What agents and programs print for a terminal; bounded, so that an open one is not looked for to the end of the text. */
const TERMINAL = [
  String.raw`(?:\u001b\[|\u009b)[0-?]{0,64}[ -\/]{0,8}[@-~]`,
  String.raw`(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]{0,2048}(?:\u0007|\u001b\\|\u009c)`,
  String.raw`\u001b[ -\/]{0,8}[0-Z\\^_\x60-~]`,
].join("|");
/** Control characters but for tabs and line ends, and what writes a line the other way round: `txt.exe` as `exe.txt`. */
const UNSHOWN = new RegExp(String.raw`${TERMINAL}|[^\P{Cc}\t\n\r]|[\u202d\u202e]`, "gu");
const LINE_END = /\r\n?/gu;
const MAY_BE_UNSHOWN = /[^\P{Cc}\t\n]|[\u202d\u202e\p{Cs}]/u;

/**
 * The text without control characters: sequences for a terminal go whole, every line end is `\n`. Overrides of the direction go, too;
 * marks and isolates of scripts that are written from the right stay.
 *
 * Contract: linear; gives the very same text where there is nothing to do; done twice it changes nothing.
 */
export function shownText(text: string): string {
  if (!MAY_BE_UNSHOWN.test(text)) return text;
  return text.toWellFormed().replace(UNSHOWN, "").replace(LINE_END, "\n");
}
