import fc from "fast-check";
import { expect, test } from "vitest";
import type * as z from "zod/mini";
import { compile } from "../../../test/config/compile-for-test.ts";
import { configSchema } from "../schema/schema.ts";
import { definitionOf, factsOf, shapeOf, unwrap } from "../schema/walk.ts";

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
  groupAllowFrom: ["a@b.c", "chat_id:5", "*"],
  allowTo: ["+15551234567", "chat_guid:any;+;c"],
  mentionPatterns: ["claw", "小爪", "^hey (bot|claw)\\b", "(a+)+$"],
  baseUrl: ["http://127.0.0.1:11434/v1", "https://api.example.com/v1/"],
  apiKey: ["sk-1234567890"],
  systemPrompt: ["", "You are terse."],
};

/** Keys of maps; now and then one that is not right. */
const ENTRY_NAMES: Readonly<Record<string, readonly string[]>> = {
  ID: ["work", "home", "A b", "constructor"],
  CHAT: ["12", "chat_id:13", "chat_guid:iMessage;+;c", "chat_identifier:c", "*", "12abc"],
  HANDLE: ["a@b.c", "+15551234567", "chat_id:1"],
  NAME: ["anna", "bob", "toString", "A b"],
};

/** Whether now and then a value, a key or the name of an entry is wrong. */
type Slips = "slips" | "none";

/** Values for a schema. */
function valuesOf(node: z.core.$ZodType, slips: Slips, name?: string): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom("${HOME}", "${NOPE_NOT_SET}", "*", "chat_id:1x", "~/x", Number.NaN),
  );
  const right = rightOf(node, slips, name);
  return slips === "none"
    ? right
    : fc.oneof({ arbitrary: right, weight: 60 }, { arbitrary: wrong, weight: 1 });
}

function rightOf(node: z.core.$ZodType, slips: Slips, name = ""): fc.Arbitrary<unknown> {
  const definition = definitionOf(node);
  switch (definition.type) {
    case "object": {
      const members = Object.entries(shapeOf(node));
      const record = (keys: typeof members) =>
        fc.record(Object.fromEntries(keys.map(([each, child]) => [each, valuesOf(child, slips, each)])), {
          requiredKeys: keys.filter(([, child]) => unwrap(child) === child).map(([each]) => each),
        });
      if (slips === "none") return record(members);
      const odd = record(members).map((value) => ({ ...value, "zz top": 1 }));
      return fc.oneof({ arbitrary: record(members), weight: 20 }, { arbitrary: odd, weight: 1 });
    }
    case "record": {
      const names = ENTRY_NAMES[factsOf(node)?.entryName ?? ""] ?? ["x"];
      const right = slips === "none" ? names.slice(0, 2) : names;
      return fc.dictionary(fc.constantFrom(...right), valuesOf(definition.valueType, slips), { maxKeys: 3 });
    }
    case "array":
      return fc.array(valuesOf(definition.element, slips, name), { maxLength: slips === "none" ? 1 : 3 });
    case "tuple":
      return fc.array(fc.string({ minLength: 1 }), { minLength: slips === "none" ? 1 : 0, maxLength: 3 });
    case "union":
      return fc.oneof(...definition.options.map((option) => valuesOf(option, slips)));
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

const pieces = fc.constantFrom(
  ...Array.from("{}[]:,'\"\\a1\n\uFEFF\0"),
  "channels",
  "//",
  "/*",
  "*/",
  "${",
  "12:",
);

/** A text that is nearly right: something in it is missing, or too much. */
const spoilt = fc
  .tuple(
    rightOf(configSchema, "none"),
    fc.array(fc.tuple(fc.nat(), fc.nat(3), pieces), { minLength: 1, maxLength: 3 }),
  )
  .map(([config, cuts]) =>
    cuts.reduce((text, [at, length, piece]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + piece + text.slice(start + length);
    }, JSON.stringify(config)),
  );
const garbage = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(pieces).map((parts) => parts.join("")),
  fc.jsonValue().map((value) => JSON.stringify(value)),
);

test("2,000 generated configs, right, nearly right and garbage, compile or are refused with problems; none crashes", () => {
  let valid = 0;
  const texts = fc.oneof(
    { arbitrary: rightOf(configSchema, "none").map((config) => JSON.stringify(config)), weight: 2 },
    { arbitrary: rightOf(configSchema, "slips").map((config) => JSON.stringify(config)), weight: 2 },
    { arbitrary: spoilt, weight: 1 },
    { arbitrary: garbage, weight: 1 },
  );
  fc.assert(
    fc.property(texts, (text) => {
      if (check(text)) valid++;
    }),
    { numRuns: 2000 },
  );

  // How many come out right is chance; that some do is not.
  expect(valid).toBeGreaterThan(30);
});
