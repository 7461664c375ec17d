// Walking the schema: which keys there are at a path, and what is known about the key there.
import type * as z from "zod/mini";
import type { ConfigPath } from "../read/path.ts";
import { configSchema } from "./schema.ts";
import { keyFacts, type KeyFacts } from "./key.ts";

type Node = z.core.$ZodType;
type Definition = z.core.$ZodTypes["_zod"]["def"];

/** The schema without `optional` around it. */
export function unwrap(node: Node): Node {
  const definition = node._zod.def as Definition;
  return definition.type === "optional" ? unwrap(definition.innerType) : node;
}

/** The definition of a schema, `optional` taken off: a union that is told apart by its `type`. */
export function definitionOf(node: Node): Definition {
  return unwrap(node)._zod.def as Definition;
}

/** Facts that were given to the schema, with or without `optional` around it. */
export function factsOf(node: Node): KeyFacts | undefined {
  return keyFacts.get(node) ?? keyFacts.get(unwrap(node));
}

/** The keys of an object schema; none for anything else. */
export function shapeOf(node: Node): Readonly<Record<string, Node>> {
  const definition = definitionOf(node);
  return definition.type === "object" ? definition.shape : {};
}

/**
 * The schema under one segment of `node`. Of a union it is that of the alternative which `value` (what is written at
 * `node`, if known) chooses by its `type`; without one, of the first alternative that has the key.
 */
export function childOf(node: Node, segment: string | number, value?: unknown): Node | undefined {
  const definition = definitionOf(node);
  if (definition.type === "object")
    return Object.hasOwn(definition.shape, segment) ? definition.shape[segment] : undefined;
  if (definition.type === "record") return definition.valueType;
  if (definition.type === "array") return typeof segment === "number" ? definition.element : undefined;
  if (definition.type === "tuple")
    return typeof segment === "number"
      ? (definition.items[segment] ?? definition.rest ?? undefined)
      : undefined;
  if (definition.type !== "union") return undefined;
  const chosen = alternativeOf(node, value);
  if (chosen) return childOf(chosen, segment);
  return definition.options.map((option) => childOf(option, segment)).find((child) => child !== undefined);
}

/** The alternative of a union that `value.type` names. */
export function alternativeOf(node: Node, value: unknown): Node | undefined {
  const definition = definitionOf(node);
  if (definition.type !== "union" || typeof value !== "object" || value === null) return undefined;
  const written = (value as { type?: unknown }).type;
  return definition.options.find((option) => {
    const type = shapeOf(option)["type"];
    const literal = type && definitionOf(type);
    return literal?.type === "literal" && literal.values.includes(written as string);
  });
}

/** The schema at a path, and the value of the config there; undefined where the schema has no such key. */
export function schemaAt(path: ConfigPath, config?: unknown): Node | undefined {
  let node: Node | undefined = configSchema;
  let value = config;
  for (const segment of path) {
    node = node && childOf(node, segment, value);
    value = memberOf(value, segment);
  }
  return node;
}

/** The member of a JSON value; undefined when there is none. */
export function memberOf(value: unknown, segment: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, segment)) return undefined;
  return (value as Record<string | number, unknown>)[segment];
}

/** The value at a path of a JSON value; undefined when there is none. */
export function valueAt(config: unknown, path: ConfigPath): unknown {
  return path.reduce(memberOf, config);
}

/** True when the schema marks the path, or one above it, as secret. */
export function isSecretKey(path: ConfigPath): boolean {
  let node: Node | undefined = configSchema;
  for (const segment of path) {
    node = node && childOf(node, segment);
    if (node && factsOf(node)?.secret) return true;
  }
  return false;
}
