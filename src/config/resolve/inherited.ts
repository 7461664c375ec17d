// Where a key that is not written takes its value from: another place of the file, nearest first.
import { CHANNEL } from "./layers.ts";
import { isUnder, type ConfigPath } from "../read/path.ts";
import { valueAt } from "../schema/walk.ts";

/** Sections that account, channel and top level share key by key; of everything else the nearest is taken whole. */
const SHARED_BY_KEY = ["limits", "catchup"];

/** The path whose value is in force for one that is not written; undefined: the default is, or what another key decides. */
export function inheritedFrom(path: ConfigPath, config: unknown): ConfigPath | undefined {
  return candidates(path, config).find((each) => valueAt(config, each) !== undefined);
}

function candidates(path: ConfigPath, config: unknown): ConfigPath[] {
  if (!isUnder(path, CHANNEL)) return [];
  const below = path.slice(CHANNEL.length);
  if (below[0] !== "accounts") return [...starOf(CHANNEL, below), ...topLevel(below)];
  const [, id, name, ...rest] = below;
  if (id === undefined || name === undefined) return [];
  const section = [...CHANNEL, "accounts", id];
  const key = [name, ...rest];
  const isWhole = !SHARED_BY_KEY.includes(String(name)) && valueAt(config, [...section, name]) !== undefined;
  if (isWhole) return starOf(section, key);
  return [[...CHANNEL, ...key], ...starOf(CHANNEL, key), ...topLevel(key)];
}

/** What `"*"` says for a field of a group. */
function starOf(section: ConfigPath, [name, group, ...field]: ConfigPath): ConfigPath[] {
  return name === "groups" && group !== "*" && field.length > 0 ? [[...section, name, "*", ...field]] : [];
}

function topLevel(key: ConfigPath): ConfigPath[] {
  if (key[0] === "limits") return [key];
  return key[0] === "responsePrefix" ? [["messages", ...key]] : [];
}
