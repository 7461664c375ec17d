// Config text to Settings or problems: parse → variables → schema → resolve. Nothing is written, nothing is kept.
import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { loadPatternEngine } from "../../model/mention-pattern.ts";
import type { Settings } from "../../model/settings.ts";
import { checkConfig } from "../schema/check.ts";
import { mendConfig } from "../schema/mend.ts";
import type { Environment } from "../env.ts";
import { interpolate } from "./interpolate.ts";
import { locate, parseText, type ValueNode } from "./parse.ts";
import { isUnder, renderPath, type ConfigPath } from "./path.ts";
import type { Places } from "../places.ts";
import type { ConfigProblem, Fault } from "./problem.ts";
import { Report } from "../resolve/report.ts";
import { needsPatternEngine } from "../resolve/mentions.ts";
import { runtimeSecrets } from "../resolve/runtime.ts";
import { resolveSettings } from "../resolve/resolve.ts";
import type { WrittenConfig } from "../schema/schema.ts";

/** Settings, or every problem that was found. */
export type Compiled =
  | {
      readonly ok: true;
      readonly settings: Settings;
      readonly secrets: readonly string[];
      /** Names of the environment variables that the text takes. */
      readonly interpolated: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Compiles the text of the config file; the empty text gives the defaults. */
export async function compileConfig(
  text: string,
  places: Places,
  environment: Environment,
): Promise<Compiled> {
  const read = readConfig(text, environment);
  if (read.ok && needsPatternEngine(read.config)) await loadPatternEngine();
  return finish(read, places, environment);
}

/** `compileConfig` at once. Contract: throws unless `loadPatternEngine` is done where the text has a pattern that needs it. */
export function compileConfigNow(text: string, places: Places, environment: Environment): Compiled {
  return finish(readConfig(text, environment), places, environment);
}

/** A text that was read. */
type Read =
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }
  | {
      readonly ok: true;
      /** What the schema types; made to pass where it does not. */
      readonly config: WrittenConfig;
      /** What is wrong with it so far. */
      readonly faults: readonly Fault[];
      readonly root: ValueNode | undefined;
      readonly version: string;
      readonly secretPaths: ReadonlySet<string>;
      readonly variables: ReadonlyMap<string, string>;
    };

function readConfig(text: string, environment: Environment): Read {
  const parsed = parseText(text);
  if ("message" in parsed) return { ok: false, problems: [parsed] };
  const { value, faults: missing, secretPaths, variables } = interpolate(parsed.value, environment.variable);
  const early = [...parsed.faults, ...missing];
  const checked = checkConfig(value, secretPaths);
  const rest = checked.ok ? [] : checked.faults.filter(isNews(early));
  const faults = [...early, ...rest];
  const config = checked.ok ? checked.config : mendConfig(value, checked.faults);
  if (config === undefined) return { ok: false, problems: placeFaults(faults, parsed.root) };
  const version = versionOf(text, variables);
  return { ok: true, config, faults, root: parsed.root, version, secretPaths, variables };
}

function finish(read: Read, places: Places, environment: Environment): Compiled {
  if (!read.ok) return read;
  const report = new Report(read.secretPaths);
  const settings = resolveSettings(read.config, read.version, {
    file: places.configFile,
    baseDir: dirname(places.configFile),
    places,
    environment,
    report,
  });
  const faults = [...read.faults, ...report.faults.filter(isNews(read.faults))];
  if (faults.length > 0) return { ok: false, problems: placeFaults(faults, read.root) };
  return {
    ok: true,
    settings,
    secrets: secretsOf(settings, read.variables),
    interpolated: [...read.variables.keys()],
  };
}

/** Tells what is wrong by itself from what only follows from these faults. */
function isNews(known: readonly Fault[]): (fault: Fault) => boolean {
  return ({ path, unknown }) =>
    !known.some(
      (one) =>
        isUnder(path, one.path) ||
        (path.length > 0 && isUnder(one.path, path)) ||
        (unknown !== undefined && hidesName(one.path, unknown)),
    );
}

/** True when the names of agents or accounts cannot all be read for a fault there. */
function hidesName(path: ConfigPath, what: "agent" | "account"): boolean {
  const names = what === "agent" ? ["agents", "list"] : ["channels", "imessage", "accounts"];
  const isEntry = isUnder(path, names) && path.length === names.length + 1;
  const isId = what === "agent" && isUnder(path, names) && path.at(-1) === "id";
  return isUnder(names, path) || isEntry || isId;
}

/** Keys and tokens, and what came from `${NAME}`. A path is no secret: without it no line about a program or a file could be read. */
function secretsOf({ gateway, agents }: Settings, variables: ReadonlyMap<string, string>): readonly string[] {
  const fromVariables = [...variables.values()].filter((value) => !/^[~/]/.test(value));
  const fromAgents = agents.flatMap(({ runtime }) => runtimeSecrets(runtime));
  const token = [gateway.token, gateway.metricsToken].filter((secret) => secret !== undefined);
  return [...new Set([...token, ...fromVariables, ...fromAgents])];
}

/** Twelve hex digits that name this text with these variables. */
function versionOf(text: string, variables: ReadonlyMap<string, string>): string {
  const hash = createHash("sha256").update(text);
  for (const [name, value] of [...variables].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(JSON.stringify([name, value]));
  return hash.digest("hex").slice(0, 12);
}

/** Faults with their positions, in the order of the file. */
function placeFaults(faults: readonly Fault[], root: ValueNode | undefined): ConfigProblem[] {
  const problems = faults.map((fault) => {
    const at = fault.at ?? "value";
    const position = at === "outside" ? { line: 0, column: 0 } : locate(root, fault.path, at);
    return {
      path: renderPath(fault.path),
      line: position.line,
      column: position.column,
      message: fault.message,
      hint: fault.hint,
      unsupported: fault.unsupported ?? false,
    };
  });
  return problems.sort((a, b) => a.line - b.line || a.column - b.column);
}
