// What an agent writes is seen as it is: nothing hides, nothing is lost without being counted.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gapLine, viewLine, viewText } from "./visible-text.ts";

describe("what cannot be seen", () => {
  test.each([
    ["a run of spaces", "ls          ; rm", "ls⟨10 spaces⟩; rm"],
    ["two spaces", "a  b", "a⟨2 spaces⟩b"],
    ["one space", "a b", "a b"],
    ["a space at the end", "a ", "a⟨space⟩"],
    ["a tab", "a\tb", "a⟨tab⟩b"],
    ["tabs", "a\t\t\tb", "a⟨3 tabs⟩b"],
    ["a no-break space", "a\u00A0b", "a⟨U+00A0⟩b"],
    ["a wide space", "a\u3000b", "a⟨U+3000⟩b"],
    ["a blank of Braille", "a\u2800b", "a⟨U+2800⟩b"],
    ["a filler of Hangul", "a\u3164b\u115Fc", "a⟨U+3164⟩b⟨U+115F⟩c"],
    ["a turn of direction", "a\u202Emr\u202C", "a⟨U+202E⟩mr⟨U+202C⟩"],
    ["isolates", "\u2066a\u2069", "⟨U+2066⟩a⟨U+2069⟩"],
    ["a space of no width", "r\u200Bm", "r⟨U+200B⟩m"],
    ["a soft hyphen", "r\u00ADm", "r⟨U+00AD⟩m"],
    ["a control character", "a\u0007\u0000\u009Bb", "a⟨U+0007⟩⟨U+0000⟩⟨U+009B⟩b"],
    ["other ends of lines", "a\u0085b\u2028c\u2029d\ve\ff", "a⟨U+0085⟩b⟨U+2028⟩c⟨U+2029⟩d⟨U+000B⟩e⟨U+000C⟩f"],
    ["a carriage return", "a\rb", "a⟨carriage return⟩b"],
    ["tags", "a\u{E0041}", "a⟨U+E0041⟩"],
    ["a private character", "a\uE000", "a⟨U+E000⟩"],
    ["a broken character", "a\uD800b", "a⟨U+D800⟩b"],
    ["a mark on nothing", "a \u0336b", "a ⟨U+0336⟩b"],
    ["marks upon marks", `a${"\u0336".repeat(5)}`, `a${"\u0336".repeat(3)}⟨U+0336⟩⟨U+0336⟩`],
    ["our own brackets", "⟨3 spaces⟩", "⟨U+27E8⟩3 spaces⟨U+27E9⟩"],
    ["emoji, which hide nothing", "👨‍👩‍👧 ✔️ ❤️‍🔥", "👨‍👩‍👧 ✔️ ❤️‍🔥"],
    ["what joins no emoji", "a\u200Db\uFE0F", "a⟨U+200D⟩b⟨U+FE0F⟩"],
    ["letters of all kinds", "e\u0301 é ß 日本 हिन्दी العربية", "e\u0301 é ß 日本 हिन्दी العربية"],
  ])("%s", (_what, text, seen) => {
    expect(viewLine(text)).toBe(seen);
  });

  test("lines end at line feeds; on one line each is named", () => {
    expect(viewText("a\nb\r\nc").lines).toEqual(["a", "b⟨carriage return⟩", "c"]);
    expect(viewLine("a\nb")).toBe("a⟨line end⟩b");
  });

  test("code keeps its indentation, and nothing else", () => {
    const code = "-  two\n+\tx\n    four  and\n+  \n  ⇥";
    expect(viewText(code, { isCode: true }).lines).toEqual([
      "-  two",
      "+⇥x",
      "    four⟨2 spaces⟩and",
      "+⟨2 spaces⟩",
      "  ⟨U+21E5⟩",
    ]);
    expect(viewText(`+${" ".repeat(80)}rm`, { isCode: true }).lines).toEqual(["+⟨80 spaces⟩rm"]);
  });

  test("no two texts look the same", () => {
    const piece = fc.constantFrom(
      "a",
      " ",
      "  ",
      "\t",
      "\n",
      "\u200B",
      "\u202E",
      "⟨",
      "⟩",
      "⟨space⟩",
      "⟨2 spaces⟩",
      "U+200B",
      "2",
    );
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(text, (one) => {
        const shown = viewText(one).lines.join("\n");
        expect(seen.get(shown) ?? one).toBe(one);
        seen.set(shown, one);
      }),
      { numRuns: 3000 },
    );
  });

  test("nothing unseen is left of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.boolean(), (text, isCode) => {
        const shown = viewText(text, { isCode }).lines.join("\n");
        expect(shown.isWellFormed()).toBe(true);
        const bare = shown.replace(
          /(?<=\p{Extended_Pictographic})\uFE0F|\u200D(?=\p{Extended_Pictographic})/gu,
          "",
        );
        expect(bare).not.toMatch(/(?!\n)[\p{C}\p{Default_Ignorable_Code_Point}\u2028\u2029]/u);
      }),
    );
  });
});

describe("what is long", () => {
  const most = { start: 10, end: 5, startLines: 3, endLines: 2 };

  test("keeps both ends and counts what is between them", () => {
    expect(viewText(`${"a".repeat(50)}THE END`, { most })).toEqual({
      lines: ["aaaaaaaaaa"],
      end: ["E END"],
      hidden: 42,
    });
    expect(viewLine("a".repeat(1_250), { most })).toBe(`${"a".repeat(10)}${gapLine(1_235)}aaaaa`);
    expect(gapLine(1_235)).toBe("⟨… 1,235 more characters …⟩");
    expect(gapLine(1)).toBe("⟨… 1 more character …⟩");
  });

  test("keeps no more lines than fit", () => {
    const shown = viewText("1\n2\n3\n4\n5\n6\n7\n8\n9", { most });
    expect([shown.lines, shown.end]).toEqual([
      ["1", "2", "3", "4"],
      ["7", "8", "9"],
    ]);
  });

  test("loses and doubles nothing", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z\n]{0,60}$/), (text) => {
        const { lines, end, hidden } = viewText(text, { most });
        const [start, rest] = [lines.join("\n"), end.join("\n")];
        expect(text.startsWith(start)).toBe(true);
        expect(text.endsWith(rest)).toBe(true);
        expect(start.length + hidden + rest.length).toBe(text.length);
      }),
    );
  });
});

test("takes a time that grows with the text", () => {
  const most = { start: 10, end: 5, startLines: 3, endLines: 2 };
  for (const unit of [" ", "\n", " \n", "\t", "\u202E", "\u0336", "\u200D", "👍", "⟨", "-\t", "\uFE0F"]) {
    const startedAt = performance.now();
    viewText(unit.repeat(100_000 / unit.length), { isCode: true, most });
    expect(performance.now() - startedAt, JSON.stringify(unit)).toBeLessThan(3_000);
  }
});
