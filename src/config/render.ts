// Config values for people: secrets replaced, texts bare, everything else as JSON.
import { renderPath, type ConfigPath } from "./path.ts";
import { REDACTED } from "./problem.ts";
import { isSecretKey } from "./schema-walk.ts";

/** The value at a path with every secret under it replaced by `••••`. */
export function redact(value: unknown, path: ConfigPath, secretPaths: ReadonlySet<string>): unknown {
  if (isSecretKey(path) || secretPaths.has(renderPath(path))) return REDACTED;
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
