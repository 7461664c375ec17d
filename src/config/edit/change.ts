// One change of the config file from reading to writing: edited, allowed, checked, and never on top of somebody else's.
import { isDeepStrictEqual } from "node:util";
import { KeyedQueue } from "../../lib/keyed-queue.ts";
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import type { Handle } from "../../model/handle.ts";
import type { ConfigWarning } from "../../model/settings.ts";
import { compileConfig } from "../read/compile.ts";
import { contentOf, placesOf, type Content } from "../read/content.ts";
import { refuseFromChat } from "./chat-rights.ts";
import { haveSameOwners, keepOwners, type KeptOwners } from "./kept-owners.ts";
import type { Edited } from "./edit-text.ts";
import { readEnvironment } from "../env.ts";
import { requirePrivate } from "../permissions.ts";
import { readConfigText, type LoadOptions } from "../read/load.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import { configError, type ConfigProblem } from "../read/problem.ts";
import { redact } from "../read/render.ts";
import { memberOf, valueAt } from "../schema/walk.ts";
import { backupOf, ConfigConflict, writeConfigText } from "./write.ts";

/** Who makes a change. */
export interface ChangeOptions extends LoadOptions {
  /**
   * Refuses, with `config/protected`, what chat may never change, and values that take an environment variable: they could be read
   * out then. Whether the account allows writes from chat at all (`configWrites`) is the caller's to ask.
   */
  readonly fromChat?: boolean;
}

/** What `config set` and `config unset` did. */
export interface ConfigChange {
  readonly file: string;
  readonly path: string;
  readonly changed: boolean;
  /** Before and after, secrets replaced; undefined: not set. */
  readonly before: unknown;
  readonly after: unknown;
  /** Where the previous file was kept; undefined when there was none or nothing changed. */
  readonly backup: string | undefined;
  readonly warnings: readonly ConfigWarning[];
  /** The owners that a change from chat wrote down by name, so that it makes no others; undefined: it did not have to. */
  readonly keptOwners: readonly Handle[] | undefined;
}

/** What an undo did; of the whole file, so `path` is empty. */
export interface ConfigUndo extends ConfigChange {
  /** What is other than before, each at the shortest path that holds the difference; empty: comments and blanks only. */
  readonly paths: readonly string[];
}

/** Changes of one file run one after another: none is made from a text that another one replaces. */
const changes = new KeyedQueue<string>(Number.MAX_SAFE_INTEGER);

/** How often a change is made anew because another process wrote at the same time. */
const MAX_ATTEMPTS = 3;

/**
 * Changes one path. Contract: throws what `edit` throws, `cli/usage` where the path cannot be edited, `config/protected`, `config/invalid`
 * when the result is not valid; the file is then as it was.
 */
export async function changePath(
  path: ConfigPath,
  options: ChangeOptions,
  edit: (text: string, config: unknown) => Edited,
): Promise<ConfigChange> {
  return inTurn(options, async (file) => {
    const text = await readConfigText(file);
    const before = standing(file, text, options);
    const edited = edit(text ?? "", before.written);
    if (!edited.ok)
      throw new GatewayError("cli/usage", edited.reason, {
        hint: "Run `coderclaw config get` to see what is there.",
      });
    const after = contentOf(file, edited.text, options);
    if (options.fromChat === true) refuseFromChat({ path, before, after });
    const kept =
      options.fromChat === true && edited.changed
        ? await keepOwners(text, edited.text, options)
        : { text: edited.text, written: undefined };
    const warnings = await check(kept.text, { ...options, changed: edited.changed, before: text });
    const backup = edited.changed ? await writeConfigText(file, kept.text, text) : undefined;
    const { written: keptOwners } = kept;
    return { file, changed: edited.changed, backup, warnings, keptOwners, ...shown(path, before, after) };
  });
}

/**
 * Puts the previous file back; undoing that brings this one back. Throws `config/no-undo` when none is kept or it is the same,
 * `config/protected`, and `config/invalid` when it is not valid; the file is then as it was.
 */
export async function undoChange(options: ChangeOptions): Promise<ConfigUndo> {
  return inTurn(options, async (file) => {
    const previous = await readConfigText(backupOf(file));
    const text = await readConfigText(file);
    if (previous === undefined || previous === text) throw noUndo(file);
    // A person at the machine may undo what makes the file no JSON5; what chat may do depends on what there is.
    const before = options.fromChat === true ? standing(file, text, options) : readable(file, text, options);
    const kept = await backFromChat(file, { text, previous, before }, options);
    const after = contentOf(file, kept.text, options);
    const warnings = await check(kept.text, { ...options, changed: true, before: undefined });
    const backup = await writeConfigText(file, kept.text, text);
    const paths = differences(before.written, after.written, []).map(renderPath);
    const { written: keptOwners } = kept;
    return { file, changed: true, backup, warnings, keptOwners, paths, ...shown([], before, after) };
  });
}

/** The text that an undo puts back: from chat, what chat may change alone. */
async function backFromChat(
  file: string,
  put: { readonly text: string | undefined; readonly previous: string; readonly before: Content },
  options: ChangeOptions,
): Promise<KeptOwners> {
  const { text, previous, before } = put;
  if (options.fromChat !== true) return { text: previous, written: undefined };
  const areOwnersSame = await haveSameOwners(text, previous, options);
  refuseFromChat({ path: undefined, before, after: contentOf(file, previous, options), areOwnersSame });
  return keepOwners(text, previous, options);
}

/** Before and after, as they may be shown. */
function shown(
  path: ConfigPath,
  before: Content,
  after: Content,
): Pick<ConfigChange, "path" | "before" | "after"> {
  const show = (content: Content) => redact(valueAt(content.value, path), path, content.secretPaths);
  return { path: renderPath(path), before: show(before), after: show(after) };
}

/** Runs one change of the file after another, and anew where another process wrote at the same time. */
export async function inTurn<Result>(
  options: ChangeOptions,
  make: (file: string) => Promise<Result>,
): Promise<Result> {
  const places = placesOf(options);
  requirePrivate(places);
  const file = places.configFile;
  return changes.add(file, async () => {
    for (let attempt = 1; ; attempt++)
      try {
        return await make(file);
      } catch (error) {
        if (!(error instanceof ConfigConflict) || attempt === MAX_ATTEMPTS) throw error;
      }
  });
}

/** The warnings of a text that is valid; throws `config/invalid` for what is new and wrong. A text that stays as it is may be invalid. */
export async function check(
  text: string,
  options: ChangeOptions & { readonly changed: boolean; readonly before: string | undefined },
): Promise<readonly ConfigWarning[]> {
  const places = placesOf(options);
  const environment = options.environment ?? readEnvironment();
  const compiled = await compileConfig(text, places, environment);
  if (compiled.ok) return compiled.settings.warnings;
  if (!options.changed) return [];
  const before =
    options.before === undefined ? undefined : await compileConfig(options.before, places, environment);
  const known = before === undefined || before.ok ? [] : before.problems;
  // Only what the change itself brings may be told as its fault.
  const isNew = ({ message }: ConfigProblem): boolean => known.every((one) => one.message !== message);
  if (!compiled.problems.some(isNew)) throw asItStands(configError(places.configFile, known));
  throw notWritten(places.configFile, compiled.problems.filter(isNew));
}

/** The file in place. Throws `config/invalid` that says so when it is no JSON5. */
export function standing(file: string, text: string | undefined, options: LoadOptions): Content {
  try {
    return contentOf(file, text ?? "", options);
  } catch (error) {
    throw asItStands(toGatewayError(error));
  }
}

/** `details.standing`: the fault is none of the change that was asked for. */
function asItStands({ code, message, details, cause }: GatewayError): GatewayError {
  return new GatewayError(code, `not written: the config file is not valid as it is: ${message}`, {
    hint: "Correct the file at the machine first.",
    details: { ...details, standing: true },
    cause,
  });
}

/** The positions in these problems are those of the text that was not written: the message does not give them. */
function notWritten(file: string, problems: readonly ConfigProblem[]): GatewayError {
  const { code, hint, details } = configError(file, problems);
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return new GatewayError(code, `not written: ${problems[0]?.message}${more}`, { hint, details });
}

function noUndo(file: string): GatewayError {
  return new GatewayError("config/no-undo", "There is no earlier configuration to go back to", {
    hint: "Set the value itself with `coderclaw config set`.",
    details: { file },
  });
}

function readable(file: string, text: string | undefined, options: LoadOptions): Content {
  try {
    return contentOf(file, text ?? "", options);
  } catch {
    return contentOf(file, "", options);
  }
}

/** What is other, each at the shortest path that holds the difference. */
export function differences(before: unknown, after: unknown, path: ConfigPath): ConfigPath[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isSection(before) || !isSection(after)) return [path];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) =>
    differences(memberOf(before, name), memberOf(after, name), [...path, name]),
  );
}

function isSection(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
