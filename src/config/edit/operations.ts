// What a person can do with the config file: where it is, read, set, unset, validate, its editor schema.
import { isDeepStrictEqual } from "node:util";
import { GatewayError } from "../../model/errors.ts";
import type { ConfigWarning } from "../../model/settings.ts";
import { changePath, undoChange, type ChangeOptions, type ConfigChange, type ConfigUndo } from "./change.ts";
import { compileConfig } from "../read/compile.ts";
import { contentOf, placesOf } from "../read/content.ts";
import { setInText, unsetInText } from "./edit-text.ts";
import { readEnvironment } from "../env.ts";
import { inheritedFrom } from "../resolve/inherited.ts";
import { readConfigText, type LoadOptions } from "../read/load.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import type { ConfigProblem } from "../read/problem.ts";
import { redact } from "../read/render.ts";
import { factsOf, schemaAt, valueAt } from "../schema/walk.ts";
import { readPath, readValue, requireKnownPath } from "./typed.ts";

/** What `config get` shows. */
export interface ConfigValue {
  readonly path: string;
  /** False: the file does not say; `value` is then what another place of the file says for it, or the built-in default, if there is one. */
  readonly isSet: boolean;
  /** Secrets replaced, unless asked for. */
  readonly value: unknown;
  /** Where `value` comes from, or words for a default that is worked out. */
  readonly defaultText: string | undefined;
}

/** What `config validate` found. */
export interface ConfigReport {
  readonly file: string;
  readonly exists: boolean;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigWarning[];
}

/** The absolute path of the config file, there or not. */
export function configPath(options: LoadOptions = {}): string {
  return placesOf(options).configFile;
}

/** The value at a path (undefined: the whole file). Throws `cli/usage` for no path or an unknown key. */
export async function getConfig(
  pathText: string | undefined,
  options: LoadOptions & { readonly reveal?: boolean } = {},
): Promise<ConfigValue> {
  const path = pathText === undefined ? [] : readPath(pathText);
  const file = configPath(options);
  const { value, secretPaths } = contentOf(file, (await readConfigText(file)) ?? "", options);
  requireKnownPath(path, value);
  const show = (at: ConfigPath) =>
    options.reveal === true ? valueAt(value, at) : redact(valueAt(value, at), at, secretPaths);
  if (valueAt(value, path) !== undefined)
    return { path: renderPath(path), isSet: true, value: show(path), defaultText: undefined };
  const origin = inheritedFrom(path, value);
  if (origin !== undefined)
    return {
      path: renderPath(path),
      isSet: false,
      value: show(origin),
      defaultText: `from ${renderPath(origin)}`,
    };
  const node = schemaAt(path, value);
  const facts = node && factsOf(node);
  return { path: renderPath(path), isSet: false, value: facts?.default, defaultText: facts?.defaultText };
}

/**
 * Sets a path to VALUE (JSON5, or a bare text). Throws `cli/usage` for what is no path, key or value, `config/invalid` when the
 * result would not be valid, `config/protected` from chat (see `ChangeOptions`); the file is then as it was.
 */
export async function setConfig(
  pathText: string,
  valueText: string,
  options: ChangeOptions = {},
): Promise<ConfigChange> {
  const path = readPath(pathText);
  return changePath(path, options, (text, config) => {
    requireKnownPath(path, config);
    const value = readValue(path, valueText, config);
    return isDeepStrictEqual(valueAt(config, path), value)
      ? { ok: true, text, changed: false }
      : setInText(text, path, value);
  });
}

/** Removes a path; `changed` is false when it was not set. Throws as `setConfig`. */
export async function unsetConfig(pathText: string, options: ChangeOptions = {}): Promise<ConfigChange> {
  const path = readPath(pathText);
  return changePath(path, options, (text) => unsetInText(text, path));
}

/**
 * Puts back the file as it was before the last change by a command; undoing that brings this one back. Throws `config/no-undo`
 * when there is none, `config/invalid` when it would not be valid, `config/protected` from chat; the file is then as it was.
 */
export async function undoConfig(options: ChangeOptions = {}): Promise<ConfigUndo> {
  return undoChange(options);
}

/** Checks a file (default: the config file) and changes nothing. Throws `config/unreadable`. */
export async function validateConfig(file?: string, options: LoadOptions = {}): Promise<ConfigReport> {
  const places = placesOf({ ...options, configPath: file ?? options.configPath });
  const text = await readConfigText(places.configFile);
  if (text === undefined && file !== undefined)
    throw new GatewayError("config/unreadable", `${file} is not there`, { hint: "Name a file that exists." });
  const compiled = await compileConfig(text ?? "", places, options.environment ?? readEnvironment());
  return {
    file: places.configFile,
    exists: text !== undefined,
    problems: compiled.ok ? [] : compiled.problems,
    warnings: compiled.ok ? compiled.settings.warnings : [],
  };
}

/** The editor JSON Schema; loaded only when asked for. */
export async function configJsonSchema(): Promise<Record<string, unknown>> {
  const { renderJsonSchema } = await import("../schema/json-schema.ts");
  return renderJsonSchema();
}
