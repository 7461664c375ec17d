// Items of the other config's lists: an agent without the model that has no meaning here, a binding in this product's words.
import { renderPath, type ConfigPath } from "../read/path.ts";
import { memberOf, schemaAt } from "../schema/walk.ts";
import type { ImportedKey } from "./imported-key.ts";
import { reasonFor } from "./openclaw-keys.ts";

/** What is left of an item. */
export interface ImportedItem {
  /** Undefined: nothing. */
  readonly value: unknown;
  readonly left: readonly ImportedKey[];
}

/** An entry of `agents.list`: the keys that exist here; the rest is named. */
export function agentOf(item: unknown, from: ConfigPath): ImportedItem {
  const left: ImportedKey[] = [];
  const value: Record<string, unknown> = {};
  for (const name of namesOf(item)) {
    const child = memberOf(item, name);
    if (name === "identity") {
      const title = memberOf(child, "name");
      if (typeof title === "string" && memberOf(item, "name") === undefined) value["name"] = title;
    } else if (name === "groupChat") {
      const patterns = memberOf(child, "mentionPatterns");
      if (patterns !== undefined) value["groupChat"] = { mentionPatterns: patterns };
    } else if (schemaAt(["agents", "list", 0, name]) !== undefined) value[name] = child;
    else left.push({ from: renderPath([...from, name]), to: undefined, note: reasonFor(["agents", "list"]) });
  }
  return typeof value["id"] === "string"
    ? { value, left }
    : { value: undefined, left: [{ from: renderPath(from), to: undefined, note: "an agent needs an id" }] };
}

/** An entry of `bindings`: `peer` and `accountId` become `handle`, `chat` and `account`. */
export function bindingOf(item: unknown, from: ConfigPath): ImportedItem {
  const match = memberOf(item, "match");
  const channel = memberOf(match, "channel");
  const leave = (note: string): ImportedItem => ({
    value: undefined,
    left: [{ from: renderPath(from), to: undefined, note }],
  });
  if (typeof channel === "string" && channel !== "imessage" && channel !== "*")
    return leave(`it is about the channel "${channel}"`);
  const account = memberOf(match, "accountId") ?? memberOf(match, "account");
  const peer = memberOf(match, "peer");
  const id = memberOf(peer, "id");
  const kind = memberOf(peer, "kind");
  const isGroup = kind === "group" || kind === "channel";
  const chat =
    isGroup && (typeof id === "string" || typeof id === "number") ? `chat_id:${id}` : memberOf(match, "chat");
  const handle = isGroup ? memberOf(match, "handle") : (id ?? memberOf(match, "handle"));
  const own = {
    ...(typeof account === "string" && account !== "*" && { account }),
    ...(typeof chat === "string" && { chat }),
    ...(typeof handle === "string" && { handle }),
  };
  const agentId = memberOf(item, "agentId");
  return typeof agentId === "string"
    ? { value: { agentId, match: own }, left: [] }
    : leave("a binding needs an agentId");
}

function namesOf(item: unknown): readonly string[] {
  return typeof item === "object" && item !== null ? Object.keys(item) : [];
}
