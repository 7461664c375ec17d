import { expect, test } from "vitest";
import { renderSpan } from "./span.ts";

test.each([
  [-5, "0 s"],
  [999, "0 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [90_000_000, "1 d"],
])("%i ms is %s", (ms, expected) => {
  expect(renderSpan(ms)).toBe(expected);
});
