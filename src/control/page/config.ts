// The config file as the page shows and changes it: every key beside the file's own text, and a diff before anything is written.
import { diffLines } from "diff";
import { isProtected } from "../../config/edit/chat-rights.ts";
import { applyEdits, planEdits, versionOfText, type Edits } from "../../config/edit/edits.ts";
import { backupOf } from "../../config/edit/write.ts";
import { readEnvironment } from "../../config/env.ts";
import { compileConfig } from "../../config/read/compile.ts";
import { contentOf, placesOf, type Content } from "../../config/read/content.ts";
import { readConfigText, type LoadOptions } from "../../config/read/load.ts";
import { renderPath } from "../../config/read/path.ts";
import { redactText } from "../../config/read/redact-text.ts";
import { redact } from "../../config/read/render.ts";
import { inheritedFrom } from "../../config/resolve/inherited.ts";
import { listKeys, type SchemaKey } from "../../config/schema/keys.ts";
import { isSecretKey, valueAt } from "../../config/schema/walk.ts";
import type { Actor } from "../../model/activity.ts";
import type { Store } from "../../model/store.ts";
import type {
  ConfigAnswer,
  ConfigChangeAnswer,
  ConfigKey,
  ConfigPreviewAnswer,
  DiffLine,
} from "./config-answers.ts";
import { clipText } from "./piece.ts";

export type { Edits };

/** Of a file, in UTF-16 units: what is longer is not shown, and can only be changed on the gateway's machine. */
const LONGEST_TEXT = 60_000;
const MOST_KEYS = 400;
const MOST_PROBLEMS = 50;
/** Unchanged lines shown around a change. */
const AROUND = 3;
const MOST_DIFF_LINES = 600;

const UNREADABLE =
  "// The file cannot be shown: it is not valid JSON5, so what in it is secret is not known.\n";
const TOO_LONG = "\n// The rest of the file is not shown here.\n";

/** The file, and every key with its value. Throws `config/unreadable`. */
export async function readConfigPage(options: LoadOptions): Promise<ConfigAnswer> {
  const places = placesOf(options);
  const file = places.configFile;
  const text = await readConfigText(file);
  const compiled = await compileConfig(text ?? "", places, options.environment ?? readEnvironment());
  const content = contentIfReadable(file, text ?? "", options);
  const previous = await readConfigText(backupOf(file));
  const shown = clipText(redactText(text ?? "") ?? UNREADABLE, LONGEST_TEXT);
  return {
    file,
    exists: text !== undefined,
    text: shown.text.length < shown.textChars ? shown.text + TOO_LONG : shown.text,
    version: versionOfText(text),
    problems: compiled.ok
      ? []
      : compiled.problems
          .slice(0, MOST_PROBLEMS)
          .map(({ path, line, column, message, hint }) => ({ path, line, column, message, hint })),
    warnings: compiled.ok ? compiled.settings.warnings.slice(0, MOST_PROBLEMS) : [],
    canUndo: previous !== undefined && previous !== text,
    keys: content === undefined ? [] : keysOf(content),
  };
}

/** What changes would do. Throws as `planEdits`. */
export async function previewConfig(edits: Edits, options: LoadOptions): Promise<ConfigPreviewAnswer> {
  const { before, after, problems, warnings } = await planEdits(edits, options);
  return {
    diff: diffOf(redactText(before ?? "") ?? "", redactText(after) ?? ""),
    problems: problems.slice(0, MOST_PROBLEMS),
    warnings: warnings.slice(0, MOST_PROBLEMS),
  };
}

/** Makes changes, and notes who did. Throws as `applyEdits`. */
export async function changeConfig(
  store: Pick<Store, "activity">,
  edits: Edits,
  { by, nowMs, ...options }: LoadOptions & { readonly by: Actor; readonly nowMs: number },
): Promise<ConfigChangeAnswer> {
  const made = await applyEdits(edits, options);
  const what = made.paths.length === 0 ? "comments only" : made.paths.slice(0, 10).join(", ");
  const text = "undo" in edits ? `took the last config change back: ${what}` : `changed the config: ${what}`;
  if (made.version !== edits.version)
    await store.activity.note({ atMs: nowMs, kind: "config", actor: by, text });
  return made;
}

function contentIfReadable(file: string, text: string, options: LoadOptions): Content | undefined {
  try {
    return contentOf(file, text, options);
  } catch {
    return undefined;
  }
}

function keysOf(content: Content): readonly ConfigKey[] {
  return listKeys(content.written)
    .slice(0, MOST_KEYS)
    .map((key) => keyOf(key, content));
}

function keyOf({ path, help, input, ...builtIn }: SchemaKey, { value, secretPaths }: Content): ConfigKey {
  const name = renderPath(path);
  const isSet = valueAt(value, path) !== undefined;
  const origin = isSet ? path : inheritedFrom(path, value);
  const inForce =
    origin === undefined ? builtIn.default : redact(valueAt(value, origin), origin, secretPaths);
  const from = origin === undefined ? builtIn.defaultText : `from ${renderPath(origin)}`;
  const isLocked = isProtected(path) || isSecretKey(path);
  return {
    path: name,
    help,
    input,
    isSet,
    value: inForce,
    defaultText: isSet ? undefined : from,
    locked: isLocked ? `Change it on the gateway's machine: coderclaw config set ${name}` : undefined,
  };
}

function diffOf(before: string, after: string): readonly DiffLine[] {
  const lines = diffLines(before, after).flatMap(({ added, removed, value }) =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((text): DiffLine => ({ kind: added ? "added" : removed ? "removed" : "same", text })),
  );
  return withoutFarLines(lines).slice(0, MOST_DIFF_LINES);
}

/** Unchanged lines far from any change become one `gap`. */
function withoutFarLines(lines: readonly DiffLine[]): readonly DiffLine[] {
  const isNear = new Set<number>();
  for (const [index, { kind }] of lines.entries())
    if (kind !== "same") for (let at = index - AROUND; at <= index + AROUND; at += 1) isNear.add(at);
  return lines.flatMap((line, index): DiffLine[] => {
    if (isNear.has(index)) return [line];
    return index === 0 || isNear.has(index - 1) ? [{ kind: "gap", text: "" }] : [];
  });
}
