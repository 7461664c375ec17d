// A config that fails the schema, made to pass it: what else is wrong with it can be found in the same go.
import type { ConfigPath } from "../read/path.ts";
import type { Fault } from "../read/problem.ts";
import { checkConfig } from "./check.ts";
import { configSchema, type WrittenConfig } from "./schema.ts";
import { alternativeOf, definitionOf, memberOf, schemaAt, shapeOf } from "./walk.ts";

type Node = Parameters<typeof definitionOf>[0];

/** Each round mends what the one before has uncovered. */
const MOST_ROUNDS = 10;

/** Stands for a text that is missing or of another type. */
const ANY_TEXT = "x";

/**
 * Leaves out what the faults are about, and puts anything valid where something must stand; what stands elsewhere keeps its path.
 * Undefined where that does not help.
 */
export function mendConfig(value: unknown, faults: readonly Fault[]): WrittenConfig | undefined {
  let mended = structuredClone(value);
  let found = faults;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    for (const { path } of found) mended = mendAt(mended, path);
    const checked = checkConfig(mended, new Set());
    if (checked.ok) return checked.config;
    found = checked.faults;
  }
  return undefined;
}

function mendAt(config: unknown, path: ConfigPath): unknown {
  const last = path.at(-1);
  if (last === undefined) return {};
  const parent = path.slice(0, -1).reduce<unknown>(memberOf, config);
  if (typeof parent !== "object" || parent === null) return config;
  const members = parent as Record<string | number, unknown>;
  const node = schemaAt(path, config);
  if (node !== undefined && (Array.isArray(parent) || isRequired(path, config)))
    members[last] = sampleOf(node);
  else if (Array.isArray(parent)) parent.length = Math.min(parent.length, Number(last));
  else delete members[last];
  return config;
}

function isRequired(path: ConfigPath, config: unknown): boolean {
  const above = path.slice(0, -1);
  const node = schemaAt(above, config) ?? configSchema;
  const parent = alternativeOf(node, above.reduce<unknown>(memberOf, config)) ?? node;
  const last = String(path.at(-1));
  // The alternatives of a union are told apart by their type.
  if (definitionOf(parent).type === "union") return last === "type";
  const shape = shapeOf(parent);
  return Object.hasOwn(shape, last) && shape[last]?._zod.def.type !== "optional";
}

/** The least that a schema takes. */
function sampleOf(node: Node): unknown {
  const definition = definitionOf(node);
  switch (definition.type) {
    case "string":
      return ANY_TEXT;
    case "number":
      return 1;
    case "boolean":
      return false;
    case "enum":
      return Object.values(definition.entries)[0];
    case "literal":
      return definition.values[0];
    case "array":
      return [];
    case "tuple":
      return definition.items.map((item) => sampleOf(item));
    case "union":
      return definition.options[0] && sampleOf(definition.options[0]);
    case "object": {
      const required = Object.entries(definition.shape).filter(
        ([, child]) => child._zod.def.type !== "optional",
      );
      return Object.fromEntries(required.map(([name, child]) => [name, sampleOf(child)]));
    }
    default:
      return {};
  }
}
