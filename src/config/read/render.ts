// Config values for people: secrets replaced, texts bare, everything else as JSON.
import { renderPath, type ConfigPath } from "./path.ts";
import { REDACTED } from "./problem.ts";
import { isSecretKey, schemaAt } from "../schema/walk.ts";

/** The value at a path with every secret under it replaced by `••••`; what the schema does not know may be a mistyped one. */
export function redact(value: unknown, path: ConfigPath, secretPaths: ReadonlySet<string>): unknown {
  const isUnknown = schemaAt(path) === undefined;
  if (isUnknown || isSecretKey(path) || secretPaths.has(renderPath(path)))
    return value === undefined ? undefined : REDACTED;
  if (Array.isArray(value)) return value.map((item, index) => redact(item, [...path, index], secretPaths));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, redact(item, [...path, name], secretPaths)]),
  );
}

/** A value as `config get` prints it: a text as it is, anything else as indented JSON. */
export function renderConfigValue(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}
