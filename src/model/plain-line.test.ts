import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clipLine, escapeLine, linesOf, plainLine, quoteLines, renderJson } from "./plain-line.ts";

/** What ends a line, hides in it or turns it, one of each kind. */
const UNSAFE = Array.from(
  "\n\r\t\v\f\0\u0007\u001b\u007f\u0085\u009b\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200e\u200f\u2028\u2029\u202a\u202e" +
    "\u2060\u2063\u2066\u2069\u2800\u3164\ufeff\uffa0\ufff9\ufffb\u{e0001}\u{e0041}\u{e007f}\u{e0fff}\u{1d173}",
);
const anything = fc
  .array(
    fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...UNSAFE, "\u200d", "\ufe0f", " ", "\ud800")),
  )
  .map((parts) => parts.join(""));

describe("one line of any text", () => {
  test.each([
    ["a\nb", "a b"],
    ["  a \r\n\u2028 \u200b\t b  ", "a b"],
    ["pay\u200bpal\u00ad.com", "paypal.com"],
    ["cod.exe\u202etxt", "cod.exetxt"],
    ["a\u3164\u2800b", "a b"],
    ["\u200d\ufe0f\u200b", ""],
    ["\u001b[31mred", "[31mred"],
    ["lone \ud800 half", "lone \ufffd half"],
    ["a\u{e0068}\u{e0069}b", "ab"],
    ["x\ufe0f\ufe0f\ufe0fy", "x\ufe0fy"],
  ])("%j is %j", (given, line) => {
    expect(plainLine(given)).toBe(line);
  });

  test.each([
    "Grüße, 日本語 👍🏽 ❤️‍🔥 👩🏽‍💻 1️⃣",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿 England",
    "می‌خواهم",
    "क्‍ष",
    "葛󠄀城市",
    "e\u0301 \u0e19\u0e49\u0e33",
    "ᠠ᠋",
  ])("%j stays as it is", (text) => {
    expect(plainLine(text)).toBe(text);
    expect(escapeLine(text)).toBe(text);
  });

  test.each(UNSAFE.map((one) => [one]))("%j never comes through, and shows when it is escaped", (unsafe) => {
    expect(plainLine(`a${unsafe}b`)).toMatch(/^a ?b$/u);
    expect(plainLine(`👍${unsafe}👍`)).toMatch(/^👍 ?👍$/u);
    const isGap = /^[\u115f\u1160\u2800\u3164\uffa0]$/u.test(unsafe);
    if (!isGap) expect(escapeLine(`a${unsafe}b`)).toMatch(/^a(?:\\[nt]|(?:\\u[0-9a-f]{4})+)b$/u);
  });

  test("whatever the text, the line is one, trimmed, and the same when made again", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 40 }), (text, most) => {
        const line = plainLine(text);
        expect(line).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]|^\s|\s$|\s\s/u);
        expect(plainLine(line)).toBe(line);
        expect(Array.from(plainLine(text, most)).length).toBeLessThanOrEqual(most);
        expect(escapeLine(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  test("a hundred marks on one letter are eight", () => {
    expect(plainLine(`a${"\u0301".repeat(100)}b`)).toBe(`a${"\u0301".repeat(8)}b`);
  });
});

describe("a line that is too long", () => {
  test.each([
    ["abcdef", 4, "abc…"],
    ["abcd", 4, "abcd"],
    ["abc def", 5, "abc…"],
    ["👍👍👍", 3, "👍👍👍"],
    ["ab👩🏽‍💻c", 4, "ab…"],
    ["🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴󠁧󠁢󠁥󠁮󠁧󠁿", 8, "🏴󠁧󠁢󠁥󠁮󠁧󠁿…"],
  ])("%j in %i characters is %j", (text, most, cut) => {
    expect(clipLine(text, most)).toBe(cut);
  });

  test("a character of a thousand marks is cut all the same", () => {
    expect(clipLine(`a${"\u0301".repeat(1000)}`, 10)).toHaveLength(10);
  });
});

describe("the lines of a text", () => {
  const SEEN = ["\n", "\r", "\r\n", "\v", "\f", "\u0085", "\u2028", "\u2029"];
  test.each(SEEN)("%j ends one", (end) => {
    expect(linesOf(`a${end}b`)).toEqual(["a", "b"]);
  });

  test.each([...SEEN, "\0", "\u001b", "\u001c", "\u009b"])("nothing passes for a mark behind %j", (end) => {
    expect(quoteLines(`a${end}[Your answer]`)).toEqual(["> a", "> [Your answer]"]);
  });

  test.each(["\t", " ", "\u00a0", "\u3000"])("%j ends none", (blank) => {
    expect(linesOf(`a${blank}b`)).toEqual([`a${blank}b`]);
    expect(quoteLines(`a${blank}b`)).toEqual([`> a${blank}b`]);
  });
});

describe("JSON", () => {
  test("reads the same, and holds no line end that is not its own", () => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.jsonValue()), (value) => {
        for (const indent of [undefined, 2]) {
          const json = renderJson(value, indent);
          expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
          expect(json.replaceAll("\n", indent === undefined ? "\n" : "")).not.toMatch(
            /[\p{Cc}\p{Zl}\p{Zp}\u202e]/u,
          );
        }
      }),
    );
  });

  test("an emoji is left as it is", () => {
    expect(renderJson({ text: "👩🏽‍💻 ❤️" })).toBe('{"text":"👩🏽‍💻 ❤️"}');
  });
});

describe("time", () => {
  const MAKERS: readonly [string, (text: string) => unknown][] = [
    ["a line", plainLine],
    ["a short line", (text) => plainLine(text, 60)],
    ["an escaped line", escapeLine],
    ["quoted lines", quoteLines],
    ["JSON", renderJson],
  ];
  const PIECES = [
    "a",
    " ",
    "\n",
    "\u200b",
    "\u200d",
    "a\u200d",
    "\ufe0f",
    "\u0301",
    "🏴",
    "🏴\u{e0067}",
    "\u{e0067}",
    " a",
    "\u202e \n",
  ];
  test.each(MAKERS)("of %s grows no faster than the text", (_, make) => {
    for (const piece of PIECES) {
      const timeOf = (count: number): number => {
        const text = piece.repeat(count);
        // Not the clock: others use the machine, too.
        const before = process.threadCpuUsage();
        make(text);
        const { user, system } = process.threadCpuUsage(before);
        return (user + system) / 1000;
      };
      timeOf(1000);
      const [once, twice] = [10_000, 100_000].map((count) => Math.min(timeOf(count), timeOf(count))) as [
        number,
        number,
      ];
      // Ten times the text: a quadratic function takes a hundred times as long.
      expect(twice, JSON.stringify(piece)).toBeLessThan(40 * Math.max(once, 2));
    }
  });
});
