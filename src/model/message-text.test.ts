// Texts that are ours come back: folded, with a stray character, inside their archive, or not readable at all.
import { expect, test } from "vitest";
import { isSentText, isUnreadable } from "./message-text.ts";

test.each([
  ["You said: hi", "You said: hi", true],
  [" You said:  hi\n", "You said: hi", true],
  ["+You said: hi", "You said: hi", true],
  ["😀You said: hi", "You said: hi", true],
  ["\u0004\u000bstreamtyped @ NSString + You said: hi iI", "You said: hi", true],
  ["You said: hi!", "You said: hi", false],
  ["++You said: hi", "You said: hi", false],
  ["streamtyped and nothing of it", "You said: hi", false],
  ["x", "", false],
])("%j is %j: %s", (read, sent, expected) => {
  expect(isSentText(read, sent)).toBe(expected);
});

test.each([
  ["", true],
  [" \uFFFD ", true],
  ["hello", false],
])("%j unreadable: %s", (read, expected) => {
  expect(isUnreadable(read)).toBe(expected);
});
