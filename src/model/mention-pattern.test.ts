// Names as words in any script, expressions in linear time, and bad ones in one sentence.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadPatternEngine, needsEngine, parseMentionPattern } from "./mention-pattern.ts";

function matches(pattern: string, text: string): boolean {
  const parsed = parseMentionPattern(pattern);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value.matches(text);
}

function reasonOf(pattern: string): string {
  const parsed = parseMentionPattern(pattern);
  return parsed.ok ? "" : parsed.reason;
}

describe("before the engine is loaded", () => {
  test("names are read, expressions are a mistake of the program", () => {
    expect(matches("claw", "hey claw")).toBe(true);
    expect(() => parseMentionPattern("claw.*")).toThrow("loadPatternEngine");
  });
  test("only expressions need it", () => {
    expect(needsEngine(["claw", "@claw", "小爪", "\\bclaw\\b", "(?i)claw", "Bob-2", "🦞", ""])).toBe(false);
    expect(needsEngine(["claw", "claw|bot"])).toBe(true);
  });
});

describe("names", () => {
  test.each([
    ["claw", "Claw, are you there?", true],
    ["claw", "clawback", false],
    ["claw", "declaw", false],
    ["claw", "claw's", true],
    ["claw", "claw2", false],
    ["claw", "叫claw来", true],
    ["claw", "CLAW", true],
    ["claw", "ｃｌａｗ!", true],
    ["claw", "clawback claw", true],
    ["@claw", "hey @claw!", true],
    ["@claw", "hey@claw", true],
    ["@claw", "@clawd", false],
    ["Bob-2", "bob-2?", true],
    ["Bob-2", "bob-23", false],
    ["小爪", "请小爪帮我查一下", true],
    ["小爪", "小爬", false],
    ["クロー", "ねえクローさん", true],
    ["กรงเล็บ", "สวัสดีกรงเล็บครับ", true],
    ["Клод", "привет, КЛОД!", true],
    ["Клод", "Клодетта", false],
    ["클로", "클로야", false],
    ["클로", "클로, 안녕", true],
    ["René", "rene\u0301 ?", true],
    ["Rene", "Rene\u0301 ?", false],
    ["क", "कि", false],
    ["Straße", "STRASSE", true],
    ["Οδυσσεύς", "ΟΔΥΣΣΕΎΣ", true],
    ["🦞", "hi🦞there", true],
    ["❤️", "❤", true],
    ["❤", "❤️", true],
    ["👩", "👩‍💻", false],
    ["💻", "👩‍💻", false],
    ["👍", "👍🏽", false],
    ["𝒞law", "claw", true],
    ["hey claw", "oh hey claw you", true],
    [" claw ", "(claw)", true],
    ["\\bclaw\\b", "clawback", false],
    ["\\bКлод\\b", "а Клод?", true],
    ["\\b小爪\\b", "请小爪帮我", true],
    ["(?i)claw", "CLAW", true],
    ["(?i)\\bclaw\\b", "declaw", false],
  ])("%s in %s: %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
  test.each(["", " ", "\\b\\b", "(?i)", "\uFE0F"])("%j is empty", (pattern) => {
    expect(reasonOf(pattern)).toBe("is empty and would match everything");
  });
  test("a name between spaces is found, whatever stands around it", () => {
    const noise = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        expect(matches("claw", `${before} claw ${after}`)).toBe(true);
      }),
    );
  });
});

describe("expressions", () => {
  beforeAll(loadPatternEngine);

  test.each([
    ["cla+w", "CLAAAW", true],
    ["claw|bot", "robots", true],
    ["^claw", "hi claw", false],
    ["\\bclaw(bot)?\\b", "clawbots", false],
    ["\\b(Клод|Claude)\\b", "эй Клод!", true],
    ["\\b(Клод|Claude)\\b", "Клодетта", false],
    ["\\b(小爪|Claude)\\b", "请小爪帮我", true],
    ["(?i)\\b(Клод|Claude)\\b", "КЛОД", true],
    ["claw\\\\b", "claw\\b", true],
    ["\\bfoo|bar\\b", "barn", false],
    ["ren.", "rene\u0301", true],
  ])("%s in %s: %s", (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
  test.each([
    ["(", "is no regular expression: missing closing )"],
    ["[a", "is no regular expression: missing closing ] at `[a`"],
    ["*", "is no regular expression: missing argument to repetition operator at `*`"],
    ["a(?=b)", "is no regular expression: it looks ahead or behind (`(?=`, `(?!`, `(?<=`, `(?<!`)"],
    ["(a)\\1", "is no regular expression: invalid escape sequence at `\\1`"],
    ["a{2000}", "is no regular expression: invalid repeat count at `{2000}`"],
  ])("%s: %s", (pattern, expected) => {
    expect(reasonOf(pattern)).toBe(expected);
  });
  test("a pattern of 501 characters is too long", () => {
    expect(reasonOf("a".repeat(501))).toBe("is longer than 500 characters");
  });
  test("whatever is written, it is a pattern or one sentence", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from("ab(){}[]|*+?\\^$.,1-é小 ")) }),
        fc.string(),
        (pattern, text) => {
          const parsed = parseMentionPattern(pattern);
          if (parsed.ok) expect(typeof parsed.value.matches(text)).toBe("boolean");
          else expect(parsed.reason).toMatch(/^is [^\n]+$/);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("time", () => {
  beforeAll(loadPatternEngine);

  // A backtracking engine takes longer than the age of the universe for these.
  test.each(["(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)*x", "(a*)*$x", "(a?){30}a{30}b", "([a-z]+)*\\d"])(
    "%s against 20,000 characters",
    (pattern) => {
      const begun = performance.now();
      expect(matches(pattern, `${"a".repeat(20_000)}!`)).toBe(false);
      expect(performance.now() - begun).toBeLessThan(3000);
    },
  );
  test("a name that almost matches everywhere", () => {
    const begun = performance.now();
    expect(matches("a".repeat(500), "a".repeat(200_000))).toBe(false);
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});
