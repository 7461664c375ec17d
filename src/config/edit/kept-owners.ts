// No change from chat makes an owner: where the handles of `allowFrom` are the owners, those of before are written down by name.
import { GatewayError } from "../../model/errors.ts";
import type { Handle } from "../../model/handle.ts";
import type { Settings } from "../../model/settings.ts";
import { readEnvironment } from "../env.ts";
import { compileConfig } from "../read/compile.ts";
import { placesOf } from "../read/content.ts";
import type { LoadOptions } from "../read/load.ts";
import { setInText } from "./edit-text.ts";

const PATH = ["commands", "ownerAllowFrom"];

/** A text of the config file, and the owners that were written down in it. */
export interface KeptOwners {
  readonly text: string;
  /** Undefined: nothing had to be written down. */
  readonly written: readonly Handle[] | undefined;
}

/**
 * The text to write in place of `after`, so that nobody is an owner by it who was none by `before`.
 *
 * Contract: throws `config/protected` where that cannot be done; a text that is not valid is given back as it is.
 */
export async function keepOwners(
  before: string | undefined,
  after: string,
  options: LoadOptions,
): Promise<KeptOwners> {
  const next = await ownersIn(after, options);
  if (next === undefined) return { text: after, written: undefined };
  const old = await ownersIn(before ?? "", options);
  if (old !== undefined && isWithin(next, old)) return { text: after, written: undefined };
  const owners = [...new Set([...(old ?? new Map<string, readonly Handle[]>()).values()].flat())];
  const edited = setInText(after, PATH, owners);
  const kept = edited.ok ? await ownersIn(edited.text, options) : undefined;
  if (old === undefined || owners.length === 0 || !edited.ok || kept === undefined || !isWithin(kept, old))
    throw new GatewayError("config/protected", "This would make somebody an owner, which chat cannot do", {
      hint: "Set commands.ownerAllowFrom on the gateway's machine first: then allowFrom makes no owners.",
    });
  return { text: edited.text, written: owners };
}

/** True when both texts make the same people owners of the same accounts. */
export async function haveSameOwners(
  one: string | undefined,
  other: string,
  options: LoadOptions,
): Promise<boolean> {
  const [before, after] = [await ownersIn(one ?? "", options), await ownersIn(other, options)];
  return before !== undefined && after !== undefined && isWithin(before, after) && isWithin(after, before);
}

type Owners = ReadonlyMap<string, readonly Handle[]>;

/** The owners of each account; undefined for a text that is not valid. */
async function ownersIn(text: string, options: LoadOptions): Promise<Owners | undefined> {
  const compiled = await compileConfig(text, placesOf(options), options.environment ?? readEnvironment());
  return compiled.ok ? ownersOf(compiled.settings) : undefined;
}

/** Of disabled accounts too: one that is enabled again brings no owner that it did not have. */
function ownersOf({ accounts, stoppedAccounts }: Settings): Owners {
  return new Map([...accounts, ...stoppedAccounts].map(({ id, owners }) => [id, owners]));
}

function isWithin(next: Owners, old: Owners): boolean {
  return [...next].every(([id, owners]) => owners.every((owner) => old.get(id)?.includes(owner) === true));
}
