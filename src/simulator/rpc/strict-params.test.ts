import { describe, expect, test } from "vitest";
import { RpcError } from "./error.ts";
import { JsonNumber } from "./json.ts";
import { StrictParams } from "./strict-params.ts";

const n = (source: string): JsonNumber => new JsonNumber(source);

const KEYS = ["text", "count", "flag", "list", "alias", "parts"];

function dataOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    if (error instanceof RpcError && error.code === -32602) return error.data;
    throw error;
  }
  return "accepted";
}

function read(values: object): StrictParams {
  return new StrictParams(values, "m", KEYS);
}

describe("from 0.14 on nothing is taken for another kind", () => {
  test.each([
    ["an unknown key", () => read({ other: 1 }), "unknown m param: other"],
    ["a number for a text", () => read({ text: n("1") }).string("text"), "text must be a string"],
    ["a text for a number", () => read({ count: "1" }).integer("count"), "count must be an integer"],
    ["a fraction", () => read({ count: n("1.5") }).integer("count"), "count must be an integer"],
    ["a fraction of nothing", () => read({ count: n("1.0") }).integer("count"), "count must be an integer"],
    ["an exponent", () => read({ count: n("1e0") }).integer("count"), "count must be an integer"],
    ["2^63", () => read({ count: n("9223372036854775808") }).integer("count"), "count must be an integer"],
    ["a truth value for a number", () => read({ count: true }).integer("count"), "count must be an integer"],
    ["a number for a truth value", () => read({ flag: n("1") }).boolean("flag"), "flag must be a boolean"],
    ["a text for a list", () => read({ list: "a" }).strings("list"), "list must be an array of strings"],
    [
      "a number in a list",
      () => read({ list: [n("1")] }).strings("list"),
      "list must be an array of strings",
    ],
    [
      "no object in a list",
      () => read({ parts: [n("1")] }).objects("parts"),
      "parts must be an array of objects",
    ],
    ["null", () => read({ text: null }).string("text"), "text must not be null"],
    [
      "a key and its alias",
      () => read({ text: "", alias: "" }).string("text", ["alias"]),
      "use only one of text, alias",
    ],
  ])("%s", (_title, act, wanted) => {
    expect(dataOf(act)).toBe(wanted);
  });

  test("what fits is read, by any of its names", () => {
    const params = read({ alias: "t", count: n("-1"), flag: false, list: [], parts: [{ a: 1 }] });
    expect(params.string("text", ["alias"])).toBe("t");
    expect(params.integer("count")).toBe(-1);
    expect(read({ count: n("9223372036854775807") }).int64("count")).toBe(9223372036854775807n);
    expect(read({ count: n("9007199254740993") }).int64("count")).toBe(9007199254740993n);
    expect(params.boolean("flag")).toBe(false);
    expect(params.strings("list")).toEqual([]);
    expect(params.objects("parts")).toEqual([{ a: 1 }]);
    expect(params.string("text")).toBeUndefined();
  });
});
