// Agents added to and taken from `agents.list`: one change of the file each, comments and order kept.
import { GatewayError } from "../../model/errors.ts";
import { changePath, type ConfigChange } from "./change.ts";
import { setInText, unsetInText, type Edited } from "./edit-text.ts";
import type { LoadOptions } from "../read/load.ts";
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
 * Adds an agent behind those there are. The first of the list answers where nothing says otherwise: it does, where there was none, unless
 * `agents.defaults.runtime` made one of the built-in `main`, which is then kept. With `isDefault` it takes the place of the default agent.
 *
 * Contract: throws `cli/usage` when the id is taken, `config/invalid` when the result would not be valid; the file is then as it was.
 */
export async function addAgentEntry(
  entry: AgentEntry,
  isDefault: boolean,
  options: LoadOptions,
): Promise<ConfigChange> {
  return changePath(LIST, options, (text, config) => {
    const there = idsIn(config);
    if (there.includes(entry.id))
      throw new GatewayError("cli/usage", `There is an agent ${entry.id} already`, {
        hint: "Give the new one another name with --id, or take that one away with `coderclaw agents remove`.",
      });
    const kept = there.length === 0 && hasDefaultRuntime(config) ? [{ id: DEFAULTS.agentId }] : [];
    const added = isDefault ? { ...entry, default: true } : entry;
    const changes: ((text: string) => Edited)[] = [
      ...(isDefault ? defaultsIn(config).map((path) => (now: string) => unsetInText(now, path)) : []),
      ...[...kept, added].map(
        (one, at) => (now: string) => setInText(now, [...LIST, there.length + at], one),
      ),
    ];
    return chain(text, changes);
  });
}

/**
 * Takes an agent away; the last one takes the list with it, so that the built-in `main` answers again.
 *
 * Contract: throws `cli/usage` when there is none of that id, `config/invalid` when something still names it; the file is then as it was.
 */
export async function removeAgentEntry(id: string, options: LoadOptions): Promise<ConfigChange> {
  return changePath(LIST, options, (text, config) => {
    const there = idsIn(config);
    const at = there.indexOf(id);
    if (at === -1)
      throw new GatewayError("cli/usage", `There is no agent ${id} in ${renderPath(LIST)}`, {
        hint: "See `coderclaw agents list`.",
      });
    return unsetInText(text, there.length === 1 ? LIST : [...LIST, at]);
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
