// Every key of the configuration as a form needs it: those the schema has, with those of the accounts and agents that the file names.
import * as z from "zod/mini";
import { renderPath, type ConfigPath } from "../read/path.ts";
import { configSchema } from "./schema.ts";
import { definitionOf, factsOf, memberOf, unwrap } from "./walk.ts";

type Node = z.core.$ZodType;

/** How a value is put in. `json`: as JSON5. */
export type KeyInput =
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  | { readonly kind: "number"; readonly least: number | undefined; readonly most: number | undefined }
  | { readonly kind: "text" | "texts" | "json" };

/** One key. */
export interface SchemaKey {
  readonly path: ConfigPath;
  readonly help: string;
  readonly input: KeyInput;
  readonly default: unknown;
  readonly defaultText: string | undefined;
}

/** Where entries of the file are opened, each with the keys that it can have. */
const OPENED = new Set(["channels.imessage.accounts", "agents.list"]);

/** Accounts and agents whose keys are all listed; of more, those that are set. */
const MOST_OPENED = 6;

/** The keys, in the order of the reference; `written` is the file's value. */
export function listKeys(written: unknown): readonly SchemaKey[] {
  return keysUnder(configSchema, [], written).filter(({ path }) => path[0] !== "$schema");
}

function keysUnder(node: Node, path: ConfigPath, written: unknown): readonly SchemaKey[] {
  const definition = definitionOf(node);
  if (definition.type === "object")
    return Object.entries(definition.shape).flatMap(([name, child]) =>
      keysUnder(child, [...path, name], memberOf(written, name)),
    );
  const entries = OPENED.has(renderPath(path)) ? entriesOf(written) : [];
  const entryNode =
    definition.type === "record"
      ? definition.valueType
      : definition.type === "array"
        ? definition.element
        : undefined;
  if (entries.length === 0 || entryNode === undefined) return [keyAt(node, path)];
  const isWhole = entries.length <= MOST_OPENED;
  return entries.flatMap(([name, value]) =>
    keysUnder(entryNode, [...path, name], value).filter(
      (key) => isWhole || valueUnder(value, key.path.slice(path.length + 1)) !== undefined,
    ),
  );
}

function valueUnder(value: unknown, rest: ConfigPath): unknown {
  return rest.reduce(memberOf, value);
}

function entriesOf(written: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(written)) return written.map((value: unknown, index) => [index, value] as const);
  return typeof written === "object" && written !== null ? Object.entries(written) : [];
}

function keyAt(node: Node, path: ConfigPath): SchemaKey {
  const facts = factsOf(node);
  return {
    path,
    help: facts?.description ?? "",
    input: inputOf(node),
    default: facts?.default,
    defaultText: facts?.defaultText,
  };
}

function inputOf(node: Node): KeyInput {
  const definition = definitionOf(node);
  switch (definition.type) {
    case "boolean":
      return { kind: "switch" };
    case "enum":
      return { kind: "choice", options: Object.values(definition.entries).map(String) };
    case "literal":
      return { kind: "choice", options: definition.values.map(String) };
    case "string":
      return { kind: "text" };
    case "number": {
      const { minimum, exclusiveMinimum, maximum } = z.toJSONSchema(unwrap(node));
      const least = typeof exclusiveMinimum === "number" ? exclusiveMinimum : minimum;
      return { kind: "number", least, most: maximum };
    }
    case "array":
      return { kind: definitionOf(definition.element).type === "string" ? "texts" : "json" };
    default:
      return { kind: "json" };
  }
}
