// What chat may never change in the config, whoever asks: what runs programs, moves files or opens doors.
import { isDeepStrictEqual } from "node:util";
import { GatewayError } from "../../model/errors.ts";
import type { Content } from "../read/content.ts";
import { CHANNEL } from "../resolve/layers.ts";
import { isUnder, renderPath, type ConfigPath } from "../read/path.ts";
import { memberOf, valueAt } from "../schema/walk.ts";

const WHOLE_SECTIONS: readonly ConfigPath[] = [["gateway"], ["store"], ["commands"]];
const OWNERS: ConfigPath = ["commands", "ownerAllowFrom"];
const ACCOUNT_KEY = /^(?:cliPath|dbPath|remoteHost|.*Roots)$/;
const AGENT_KEYS = ["runtime", "workspace"];
/** With the keys above they decide which agent runs what, and where: the default agent has a workspace of its own. */
const AGENT_IDENTITY = ["id", "default"];

/** A protected place, and what stands there. */
type Places = ReadonlyMap<string, { readonly path: ConfigPath; readonly value: unknown }>;

/** A change of the config: the path that was named (undefined: the whole file is put back), and what it leads to. */
interface PlannedChange {
  readonly path: ConfigPath | undefined;
  readonly before: Content;
  readonly after: Content;
  /** The list of owners may come and go with the file that is put back: it names those who are owners anyway. */
  readonly areOwnersSame?: boolean;
  /** Where it is asked for, for people; undefined: from chat. */
  readonly from?: "on the page";
}

/** Throws `config/protected` for a change that chat may not make, `config/invalid` where a file of two minds leaves that open. */
export function refuseFromChat({
  path,
  before,
  after,
  areOwnersSame = false,
  ...asked
}: PlannedChange): void {
  const from = asked.from ?? "from chat";
  if (before.isAmbiguous || after.isAmbiguous)
    throw new GatewayError("config/invalid", "The file has a key that is written twice", {
      hint: "Run `coderclaw config validate` on the gateway's machine, and correct it there.",
    });
  const found = findProtected(path, {
    before: before.written,
    after: after.written,
    ignored: areOwnersSame ? OWNERS : undefined,
  });
  if (found !== undefined)
    throw new GatewayError("config/protected", `${renderPath(found)} cannot be changed ${from}`, {
      hint: "Change it on the gateway's machine, with `coderclaw config` or an editor.",
    });
  if (path !== undefined && holdsVariable(valueAt(after.written, path)))
    throw new GatewayError("config/protected", `${renderPath(path)} cannot take a \`\${…}\` ${from}`, {
      hint: "Write the value itself, or set it on the gateway's machine.",
    });
}

function holdsVariable(value: unknown): boolean {
  if (typeof value === "string") return value.includes("${");
  return typeof value === "object" && value !== null && Object.values(value).some(holdsVariable);
}

/**
 * The protected path that stands against a change of the config as written; undefined: chat may make it. `path` is what was named;
 * undefined: nothing in particular.
 *
 * Contract: whatever path is named, there is one when a protected key is added, changed or removed: `cliPath`, `dbPath`,
 * `remoteHost` and `*Roots` of the channel and its accounts, `runtime` and `workspace` of agents, `gateway`, `store`, `commands`. So
 * there is when an account or agent is added, removed or renamed, or another agent becomes the default: they bring such keys by
 * default.
 */
function findProtected(
  path: ConfigPath | undefined,
  { before, after, ignored }: { before: unknown; after: unknown; ignored: ConfigPath | undefined },
): ConfigPath | undefined {
  if (path !== undefined && isProtected(path)) return path;
  const [old, next] = [protectedPlaces(before, ignored), protectedPlaces(after, ignored)];
  const changed = [...old.values(), ...next.values()].find(({ path: at }) => {
    const name = renderPath(at);
    return !isDeepStrictEqual(old.get(name)?.value, next.get(name)?.value);
  });
  return changed?.path;
}

/** True for a path that is protected by its name: asking for it is refused even where nothing would change. */
export function isProtected(path: ConfigPath): boolean {
  if (WHOLE_SECTIONS.some((section) => isUnder(path, section))) return true;
  if (isUnder(path, CHANNEL)) {
    const [first, , third] = path.slice(CHANNEL.length);
    return ACCOUNT_KEY.test(String(first === "accounts" ? third : first));
  }
  const [agents, where, key, listed] = path;
  if (agents !== "agents") return false;
  return AGENT_KEYS.includes(String(where === "list" ? listed : key));
}

function protectedPlaces(config: unknown, ignored: ConfigPath | undefined): Places {
  const places = new Map<string, { path: ConfigPath; value: unknown }>();
  const keep = (path: ConfigPath, value: unknown = valueAt(config, path)): void => {
    if (value !== undefined) places.set(renderPath(path), { path, value });
  };
  for (const path of WHOLE_SECTIONS)
    for (const name of keysOf(valueAt(config, path)))
      if (ignored === undefined || !isUnder([...path, name], ignored)) keep([...path, name]);

  const accounts = valueAt(config, [...CHANNEL, "accounts"]);
  const ids = keysOf(accounts);
  // Without `accounts` the section itself is the one account.
  if (valueAt(config, CHANNEL) !== undefined) keep([...CHANNEL, "accounts"], ids.toSorted());
  for (const section of [CHANNEL, ...ids.map((id) => [...CHANNEL, "accounts", id])])
    for (const name of keysOf(valueAt(config, section))) if (ACCOUNT_KEY.test(name)) keep([...section, name]);

  for (const name of AGENT_KEYS) keep(["agents", "defaults", name]);
  const list = valueAt(config, ["agents", "list"]);
  for (const [index, agent] of (Array.isArray(list) ? list : []).entries()) {
    const path = ["agents", "list", index];
    keep(
      path,
      [...AGENT_IDENTITY, ...AGENT_KEYS].map((name) => memberOf(agent, name)),
    );
  }
  return places;
}

function keysOf(value: unknown): string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}
