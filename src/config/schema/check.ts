// A config value against the schema: every fault with its path, value, reason and, for unknown keys, the nearest one.
import type * as z from "zod/mini";
import { isLikelySlip, nearestName } from "./nearest.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import { REDACTED, type Fault } from "../read/problem.ts";
import { remedyForType } from "./remedy.ts";
import { configSchema, type WrittenConfig } from "./schema.ts";
import { alternativeOf, definitionOf, factsOf, isSecretKey, schemaAt, shapeOf, valueAt } from "./walk.ts";

/** The config as the schema types it, or what is wrong. */
export type Checked =
  | { readonly ok: true; readonly config: WrittenConfig }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** Checks types and known keys; `secretPaths` are not printed. */
export function checkConfig(value: unknown, secretPaths: ReadonlySet<string>): Checked {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return { ok: true, config: parsed.data };
  const show = (path: ConfigPath) => showValue(value, path, secretPaths);
  const faults = parsed.error.issues.flatMap((issue) => explainIssue(issue, value, show));
  return { ok: false, faults: firstOfEachPath(faults) };
}

/** A value as an error prints it: short, secrets redacted. */
function showValue(config: unknown, path: ConfigPath, secretPaths: ReadonlySet<string>): string {
  if (secretPaths.has(renderPath(path)) || isSecretKey(path)) return REDACTED;
  const value = valueAt(config, path);
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A value of the wrong type breaks every rule for its key: the first says what is wrong. */
function firstOfEachPath(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.filter(({ path }) => !seen.has(renderPath(path)) && seen.add(renderPath(path)));
}

function explainIssue(issue: z.core.$ZodIssue, config: unknown, show: (path: ConfigPath) => string): Fault[] {
  const path = issue.path as ConfigPath;
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((name) => unknownKeyFault([...path, name], config));
  if (valueAt(config, path) === undefined && path.length > 0) return [missingKey(path, config)];
  const where = path.length === 0 ? "The configuration" : renderPath(path);
  const shown = show(path);
  const { reason, hint } = reasonOf(issue, path, config);
  const remedy = path.length === 0 ? "Write the whole file as one object: `{ … }`." : `Correct ${where}.`;
  const told = shown === REDACTED ? undefined : hint;
  return [{ path, message: `${where} is ${shown}: ${reason}`, hint: told ?? remedy }];
}

function missingKey(path: ConfigPath, config: unknown): Fault {
  const where = renderPath(path);
  const node = schemaAt(path, config);
  const meaning = node && factsOf(node)?.description;
  return {
    path,
    message: `${where} is missing`,
    hint: meaning === undefined ? `Add ${where}.` : `Add ${where}: ${meaning}.`,
  };
}

/** The fault of a key that the schema does not have, with the nearest that it has; `where` it stands decides what can be done. */
export function unknownKeyFault(
  path: ConfigPath,
  config: unknown,
  where: "file" | "command line" = "file",
): Fault {
  const parent = schemaAt(path.slice(0, -1), config) ?? configSchema;
  const shape = shapeOf(alternativeOf(parent, valueAt(config, path.slice(0, -1))) ?? parent);
  const written = String(path.at(-1));
  const nearest = nearestName(written, Object.keys(shape));
  const isLikely = nearest !== undefined && isLikelySlip(written, nearest.distance);
  const likely = isLikely ? nearest.name : undefined;
  // In a file the neighbours of a key say what was meant; a path on the command line has none.
  const named = where === "file" || isLikely;
  return {
    path,
    at: "key",
    message: `${renderPath(path)} is not a known key${named ? `; the nearest known key is ${nearest?.name}` : ""}`,
    hint: where === "file" ? removalHint(likely) : correctionHint(likely),
  };
}

function removalHint(likely: string | undefined): string {
  return likely === undefined ? "Remove the key." : `Write \`${likely}\`, or remove the key.`;
}

function correctionHint(likely: string | undefined): string {
  return likely === undefined
    ? "See every key with `coderclaw config schema`."
    : `Write \`${likely}\` in the path.`;
}

interface Reason {
  readonly reason: string;
  readonly hint?: string | undefined;
}

function reasonOf(issue: z.core.$ZodIssue, path: ConfigPath, config: unknown): Reason {
  switch (issue.code) {
    case "invalid_type":
      return {
        reason: `must be ${TYPE_WORDS[issue.expected] ?? issue.expected}`,
        hint: path.length === 0 ? undefined : remedyForType(issue.expected, valueAt(config, path)),
      };
    case "too_small":
      if (issue.origin === "number" || issue.origin === "int")
        return {
          reason: issue.inclusive ? `must be ${issue.minimum} or more` : `must be more than ${issue.minimum}`,
        };
      return { reason: "must not be empty" };
    case "too_big":
      return { reason: `must be ${issue.maximum} or less` };
    case "invalid_value":
      return oneOf(issue.values.map(String), valueAt(config, path));
    case "invalid_union":
      return oneOf(runtimeTypes(path.slice(0, -1), config), valueAt(config, path));
    default:
      return { reason: issue.message };
  }
}

/** The types of the union at a path. */
function runtimeTypes(path: ConfigPath, config: unknown): string[] {
  const node = schemaAt(path, config);
  const definition = node && definitionOf(node);
  if (definition?.type !== "union") return [];
  return definition.options.flatMap((option) => {
    const type = shapeOf(option)["type"];
    const literal = type && definitionOf(type);
    return literal?.type === "literal" ? literal.values.map(String) : [];
  });
}

function oneOf(names: readonly string[], written: unknown): Reason {
  const reason = `must be one of ${listed(names, ", ")}`;
  const nearest = typeof written === "string" ? nearestName(written, names) : undefined;
  if (nearest === undefined || !isLikelySlip(String(written), nearest.distance))
    return { reason, hint: "Write one of them." };
  return { reason, hint: `Write ${JSON.stringify(nearest.name)}.` };
}

function listed(names: readonly string[], separator: string): string {
  return names.map((name) => JSON.stringify(name)).join(separator);
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text in quotes",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "an object",
  record: "an object",
};
