// The JSON that Foundation takes and refuses: neighbours of the lines that were recorded.

import { describe, expect, test } from "vitest";
import { JsonNumber, parseJson } from "./json.ts";

const LINUX = { trailingCommas: true };
const MACOS = { trailingCommas: false };

describe("taken", () => {
  test.each<[string, unknown]>([
    ["{}", {}],
    ["[]", []],
    [" \t\r\n{ } ", {}],
    ['{"a":true,"b":false,"c":null}', { a: true, b: false, c: null }],
    ['"a\\u00e9\\n\\/"', "aé\n/"],
    ['"\\ud83d\\ude00"', "😀"],
    ['"\u007f\u0085"', "\u007F\u0085"],
    ['{"a":1,"a":2}', { a: new JsonNumber("2") }],
    ['{"__proto__":1}', JSON.parse('{"__proto__":1}')],
    ["[[[[]]]]", [[[[]]]]],
    ["-0", new JsonNumber("-0")],
    ["1.50e+2", new JsonNumber("1.50e+2")],
    ["12345678901234567890", new JsonNumber("12345678901234567890")],
  ])("%s", (source, wanted) => {
    const value = parseJson(source, LINUX);
    expect(JSON.stringify(value)).toBe(JSON.stringify(wanted));
    if (wanted instanceof JsonNumber) expect(value).toEqual(wanted);
  });

  test("commas at the end, on Linux alone", () => {
    expect(JSON.stringify(parseJson('{"a":[1,2,],}', LINUX))).toBe('{"a":[1,2]}');
    expect(() => parseJson('{"a":[1,2,],}', MACOS)).toThrow(SyntaxError);
  });

  test("512 levels", () => {
    expect(parseJson(`${"[".repeat(512)}${"]".repeat(512)}`, LINUX)).toHaveLength(1);
    expect(() => parseJson(`${"[".repeat(513)}${"]".repeat(513)}`, LINUX)).toThrow(SyntaxError);
  });

  test("a text of many megabytes", () => {
    const text = "😀é".repeat(4_000_000);
    expect(parseJson(JSON.stringify(text), LINUX)).toBe(text);
  });
});

describe("refused", () => {
  test.each([
    "",
    " ",
    "{",
    "}",
    "[1",
    "[,]",
    "[1,,2]",
    "{,}",
    '{"a"}',
    '{"a":}',
    "{a:1}",
    "{'a':1}",
    "{1:2}",
    '"a',
    '"\\x"',
    '"\\u12"',
    '"\\ud83d"',
    '"\\ude00\\ud83d"',
    '"a\tb"',
    '"a\nb"',
    '"\0"',
    "01",
    "+1",
    ".5",
    "1.",
    "1e",
    "1e400",
    "-",
    "0x10",
    "NaN",
    "Infinity",
    "TRUE",
    "tru",
    "nul",
    "undefined",
    "1 2",
    "{} {}",
    "/* */ 1",
    "// 1",
    "\u{FEFF}{}",
    "\u00A0{}",
  ])("%j", (source) => {
    expect(() => parseJson(source, LINUX)).toThrow(SyntaxError);
  });
});
