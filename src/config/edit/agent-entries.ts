// Agents added to and taken from `agents.list`: one change of the file each, comments and order kept.
import { GatewayError } from "../../model/errors.ts";
import { changePath, type ConfigChange } from "./change.ts";
import { setInText, unsetInText, type Edited } from "./edit-text.ts";
import { contentOf, placesOf } from "../read/content.ts";
import { loadText, readConfigText, type LoadedConfig, type LoadOptions } from "../read/load.ts";
import { renderPath, type ConfigPath } from "../read/path.ts";
import { DEFAULTS } from "../schema/schema.ts";
import { memberOf, valueAt } from "../schema/walk.ts";

/** An agent as the file has it. */
export interface AgentEntry {
  readonly id: string;
  readonly [key: string]: unknown;
}

const LIST: ConfigPath = ["agents", "list"];

/**
 * What a new agent is to the others: `default` takes the place of the default agent; `next` stands behind them, and answers where there was
 * none; `beside` stands behind them, and changes nothing about who answers.
 */
export type AgentPlace = "default" | "next" | "beside";

/**
 * Adds an agent. The first of the list answers where nothing says otherwise: a new one does as `next` where there was none, unless
 * `agents.defaults.runtime` made one of the built-in `main`, which is then kept.
 *
 * Contract: throws `cli/usage` when the id is taken, `config/invalid` when the result would not be valid; the file is then as it was.
 */
export async function addAgentEntry(
  entry: AgentEntry,
  place: AgentPlace,
  options: LoadOptions,
): Promise<ConfigChange> {
  return changePath(LIST, options, (text, config) => withEntry(text, config, { entry, place }));
}

/** The configuration as it would be with an agent. Contract: throws as `addAgentEntry` does; nothing is written. */
export async function previewAgentEntry(entry: AgentEntry, options: LoadOptions): Promise<LoadedConfig> {
  const file = placesOf(options).configFile;
  const text = (await readConfigText(file)) ?? "";
  const edited = withEntry(text, contentOf(file, text, options).written, { entry, place: "beside" });
  if (!edited.ok)
    throw new GatewayError("cli/usage", edited.reason, {
      hint: "Run `coderclaw config get` to see what is there.",
    });
  return loadText(edited.text, options);
}

/** Makes an agent the default one. Contract: throws `cli/usage` when there is none of that id. */
export async function makeDefaultAgent(id: string, options: LoadOptions): Promise<ConfigChange> {
  return changePath(LIST, options, (text, config) => {
    const at = requireEntry(config, id);
    return chain(text, [
      ...defaultsIn(config).map((path) => (now: string) => unsetInText(now, path)),
      (now: string) => setInText(now, [...LIST, at, "default"], true),
    ]);
  });
}

function withEntry(
  text: string,
  config: unknown,
  { entry, place }: { readonly entry: AgentEntry; readonly place: AgentPlace },
): Edited {
  const there = idsIn(config);
  if (there.includes(entry.id))
    throw new GatewayError("cli/usage", `There is an agent ${entry.id} already`, {
      hint: "Give the new one another name with --id, or take that one away with `coderclaw agents remove`.",
    });
  const isBuiltIn = place === "beside" && entry.id !== DEFAULTS.agentId;
  const keepsMain = there.length === 0 && (isBuiltIn || hasDefaultRuntime(config));
  const kept = keepsMain ? [{ id: DEFAULTS.agentId }] : [];
  const isDefault = place === "default";
  const added = isDefault ? { ...entry, default: true } : entry;
  return chain(text, [
    ...(isDefault ? defaultsIn(config).map((path) => (now: string) => unsetInText(now, path)) : []),
    ...[...kept, added].map((one, at) => (now: string) => setInText(now, [...LIST, there.length + at], one)),
  ]);
}

/**
 * Takes an agent away; the last one takes the list with it, so that the built-in `main` answers again.
 *
 * Contract: throws `cli/usage` when there is none of that id, `config/invalid` when something still names it; the file is then as it was.
 */
export async function removeAgentEntry(id: string, options: LoadOptions): Promise<ConfigChange> {
  return changePath(LIST, options, (text, config) => {
    const at = requireEntry(config, id);
    return unsetInText(text, idsIn(config).length === 1 ? LIST : [...LIST, at]);
  });
}

function requireEntry(config: unknown, id: string): number {
  const at = idsIn(config).indexOf(id);
  if (at !== -1) return at;
  throw new GatewayError("cli/usage", `There is no agent ${id} in ${renderPath(LIST)}`, {
    hint: "See `coderclaw agents list`.",
  });
}

function idsIn(config: unknown): unknown[] {
  const list = valueAt(config, LIST);
  return Array.isArray(list) ? list.map((agent) => memberOf(agent, "id")) : [];
}

function hasDefaultRuntime(config: unknown): boolean {
  return valueAt(config, ["agents", "defaults", "runtime"]) !== undefined;
}

function defaultsIn(config: unknown): ConfigPath[] {
  const list = valueAt(config, LIST);
  const paths = (Array.isArray(list) ? list : []).map((agent, at) => ({ agent, at }));
  return paths
    .filter(({ agent }) => memberOf(agent, "default") !== undefined)
    .map(({ at }) => [...LIST, at, "default"]);
}

function chain(text: string, changes: readonly ((text: string) => Edited)[]): Edited {
  let now: Edited = { ok: true, text, changed: false };
  for (const change of changes) {
    if (!now.ok) return now;
    const next = change(now.text);
    now = next.ok ? { ...next, changed: now.changed || next.changed } : next;
  }
  return now;
}
