import fc from "fast-check";
import { expect, test } from "vitest";
import type * as z from "zod/mini";
import { compile } from "./compile-for-test.ts";
import { configSchema } from "./schema.ts";
import { definitionOf, factsOf, shapeOf, unwrap } from "./schema-walk.ts";

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  region: ["US", "de"],
  id: ["main", "other"],
  agentId: ["main"],
  account: ["work"],
  chat: ["chat_id:5"],
  handle: ["a@b.c"],
  url: ["sqlite:x"],
  ownerAllowFrom: ["a@b.c"],
  selfHandles: ["+15551234567"],
};

/** Values for a schema that are mostly right: each now and then another JSON value, an unknown key, a missing key. */
function valuesOf(node: z.core.$ZodType, name?: string): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom("${HOME}", "${NOPE_NOT_SET}", "*", "chat_id:1x", "~/x", Number.NaN),
  );
  return fc.oneof({ arbitrary: rightOf(node, name), weight: 60 }, { arbitrary: wrong, weight: 1 });
}

function rightOf(node: z.core.$ZodType, name = ""): fc.Arbitrary<unknown> {
  const definition = definitionOf(node);
  switch (definition.type) {
    case "object": {
      const members = Object.entries(shapeOf(node));
      const known = members.filter(([, child]) => factsOf(child)?.notYet !== true);
      const record = (keys: typeof members) =>
        fc.record(Object.fromEntries(keys.map(([name, child]) => [name, valuesOf(child, name)])), {
          requiredKeys: keys.filter(([, child]) => unwrap(child) === child).map(([name]) => name),
        });
      const odd = record(members).map((value) => ({ ...value, "zz top": 1 }));
      return fc.oneof({ arbitrary: record(known), weight: 20 }, { arbitrary: odd, weight: 1 });
    }
    case "record":
      return fc.dictionary(
        fc.constantFrom("work", "home", "A b", "constructor"),
        valuesOf(definition.valueType),
        { maxKeys: 3 },
      );
    case "array":
      return fc.array(valuesOf(definition.element, name), { maxLength: 3 });
    case "tuple":
      return fc.array(fc.string(), { maxLength: 3 });
    case "union":
      return fc.oneof(...definition.options.map((option) => valuesOf(option)));
    case "enum":
      return fc.constantFrom(...Object.values(definition.entries));
    case "literal":
      return fc.constantFrom(...definition.values);
    case "boolean":
      return fc.boolean();
    case "number":
      return fc.integer({ min: 1, max: 60_000 });
    default:
      return fc.constantFrom(...(TEXTS[name] ?? ["a@b.c", "+15551234567", "*"]));
  }
}

/** Never throws; either frozen Settings, or problems that each say where and what to do. */
function check(text: string): boolean {
  const compiled = compile(text, { HOME: "/home/x" });
  if (compiled.ok) {
    expect(Object.isFrozen(compiled.settings)).toBe(true);
    expect(compiled.settings.agents.map(({ id }) => id)).toContain(compiled.settings.defaultAgentId);
    return true;
  }
  expect(compiled.problems.length).toBeGreaterThan(0);
  for (const { message, hint, line, column } of compiled.problems) {
    expect(message).not.toMatch(/undefined|\[object|Invalid input/);
    expect(hint).toMatch(/\.$|chmod/);
    expect(Math.min(line, column)).toBeGreaterThanOrEqual(1);
  }
  return false;
}

test("500 generated configs compile or are refused with problems; none crashes", () => {
  let valid = 0;
  fc.assert(
    fc.property(rightOf(configSchema), (config) => {
      if (check(JSON.stringify(config))) valid++;
    }),
    { numRuns: 500 },
  );
  expect(valid).toBeGreaterThan(0);
});

test("any text compiles or is refused", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "'",
    '"',
    "\\",
    "a",
    "channels",
    "//",
    "/*",
    "*/",
    "\n",
    "1",
    "${",
    "\uFEFF",
    "\0",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, (text) => void check(text)),
    { numRuns: 1000 },
  );
});
