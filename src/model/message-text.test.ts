// Texts that are ours come back: in another Unicode form, folded, split, with a stray character, inside their archive, or not readable at all.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalText, isSentPiece, isSentText, isUnreadable, resemblesSent } from "./message-text.ts";
import { composedText } from "./unicode-form.ts";

test.each([
  ["You said: hi", "You said: hi", true],
  [" You said:  hi\n", "You said: hi", true],
  ["a\r\nb", "a\nb", true],
  ["+You said: hi", "You said: hi", true],
  ["😀You said: hi", "You said: hi", true],
  ["\u0004\u000bstreamtyped @ NSString + You said: hi iI", "You said: hi", true],
  ["You said: hi!", "You said: hi", false],
  ["++You said: hi", "You said: hi", false],
  ["streamtyped and nothing of it", "You said: hi", false],
  ["x", "", false],
  ["Scho\u0308ne Gru\u0308ße", "Schöne Grüße", true],
  ["+Scho\u0308ne Gru\u0308ße", "Schöne Grüße", true],
  ["streamtyped + Scho\u0308ne Gru\u0308ße iI", "Schöne Grüße", true],
  ["Schone Gruße", "Schöne Grüße", false],
  ["\u1112\u1161\u11ab\u1100\u1173\u11af", "한글", true],
  ["か\u3099き\u3099", "がぎ", true],
  ["Vie\u0323\u0302t", "Việt", true],
  ["Vie\u0302\u0323t", "Việt", true],
  ["A\u030angstro\u0308m", "Ångström", true],
])("%j is %j: %s", (read, sent, expected) => {
  expect(isSentText(read, sent)).toBe(expected);
});

describe("whatever a text holds", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom("e", "\u0301", "\u0323", "\u0315", "ö", "한", "が", " ", "\n", "👩🏽‍💻", "\uFB2C"),
    }),
  );

  test("it is recognized in every canonical form", () => {
    fc.assert(
      fc.property(text, fc.constantFrom("NFC", "NFD"), (sent, form) => {
        expect(isSentText(sent.normalize(form), sent)).toBe(true);
        expect(canonicalText(sent.normalize(form))).toBe(canonicalText(sent));
      }),
    );
  });

  test("it is recognized with white space around it and other line ends", () => {
    fc.assert(
      fc.property(text, fc.constantFrom(" ", "\n", "\r\n", "\t"), (sent, space) => {
        expect(isSentText(`${space}${sent.replaceAll("\n", "\r\n")}${space}`, sent)).toBe(true);
      }),
    );
  });

  test("its canonical form is its own canonical form", () => {
    fc.assert(
      fc.property(text, (sent) => {
        expect(canonicalText(canonicalText(sent))).toBe(canonicalText(sent));
      }),
    );
  });

  test("compatible characters stay different", () => {
    expect(isSentText("fi", "ﬁ")).toBe(false);
    expect(isSentText("1/2", "½")).toBe(false);
  });
});

test("runs of combining marks are recognized in any order", () => {
  const marks = "\u0315\u0300".repeat(30);
  expect(isSentText(`a${"\u0300".repeat(30)}${"\u0315".repeat(30)}`, `a${marks}`)).toBe(true);
  expect(composedText(`é${marks}`)).toBe(composedText(`e\u0301${marks}`));
});

// Quadratic time would be ten seconds for each of these.
test.each([
  ["marks", "\u0315\u0300"],
  ["letters", "aa"],
  ["names with dots", "a."],
  ["links", "a.bc "],
  ["spaces", " \n"],
])("50,000 characters of %s take linear time", (_name, unit) => {
  const long = `a${unit.repeat(25_000)}`;
  const began = performance.now();
  isSentText(`x${long}`, `y${long}`);
  isSentPiece(long.slice(0, -7), long);
  resemblesSent(`b${long}`, `${long}c`);
  isUnreadable(long);
  expect(performance.now() - began).toBeLessThan(2_000);
});

test.each([
  ["see", "see https://example.com/a?b=c", true],
  ["https://example.com/a?b=c", "see https://example.com/a?b=c", true],
  ["https://example.com", "Look: https://example.com and tell me", true],
  ["and tell me", "Look: https://example.com and tell me", true],
  ["Look: https://example.com", "Look: https://example.com and tell me", true],
  ["Scho\u0308n:", "Schön: example.com/grüße", true],
  ["example.com/gru\u0308ße", "Schön: example.com/grüße", true],
  ["Look: https://example.com and tell me", "Look: https://example.com and tell me", false],
  ["tell me", "Look: https://example.com and tell me", false],
  ["Look", "Look: https://example.com and tell me", false],
  ["hello", "hello you", false],
  ["", "see https://example.com", false],
  ["https://example.org", "see https://example.com", false],
])("%j is a piece of %j: %s", (read, sent, expected) => {
  expect(isSentPiece(read, sent)).toBe(expected);
});

test.each([
  ["“You said: hi”…", '"You said: hi"...', true],
  ["YOU SAID HI", "You said: hi", true],
  ["You said", "You said: hi", true],
  ["Gru\u0308ße!", "Grüße", true],
  ["something else", "You said: hi", false],
  ["👍", "👍", true],
  ["👍", "yes", false],
])("%j resembles %j: %s", (read, sent, expected) => {
  expect(resemblesSent(read, sent)).toBe(expected);
});

test.each([
  ["", true],
  [" \uFFFD ", true],
  ["hello", false],
])("%j unreadable: %s", (read, expected) => {
  expect(isUnreadable(read)).toBe(expected);
});
