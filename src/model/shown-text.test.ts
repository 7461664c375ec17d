import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shownText } from "./shown-text.ts";

describe("what people may be shown", () => {
  test.each<[what: string, text: string, shown: string]>([
    ["plain text", "One.\n\n\tTwo – 三 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "One.\n\n\tTwo – 三 👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿"],
    ["colours", "\u001b[1;31mred\u001b[0m and \u001b[38;5;196mbright\u001b[m", "red and bright"],
    ["colours by C1", "\u009b31mred\u009b0m", "red"],
    ["a title and a link", "\u001b]0;title\u0007a \u001b]8;;https://a.b\u001b\\b\u001b]8;;\u001b\\", "a b"],
    ["a moved cursor", "\u001b[2J\u001b[Hhome\u001b7\u001b8\u001b(B", "home"],
    ["an escape that is none", "a\u001bé", "aé"],
    ["an open sequence", "a\u001b[31", "a[31"],
    ["bells, backspaces, NUL and DEL", "a\u0007b\u0008c\u0000d\u007f", "abcd"],
    ["C1", "a\u0085b\u0090c", "abc"],
    ["line ends of Windows", "a\r\nb\r\n", "a\nb\n"],
    ["progress on one line", "10%\r20%\r", "10%\n20%\n"],
    ["overrides of the direction", "invoice\u202excod.exe\u202d", "invoicexcod.exe"],
    [
      "marks and isolates of right-to-left scripts",
      "\u200fשלום\u200e \u2067abc\u2069 \u061c",
      "\u200fשלום\u200e \u2067abc\u2069 \u061c",
    ],
    ["half a character", "a\ud83db", "a\ufffdb"],
    ["the line separators of Unicode", "a\u2028b\u2029c", "a\u2028b\u2029c"],
  ])("%s", (_what, text, shown) => {
    expect(shownText(text)).toBe(shown);
  });

  const odd = fc.constantFrom(
    ...Array.from("\u001b[]m;0\u0007\\\r\n\t\u009b\u009c\u009d\u202e\u202d\u0000\ud800a"),
    "é",
    "\u001b]",
    "\u001b[",
  );
  test("no control character comes through, nothing printable is lost that is not part of a sequence, and twice is once", () => {
    fc.assert(
      fc.property(fc.array(odd), (characters) => {
        const shown = shownText(characters.join(""));
        expect(shown).not.toMatch(/[^\P{Cc}\t\n]|[\u202d\u202e\p{Cs}]/u);
        expect(shownText(shown)).toBe(shown);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(shownText(text).replaceAll("\n", "")).toBe(text.replace(/[^\P{Cc}\t]/gu, ""));
      }),
    );
  });
});
