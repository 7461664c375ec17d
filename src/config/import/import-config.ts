// Takes over a config of OpenClaw or its kin: what is known is taken, what has another name is translated, everything else is named with a reason.
import { readFile } from "node:fs/promises";
import { GatewayError } from "../../model/errors.ts";
import { changePath } from "../edit/change.ts";
import { setInText } from "../edit/edit-text.ts";
import { writeConfigText } from "../edit/write.ts";
import { readEnvironment } from "../env.ts";
import { compileConfig } from "../read/compile.ts";
import { contentOf, placesOf } from "../read/content.ts";
import { readConfigText, type LoadOptions } from "../read/load.ts";
import { parseText } from "../read/parse.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import { configError } from "../read/problem.ts";
import { memberOf, schemaAt, valueAt } from "../schema/walk.ts";
import type { ImportedKey } from "./imported-key.ts";
import { agentOf, bindingOf } from "./list-items.ts";
import { meaningOf, MOVED, reasonFor } from "./openclaw-keys.ts";

const MAX_BYTES = 4 * 1024 * 1024;

/** What an import did, or would do. */
export interface Import {
  readonly file: string;
  readonly taken: readonly ImportedKey[];
  readonly translated: readonly ImportedKey[];
  readonly left: readonly ImportedKey[];
  /** Set in the config here already, and not touched. */
  readonly kept: readonly ImportedKey[];
  readonly changed: boolean;
  /** Where the previous file was kept. */
  readonly backup: string | undefined;
}

/** A key of the other file on its way into this config. */
export interface Candidate {
  readonly from: ConfigPath;
  readonly to: ConfigPath;
  readonly value: unknown;
  readonly note: string;
}

interface Plan {
  readonly candidates: readonly Candidate[];
  readonly left: readonly ImportedKey[];
}

/**
 * Imports a file; with `isDryRun` nothing is written.
 *
 * Contract: never replaces what this config says; the result is valid, or nothing is written. Throws `config/unreadable`, `config/invalid`
 * for a file that is not JSON5.
 */
export async function importConfig(source: string, isDryRun: boolean, options: LoadOptions): Promise<Import> {
  const plan = planImport(await readSource(source));
  const file = placesOf(options).configFile;
  const before = (await readConfigText(file)) ?? "";
  const present = contentOf(file, before, options).written;
  const isSet = ({ to }: Candidate): boolean => valueAt(present, to) !== undefined;
  const kept = plan.candidates.filter(isSet);
  const { text, accepted, refused } = await fit(
    before,
    plan.candidates.filter((one) => !isSet(one)),
    options,
  );
  const change =
    isDryRun || accepted.length === 0
      ? undefined
      : await changePath([], options, () => ({ ok: true, text, changed: true }));
  return {
    file,
    taken: accepted.filter(isSame).map(shown),
    translated: accepted.filter((one) => !isSame(one)).map(shown),
    left: [...plan.left, ...refused],
    kept: kept.map(shown),
    changed: change?.changed ?? false,
    backup: change?.backup,
  };
}

function isSame({ from, to, note }: Candidate): boolean {
  return note === "" && renderPath(from) === renderPath(to);
}

function shown({ from, to, note }: Candidate): ImportedKey {
  return { from: renderPath(from), to: renderPath(to), note };
}

async function readSource(source: string): Promise<unknown> {
  const text = await readFile(source, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new GatewayError(
      "config/unreadable",
      `"${source}" could not be read (${cause.code ?? cause.message})`,
      {
        hint: "Name the config file of the other gateway, such as ~/.openclaw/openclaw.json.",
        cause,
      },
    );
  });
  if (text.length > MAX_BYTES)
    throw new GatewayError("config/unreadable", `"${source}" is too large for a config`, {
      hint: "Name the config file itself.",
    });
  const parsed = parseText(text);
  if ("message" in parsed) throw configError(source, [parsed]);
  return parsed.value;
}

/** Every key of the other file: what it becomes, or why it is left out. Nothing of the present config is looked at. */
export function planImport(value: unknown): Plan {
  const candidates: Candidate[] = [];
  const left: ImportedKey[] = [];
  for (const { from, path, value: leaf } of leavesOf(value)) {
    const meaning = meaningOf(path, leaf);
    if (meaning?.kind === "set")
      candidates.push({ from, to: meaning.path, value: meaning.value, note: meaning.note });
    else if (meaning !== undefined)
      left.push({ from: renderPath(from), to: undefined, note: meaning.because });
    else if (path.join(".") === "agents.list" || path.join(".") === "bindings") {
      const items = (Array.isArray(leaf) ? leaf : []).map((item: unknown, at) =>
        (path.length === 1 ? bindingOf : agentOf)(item, [...from, at]),
      );
      const values = items.flatMap((item) => item.value ?? []);
      left.push(...items.flatMap((item) => item.left));
      if (values.length > 0) candidates.push({ from, to: path, value: values, note: "" });
    } else if (schemaAt(path) === undefined)
      left.push({ from: renderPath(from), to: undefined, note: reasonFor(path) });
    else candidates.push({ from, to: path, value: leaf, note: "" });
  }
  return { candidates, left };
}

interface Leaf {
  /** As written. */
  readonly from: ConfigPath;
  /** By the names of today. */
  readonly path: ConfigPath;
  readonly value: unknown;
}

/** The keys that hold a value or a list; sections that are unknown as a whole are one. */
function leavesOf(value: unknown, from: ConfigPath = []): readonly Leaf[] {
  const path = renamed(from);
  const isSection = typeof value === "object" && value !== null && !Array.isArray(value);
  const isKnown =
    path.length === 0 || from.length !== path.length || schemaAt(path) !== undefined || isAbove(path);
  if (!isSection || (!isKnown && meaningOf(path, value) === undefined && path.length > 1))
    return [{ from, path, value }];
  const names = Object.keys(value);
  if (
    names.length === 0 ||
    (path.length === 1 && schemaAt(path) === undefined && !isAbove(path) && !isMoved(from))
  )
    return [{ from, path, value }];
  return names.flatMap((name) => leavesOf(memberOf(value, name), [...from, name]));
}

/** Sections whose keys may mean something although the section itself does not exist here. */
function isAbove(path: ConfigPath): boolean {
  const text = path.join(".");
  return ["gateway.auth", "channels.imessage.catchup", "agents", "routing"].includes(text);
}

function isMoved(from: ConfigPath): boolean {
  return MOVED.some(([old]) => old.length >= from.length && from.every((segment, at) => segment === old[at]));
}

function renamed(from: ConfigPath): ConfigPath {
  const rule = MOVED.find(
    ([old]) => old.length <= from.length && old.every((segment, at) => segment === from[at]),
  );
  return rule === undefined ? from : [...rule[1], ...from.slice(rule[0].length)];
}

interface Fitted {
  readonly text: string;
  readonly accepted: readonly Candidate[];
  readonly refused: readonly ImportedKey[];
}

/** Adds candidates to a text, leaving out one after another what would not be valid there. */
async function fit(text: string, candidates: readonly Candidate[], options: LoadOptions): Promise<Fitted> {
  const places = placesOf(options);
  const environment = options.environment ?? readEnvironment();
  let accepted = [...candidates];
  const refused: ImportedKey[] = [];
  for (;;) {
    const made = addAll(text, accepted);
    refused.push(...made.refused);
    accepted = [...made.accepted];
    const compiled = await compileConfig(made.text, places, environment);
    const problem = compiled.ok
      ? undefined
      : compiled.problems.find(({ path }) => accepted.some((one) => isAt(one, path)));
    if (problem === undefined) return { text: made.text, accepted, refused };
    const faulty = accepted.findLast((one) => isAt(one, problem.path));
    accepted = accepted.filter((one) => one !== faulty);
    if (faulty !== undefined)
      refused.push({ from: renderPath(faulty.from), to: undefined, note: problem.message });
  }
}

function isAt({ to }: Candidate, path: string): boolean {
  const own = renderPath(to);
  return (
    path === own || path.startsWith(`${own}.`) || path.startsWith(`${own}[`) || own.startsWith(`${path}.`)
  );
}

function addAll(text: string, candidates: readonly Candidate[]): Fitted {
  let now = text;
  const accepted: Candidate[] = [];
  const refused: ImportedKey[] = [];
  for (const one of candidates) {
    const edited = setInText(now, one.to, one.value);
    if (edited.ok) {
      now = edited.text;
      accepted.push(one);
    } else refused.push({ from: renderPath(one.from), to: undefined, note: edited.reason });
  }
  return { text: now, accepted, refused };
}

/** A config in our place that is another gateway's, as it would be here. */
export interface Translation {
  readonly text: string;
  readonly left: readonly ImportedKey[];
  /** Writes it; the file as it was is kept beside it. */
  write(): Promise<void>;
}

/** Translates the config file itself; undefined when nothing of it has a meaning here, or when it is not JSON5. */
export async function translateConfig(options: LoadOptions): Promise<Translation | undefined> {
  const file = placesOf(options).configFile;
  const present = await readConfigText(file);
  const parsed = parseText(present ?? "");
  if (present === undefined || "message" in parsed) return undefined;
  const plan = planImport(parsed.value);
  const { text, accepted, refused } = await fit("", plan.candidates, options);
  if (accepted.length === 0) return undefined;
  return {
    text,
    left: [...plan.left, ...refused],
    write: async () => void (await writeConfigText(file, text, present)),
  };
}
