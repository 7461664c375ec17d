import { describe, expect, test } from "vitest";
import { JsonNumber } from "./json.ts";
import { looseBoolean, looseInt64, looseParams, looseString, looseStrings } from "./loose-params.ts";

const n = (source: string): JsonNumber => new JsonNumber(source);

describe("legacy takes one kind for another", () => {
  test.each([
    [n("3"), 3n],
    [n("1.9"), 1n],
    [n("-1.9"), -1n],
    [n("-0"), 0n],
    [n("1e2"), 100n],
    [n("1E2"), 100n],
    ["2", 2n],
    ["+2", 2n],
    ["-2", -2n],
    ["007", 7n],
    [" 2", undefined],
    ["2.0", undefined],
    ["0x10", undefined],
    ["1e2", undefined],
    ["abc", undefined],
    ["", undefined],
    ["+", undefined],
    ["٣", undefined],
    [true, 1n],
    [false, 0n],
    [null, undefined],
    [[], undefined],
    [{}, undefined],
    // At and beyond 64 bits a text is none; a number is clamped, wrapped or spoilt, as Foundation keeps it.
    ["9223372036854775807", 9223372036854775807n],
    ["9223372036854775808", undefined],
    ["-9223372036854775808", -9223372036854775808n],
    ["-9223372036854775809", undefined],
    [n("9007199254740993"), 9007199254740993n],
    [n("9223372036854775807"), 9223372036854775807n],
    [n("9223372036854775808"), 9223372036854775807n],
    [n("18446744073709551615"), 9223372036854775807n],
    [n("18446744073709551616"), 0n],
    [n("99999999999999999999"), 7766279631452241919n],
    [n("-9223372036854775808"), -9223372036854775808n],
    [n("-9223372036854775809"), -9223372036854775807n],
    [n("-1000000000000000000"), -1000000000000000000n],
    [n("1e18"), 1000000000000000000n],
    [n("1e19"), -9223372036854775808n],
    [n("1e30"), -9223372036854775808n],
    [n("-1e30"), -9223372036854775808n],
    [n("9223372036854775807.5"), 9223372036854775807n],
    [n("123456789012345678.9"), 123456789012345678n],
  ])("64 bits of %s → %s", (value, wanted) => {
    expect(looseInt64(value)).toBe(wanted);
  });

  test.each([
    [true, true],
    [n("0"), false],
    [n("0.0"), false],
    [n("2"), true],
    [n("-0.5"), true],
    ["true", true],
    ["false", false],
    ["yes", undefined],
    ["TRUE", undefined],
    ["1", undefined],
    [null, undefined],
  ])("boolean %j → %j", (value, wanted) => {
    expect(looseBoolean(value)).toBe(wanted);
  });

  test.each([
    ["a", "a"],
    [n("5"), "5"],
    [n("-5"), "-5"],
    [n("5.0"), "5"],
    [n("1.50"), "1.5"],
    [n("14155551212"), "14155551212"],
    [n("99999999999999999999"), "99999999999999999999"],
    [false, "0"],
    [true, "1"],
    [null, undefined],
    [[], undefined],
  ])("string %j → %j", (value, wanted) => {
    expect(looseString(value)).toBe(wanted);
  });

  test.each([
    [
      ["a", n("1"), null],
      ["a", "1"],
    ],
    ["a, b,,c", ["a", "b", "c"]],
    [undefined, []],
    [n("7"), []],
  ])("strings %j → %j", (value, wanted) => {
    expect(looseStrings(value)).toEqual(wanted);
  });

  test.each([[undefined], [null], [[1]], ["x"], [n("3")]])("params %j count as none", (value) => {
    expect(looseParams(value)).toEqual({});
  });
});
