import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planChunks, rejoin, type ChunkOptions } from "./chunk.ts";

const length = (limit: number): ChunkOptions => ({ limit, mode: "length" });
const newline = (limit: number): ChunkOptions => ({ limit, mode: "newline" });

/** The messages of a text. */
const chunkText = (text: string, options: ChunkOptions): string[] =>
  planChunks(text, options).pieces.map((piece) => piece.open + piece.body + piece.close);

/** Lines of a text. */
const lines = (...all: string[]): string => all.join("\n");

describe("length", () => {
  const table: readonly [string, string, number, string[]][] = [
    ["nothing", "", 10, []],
    ["white space only", " \n\t\u3000\u00a0", 10, []],
    ["white space only, past the limit", " ".repeat(30), 10, []],
    ["up to the limit as it is", " ab\n\ncd \n", 9, [" ab\n\ncd \n"]],
    ["the last blank line first", "a\n\nb\n\nc d\ne. f", 12, ["a\n\nb", "c d\ne. f"]],
    ["a blank line of spaces", "ab cd\n \t\nef gh", 9, ["ab cd", "ef gh"]],
    ["then a line end", "one. two\nthree. four", 16, ["one. two", "three. four"]],
    ["a line end of CR LF", "one two\r\nthree four", 12, ["one two", "three four"]],
    ["then a sentence end", "One two. Three four five", 18, ["One two.", "Three four five"]],
    ["a sentence end in brackets", "(One two!) Three four five", 19, ["(One two!)", "Three four five"]],
    ["no sentence end within a number", "Pi is 3.14159 exactly so", 15, ["Pi is 3.14159", "exactly so"]],
    ["a full-width sentence end", "你好世界。今天天气很好吗", 8, ["你好世界。", "今天天气很好吗"]],
    ["a quoted full-width sentence end", "他说「你好。」然后走了呀", 10, ["他说「你好。」", "然后走了呀"]],
    ["an Arabic question mark", "مرحبا كيف؟ حالك اليوم", 15, ["مرحبا كيف؟", "حالك اليوم"]],
    ["a danda", "यह है। वह भी", 9, ["यह है।", "वह भी"]],
    ["then white space", "alpha beta gamma", 11, ["alpha beta", "gamma"]],
    ["a space right behind the limit", "alpha beta", 5, ["alpha", "beta"]],
    ["ideographic space", "あいう　えおか", 5, ["あいう", "えおか"]],
    ["not at a no-break space", "aaaa 10\u00a0km bb", 9, ["aaaa", "10\u00a0km bb"]],
    ["then anywhere", "abcdefgh", 3, ["abc", "def", "gh"]],
    ["never inside a pair of surrogates", "ab😀cd", 3, ["ab", "😀c", "d"]],
    ["never inside a family", "ab👨‍👩‍👧cd", 9, ["ab", "👨‍👩‍👧c", "d"]],
    ["never inside a flag", "a🇩🇪🇫🇷", 6, ["a🇩🇪", "🇫🇷"]],
    ["never between a letter and its marks", "ae\u0301\u0323x", 3, ["a", "e\u0301\u0323", "x"]],
    ["a space with a mark is no space", "ab \u0301cd ef", 7, ["ab \u0301cd", "ef"]],
    ["a grapheme past the limit by code point", "e\u0301\u0302\u0303x", 3, ["e\u0301\u0302", "\u0303x"]],
    ["a family past the limit, no pair cut", "👨‍👩‍👧", 4, ["👨‍", "👩‍", "👧"]],
    ["a limit of 1 leaves pairs whole", "a😀", 1, ["a", "😀"]],
    ["indentation stays", "first line\n    second", 12, ["first line", "    second"]],
    ["a flood of white space goes", `a${" ".repeat(50)}b`, 10, ["a", "b"]],
    ["leading lines go once cut", "\n\n  aa bb cc", 7, ["  aa bb", "cc"]],
  ];
  test.each(table)("%s", (_, text, limit, expected) => {
    expect(chunkText(text, length(limit))).toEqual(expected);
  });
});

describe("code blocks", () => {
  test("one that fits goes whole into the next message", () => {
    const code = lines("```js", "let a;", "", "let b;", "```");
    expect(chunkText(lines("Some text.", "More.", code, "End."), length(32))).toEqual([
      lines("Some text.", "More."),
      lines(code, "End."),
    ]);
  });

  test("one that does not fit is closed and opened again with its info string", () => {
    const text = lines("Look:", "```ts title=a", "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "```", "Done.");
    expect(chunkText(text, length(42))).toEqual([
      lines("Look:", "```ts title=a", "aaaaaaaaaa", "```"),
      lines("```ts title=a", "bbbbbbbbbb", "cccccccccc", "```"),
      "Done.",
    ]);
  });

  test("a long line of code is cut between its words, then anywhere", () => {
    const text = lines("```", "aaaa bbbb cccc", "dddddddddddddddd", "```");
    expect(chunkText(text, length(20))).toEqual([
      lines("```", "aaaa bbbb", "```"),
      lines("```", "cccc", "```"),
      lines("```", "dddddddddddd", "```"),
      lines("```", "dddd", "```"),
    ]);
  });

  test("tildes, longer fences and indentation are kept", () => {
    const text = lines("1. do", "   ~~~~sh", "   echo aaaa", "   ~~~", "   echo bbbb", "   ~~~~");
    expect(chunkText(text, length(37))).toEqual([
      lines("1. do", "   ~~~~sh", "   echo aaaa", "   ~~~~"),
      lines("   ~~~~sh", "   ~~~", "   echo bbbb", "   ~~~~"),
    ]);
  });

  test("one that is never closed is closed but at the end", () => {
    const text = lines("```", "aaaaaaaa", "bbbbbbbb", "cccccccc");
    expect(chunkText(text, length(21))).toEqual([
      lines("```", "aaaaaaaa", "```"),
      lines("```", "bbbbbbbb", "cccccccc"),
    ]);
  });

  test("code within a line opens nothing", () => {
    expect(chunkText(lines("```x``` aaa", "bbb ccc", "ddd"), length(19))).toEqual([
      lines("```x``` aaa", "bbb ccc"),
      "ddd",
    ]);
  });

  test("fence lines that would fill half a message are not repeated", () => {
    const text = lines("```a-very-long-info", "aaaa bbbb", "cccc dddd", "```");
    for (const chunk of chunkText(text, length(24))) expect(chunk.length).toBeLessThanOrEqual(24);
    expect(chunkText(text, length(24)).join("\n")).toBe(text);
  });
});

describe("newline", () => {
  const table: readonly [string, string, number, string[]][] = [
    ["one message a paragraph", "a\nb\n\nc\n \n\n  d", 100, ["a\nb", "c", "  d"]],
    ["blank lines at both ends", "\n\na\n\n", 100, ["a"]],
    ["a paragraph past the limit as by length", "a b c\n\ndd ee ff", 5, ["a b c", "dd ee", "ff"]],
    ["code is one paragraph", "x\n```\na\n\nb\n```\ny\n\nz", 100, ["x\n```\na\n\nb\n```\ny", "z"]],
    ["nothing", "\n \n", 100, []],
  ];
  test.each(table)("%s", (_, text, limit, expected) => {
    expect(chunkText(text, newline(limit))).toEqual(expected);
  });
});

describe("packing", () => {
  const paragraphs = (count: number, word = "paragraph"): string =>
    Array.from({ length: count }, (_, index) => `${word} ${index + 1}`).join("\n\n");

  test("20 paragraphs are 20 messages", () => {
    expect(chunkText(paragraphs(20), newline(4000))).toHaveLength(20);
  });

  test("what is over goes into the last of 20", () => {
    const chunks = chunkText(paragraphs(25), newline(4000));
    expect(chunks).toHaveLength(20);
    expect(chunks[0]).toBe("paragraph 1");
    expect(chunks[19]).toBe(paragraphs(25).slice(paragraphs(25).indexOf("paragraph 20")));
  });

  test("as many of the last messages as are needed are filled", () => {
    const chunks = chunkText(paragraphs(60), newline(80));
    expect(chunks).toHaveLength(20);
    expect(chunks.every((chunk) => chunk.length <= 80)).toBe(true);
    expect(chunks.join("\n\n")).toBe(paragraphs(60));
  });

  test("by length, messages are filled to the last word only when there would be too many", () => {
    const text = Array.from({ length: 20 }, () => `${"a".repeat(60)}\n\n${"b ".repeat(14)}c`).join(" ");
    expect(chunkText(text.slice(0, 900), length(100))).toContain("a".repeat(60));
    const chunks = chunkText(text, length(100));
    expect(chunks).toHaveLength(20);
    expect(chunks.join("").replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
  });

  test("a text that fits no 20 messages becomes more of them, and nothing is lost", () => {
    const text = "word ".repeat(1000).trim();
    const chunks = chunkText(text, length(100));
    expect(chunks).toHaveLength(50);
    expect(chunks.join(" ")).toBe(text);
  });

  test("a code block goes on whole through packed messages", () => {
    const code = Array.from({ length: 40 }, (_, index) => `line ${index}\n`).join("\n");
    const chunks = chunkText(`${paragraphs(30)}\n\n\`\`\`py\n${code}\`\`\``, newline(60));
    for (const chunk of chunks) expect((chunk.match(/^```/gm) ?? []).length % 2).toBe(0);
  });
});

describe("whatever the text", () => {
  const atoms = fc.constantFrom(
    ..."ab .!?。\u3000\t\n\r\u00a0\"')`~".split(""),
    "\n\n",
    "\r\n",
    "```",
    "```ts\n",
    "~~~\n",
    "\n```\n",
    "e\u0301",
    " \u0301",
    "\u0600",
    "👨‍👩‍👧",
    "🇩🇪",
    "🇫",
    "👍🏽",
    "각",
    "क्षि",
    "word",
    "\ud83d",
    "\u200d",
    "\u{10f55}",
    "     ",
  );
  const text = fc.oneof(
    fc.array(atoms, { maxLength: 120 }).map((all) => all.join("")),
    fc.string({ unit: "grapheme", maxLength: 80 }),
    fc.string({ unit: "binary", maxLength: 80 }),
  );
  const options = fc.record({
    limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 60 })),
    mode: fc.constantFrom("length" as const, "newline" as const),
  });
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const runs = { numRuns: 1000 };

  test("rejoined pieces are the text, and only white space was dropped", () => {
    fc.assert(
      fc.property(text, options, (text, options) => {
        const plan = planChunks(text, options);
        expect(rejoin(plan)).toBe(text);
        for (const { dropped } of plan.pieces) expect(dropped.trim()).toBe("");
        expect(plan.tail.trim()).toBe("");
      }),
      runs,
    );
  });

  test("no message is empty, none past the limit", () => {
    fc.assert(
      fc.property(text, options, (text, options) => {
        for (const chunk of chunkText(text, options)) {
          expect(chunk.trim()).not.toBe("");
          if (options.limit > 1 || chunk.length > 2) expect(chunk.length).toBeLessThanOrEqual(options.limit);
        }
      }),
      runs,
    );
  });

  test("no grapheme is cut but one longer than the limit, and no pair of surrogates ever", () => {
    fc.assert(
      fc.property(text, options, (text, options) => {
        const graphemes = [...segmenter.segment(text)];
        const inside = new Map<number, number>();
        for (const { index, segment } of graphemes)
          for (let at = 1; at < segment.length; at += 1) inside.set(index + at, segment.length);
        let at = 0;
        for (const { dropped, body } of planChunks(text, options).pieces) {
          for (const edge of [at + dropped.length, at + dropped.length + body.length]) {
            expect(inside.get(edge) ?? Infinity).toBeGreaterThan(options.limit);
            expect(/^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(edge - 1, edge + 1))).toBe(false);
          }
          at += dropped.length + body.length;
        }
      }),
      runs,
    );
  });

  test("what is read of the messages alone is what is read of the text", () => {
    fc.assert(
      fc.property(text, options, (text, options) => {
        const bare = text.replaceAll(/[`~]/g, "");
        const chunks = chunkText(bare, options);
        const seen = (part: string) => part.replaceAll(/\s/g, "");
        expect(chunks.map(seen).join("")).toBe(seen(bare));
      }),
      runs,
    );
  });

  test("fences are added in pairs: one that is closed is opened again by the next message", () => {
    fc.assert(
      fc.property(text, options, (text, options) => {
        const { pieces } = planChunks(text, options);
        pieces.forEach(({ open, close }, index) => {
          if (open !== "") expect(open).toMatch(/^[ \t]*(?:`{3,}[^`\n]*|~{3,}[^\n]*)\n$/);
          if (close !== "") expect(close).toMatch(/^\n[ \t]*(?:`{3,}|~{3,})$/);
          if (options.limit < 40) return;
          expect((pieces[index + 1]?.open ?? "") !== "").toBe(close !== "");
        });
      }),
      runs,
    );
  });

  test("never more than 20 messages where 20 filled ones would do", () => {
    const words = fc.array(fc.constantFrom("a", "bb", "ccc", "\n\n", "\n", ". "), { maxLength: 400 });
    fc.assert(
      fc.property(words, options, (words, options) => {
        const text = words.join(" ");
        const chunks = chunkText(text, options);
        // A filled message wastes less than one word and its space.
        if (options.limit > 12 && text.length <= 20 * (options.limit - 4))
          expect(chunks.length).toBeLessThanOrEqual(20);
      }),
      { numRuns: 500 },
    );
  });
});

describe("time", () => {
  const cases: readonly [string, string][] = [
    ["prose", "The quick brown fox jumps. ".repeat(3704)],
    ["one word", "a".repeat(100_000)],
    ["Chinese", "天地玄黄".repeat(25_000)],
    ["white space", `a${" ".repeat(99_998)}b`],
    ["lines", "x\n".repeat(50_000)],
    ["blank lines", "x\n\n".repeat(33_333)],
    ["brackets", ")".repeat(100_000)],
    ["marks", "。".repeat(100_000)],
    ["marks and brackets", "。」".repeat(50_000)],
    ["fences", "```\na\n".repeat(16_667)],
    ["one long block", `\`\`\`js\n${"let a = 1;\n".repeat(9000)}\`\`\``],
    ["spaces with marks", " \u0301".repeat(50_000)],
    ["one grapheme", `e${"\u0301".repeat(99_999)}`],
  ];
  const medianMs = (run: () => void): number => {
    const times = Array.from({ length: 5 }, () => {
      const from = performance.now();
      run();
      return performance.now() - from;
    });
    return times.toSorted((a, b) => a - b)[2] ?? Infinity;
  };

  test.each(cases)("100,000 characters of %s take no more than their share", (_, text) => {
    for (const options of [length(4000), newline(4000), length(50)]) {
      expect(rejoin(planChunks(text, options))).toBe(text);
      const ms = medianMs(() => chunkText(text, options));
      // Ten times what it takes on the slowest machine tried; quadratic time would be far beyond.
      expect(ms).toBeLessThan(1000);
    }
  });
});
