import { describe, expect, test } from "vitest";
import { withoutBlankStart, withoutEnd } from "./text-ends.ts";

describe("the end of a text", () => {
  test.each([
    ["a\n\r\n", "\r\n", "a"],
    ["a\n b\n", "\n", "a\n b"],
    ["...", ".", ""],
    ["a. ", ".", "a. "],
    ["", ".", ""],
  ])("%j without %j", (text, characters, expected) => {
    expect(withoutEnd(text, characters)).toBe(expected);
  });
});

describe("blank lines at the beginning", () => {
  test.each([
    ["\n\na", "a"],
    ["\r\n \t\r\n  a\n\n", "  a\n\n"],
    ["\u00a0\na", "a"],
    ["  a\n b", "  a\n b"],
    ["\n \n", ""],
    ["   ", "   "],
    ["", ""],
  ])("%j", (text, expected) => {
    expect(withoutBlankStart(text)).toBe(expected);
  });
});
