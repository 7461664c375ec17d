import { describe, expect, test } from "vitest";
import { looseBoolean, looseInteger, looseParams, looseString, looseStrings } from "./loose-params.ts";

describe("legacy takes one kind for another", () => {
  test.each([
    [3, 3],
    [1.9, 1],
    [-1.9, -1],
    ["2", 2],
    ["+2", 2],
    ["2.0", undefined],
    ["abc", undefined],
    ["", undefined],
    [true, 1],
    [null, undefined],
    [1e30, Number.MAX_SAFE_INTEGER],
  ])("integer %j → %j", (value, wanted) => {
    expect(looseInteger(value)).toBe(wanted);
  });

  test.each([
    [true, true],
    [0, false],
    [2, true],
    ["true", true],
    ["false", false],
    ["yes", undefined],
    [null, undefined],
  ])("boolean %j → %j", (value, wanted) => {
    expect(looseBoolean(value)).toBe(wanted);
  });

  test.each([
    ["a", "a"],
    [5, "5"],
    [true, "1"],
    [null, undefined],
    [[], undefined],
  ])("string %j → %j", (value, wanted) => {
    expect(looseString(value)).toBe(wanted);
  });

  test.each([
    [
      ["a", 1, null],
      ["a", "1"],
    ],
    ["a, b,,c", ["a", "b", "c"]],
    [undefined, []],
    [7, []],
  ])("strings %j → %j", (value, wanted) => {
    expect(looseStrings(value)).toEqual(wanted);
  });

  test.each([[undefined], [null], [[1]], ["x"], [3]])("params %j count as none", (value) => {
    expect(looseParams(value)).toEqual({});
  });
});
