// What an answer that holds from now on would hold for: changes of the very files, inside the workspace, or this very call alone.
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { StandingScope } from "../../model/approval.ts";
import { inputOf } from "./approval-sections.ts";
import { changesOf, placesOf } from "./changes.ts";
import type { Fields } from "./loose.ts";
import { readProgram } from "./program.ts";

/** What is known of a tool call beside its fields. */
export interface CallFacts {
  readonly tool: string;
  readonly toolKind: string;
  readonly title: string;
  /** Where the agent works. */
  readonly folder: string;
}

/** Fields of the input that name files, without case and underscores. */
const PATH_FIELDS = new Set(
  (
    "path paths file files filepath filepaths filename filenames absolutepath abspath relativepath targetfile targetpath target " +
    "source sourcepath src destination destinationpath dest oldpath newpath notebookpath uri uris"
  ).split(" "),
);
/** Kinds of tools that do something to files: never from now on outside of the workspace. */
const FILE_KINDS = new Set(["edit", "delete", "move"]);

/** Undefined: nothing that would be known exactly. */
export async function standingScope(call: Fields, facts: CallFacts): Promise<StandingScope | undefined> {
  const { tool, toolKind, title, folder } = facts;
  if (toolKind === "switch_mode") return undefined;
  const input = inputOf(call);
  const files = FILE_KINDS.has(toolKind) ? await filesInside(namedFiles(call, input), folder) : [];
  if (files === undefined) return undefined;
  if (toolKind === "edit" && files.length > 0 && readProgram(input) === undefined)
    return {
      key: canonical({ covers: "file", tool, files }),
      what: `edit ${files.join(", ")}`,
      covers: files.length === 1 ? "file" : "files",
    };
  if (Object.keys(input).length === 0) return undefined;
  try {
    const { content, locations } = call;
    const key = canonical({ covers: "call", tool, toolKind, title, folder, input, content, locations });
    const command = readProgram(input)?.command;
    return { key, what: oneLine(`${tool}: ${command ?? title}`), covers: "call" };
  } catch {
    // It is nested too deeply.
    return undefined;
  }
}

/** All files that the call names anywhere. */
function namedFiles(call: Fields, input: Fields): readonly string[] {
  const told = Object.entries(input)
    .filter(([name]) => PATH_FIELDS.has(name.toLowerCase().replace(/[_-]/g, "")))
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))
    .filter((value): value is string => typeof value === "string" && value !== "");
  return [...new Set([...changesOf(call).map(({ path }) => path), ...placesOf(call), ...told])];
}

/** Where the files really are, sorted; undefined: one of them is outside, or not plainly a path. */
async function filesInside(paths: readonly string[], folder: string): Promise<readonly string[] | undefined> {
  const root = await realPlace(folder);
  if (root === undefined) return undefined;
  const real: string[] = [];
  for (const path of paths) {
    if (path === "" || /^~|^[a-z][a-z0-9+.-]*:|[$*?\0]/i.test(path)) return undefined;
    const place = await realPlace(resolve(folder, path));
    if (place === undefined) return undefined;
    const inside = relative(root, place);
    if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside))
      return undefined;
    real.push(place);
  }
  return [...new Set(real)].sort();
}

/** Follows links as far as the path is there; undefined: a link leads to what is not there yet, or nobody can say. */
async function realPlace(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") return undefined;
  }
  const isThere = await lstat(path).then(
    () => true,
    () => false,
  );
  const above = dirname(path);
  if (isThere || above === path) return undefined;
  const place = await realPlace(above);
  return place === undefined ? undefined : join(place, basename(path));
}

/** JSON that is the same whatever the order of the fields. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ").trim();
}
