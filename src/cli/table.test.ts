import { expect, test } from "vitest";
import { brief, renderTable } from "./table.ts";

test("columns line up, wide characters and marks too, and nothing trails", () => {
  const table = renderTable(
    ["ID", "NAME", "X"],
    [
      ["1", "小爪", "a"],
      ["22", "é", ""],
      ["3", "abcdef", "b"],
    ],
  );
  expect(table).toBe(["ID  NAME    X", "1   小爪    a", "22  é", "3   abcdef  b"].join("\n"));
});

test("what comes from outside cannot break a line or drive the terminal", () => {
  const table = renderTable(["TEXT"], [["a\nb\u001b[31m\u202e"]]);
  expect(table).toBe("TEXT\na\\nb\\u001b[31m\\u202e");
});

test.each([
  ["short", 10, "short"],
  ["two\n lines", 10, "two lines"],
  ["exactly ten", 11, "exactly ten"],
  ["cut here please", 9, "cut here…"],
  ["小爪小爪", 5, "小爪…"],
  ["👨‍👩‍👧👨‍👩‍👧", 3, "👨‍👩‍👧…"],
])("%j in %i columns is %j", (text, width, expected) => {
  expect(brief(text, width)).toBe(expected);
});
