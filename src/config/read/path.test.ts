import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePath, renderPath } from "./path.ts";

test.each([
  ["a", ["a"]],
  ["a.b-c.d_1", ["a", "b-c", "d_1"]],
  ["agents.list[0].id", ["agents", "list", 0, "id"]],
  ['dms["a@b.c"].historyLimit', ["dms", "a@b.c", "historyLimit"]],
  ["dms['a\"b'].x", ["dms", 'a"b', "x"]],
  ['dms."a b".x', ["dms", "a b", "x"]],
  ["groups[12]", ["groups", 12]],
  ["groups.*.x", ["groups", "*", "x"]],
  ["$schema", ["$schema"]],
])("%s is a path", (text, path) => {
  expect(parsePath(text)).toEqual(path);
});

test.each([
  [""],
  ["."],
  [".a"],
  ["a."],
  ["a..b"],
  ["a["],
  ["a[]"],
  ["a[x]"],
  ["a[-1]"],
  ["a b"],
  ['a["x]'],
  ['a"x"'],
  ["a[0"],
  ['a["x"'],
  ['a."x"]'],
  ["[0]b"],
])("%s is none", (text) => {
  expect(parsePath(text)).toBeUndefined();
});

test("what is rendered is read as the same path", () => {
  const segment = fc.oneof(fc.string(), fc.nat(1000), fc.constantFrom("a", "b.c", '"', "'", "\\", "[0]"));
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), (path) => {
      expect(parsePath(renderPath(path))).toEqual(path);
    }),
    { numRuns: 1000 },
  );
});
