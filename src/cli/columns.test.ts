import { expect, test } from "vitest";
import { columnsOf } from "./columns.ts";

test.each([
  ["plain", 5],
  ["小爪", 4],
  ["e\u0301", 1],
  ["a\u200bb", 2],
  ["👍", 2],
  ["👍🏽", 2],
  ["👨‍👩‍👧", 2],
  ["🇩🇪", 2],
  ["1️⃣", 2],
  ["❤️", 2],
  ["☎", 1],
  ["한글", 4],
  ["ｶﾅ", 2],
  ["ＡＢ", 4],
  ["、。", 4],
  ["ㄅ", 2],
  ["𠮷", 2],
  ["–", 1],
])("%s takes %i columns", (text, columns) => {
  expect(columnsOf(text)).toBe(columns);
});
