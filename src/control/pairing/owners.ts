// The owners as the config file has them: who they are, one more, one less.
import { getConfig, setConfig, unsetConfig } from "../../config/edit/operations.ts";
import { GatewayError } from "../../model/errors.ts";
import { parseHandle, type Handle } from "../../model/handle.ts";
import type { Settings } from "../../model/settings.ts";
import { describeWrong, parseAllowEntry } from "../../model/target.ts";

const PATH = "commands.ownerAllowFrom";

/** The owners of all accounts, each once. */
export function listOwners(settings: Settings): readonly Handle[] {
  return [...new Set(settings.accounts.flatMap((account) => account.owners))];
}

/** The handle of an owner as a person writes it. Throws `cli/usage` for what is no handle. */
export function readOwner(text: string, settings: Settings): Handle {
  const parsed = parseAllowEntry(text, settings.accounts[0]?.region ?? "US");
  if (parsed.ok && parsed.value.kind === "handle") return parsed.value.handle;
  throw new GatewayError(
    "cli/usage",
    describeWrong("Owner", text, parsed.ok ? "is not a handle" : parsed.reason),
    {
      hint: "Give a phone number with its country code, such as +15551234567, or an e-mail address.",
    },
  );
}

/**
 * Adds an owner; the answer lists all of them. Where the file names none, those it implies (the handles of `allowFrom`) are written
 * down too, or they would stop being owners.
 *
 * Contract: throws as `setConfig` does; the file is then as it was.
 */
export async function addOwner(
  handle: Handle,
  settings: Settings,
  configPath: string | undefined,
): Promise<readonly Handle[]> {
  const owners = listOwners(settings);
  if (owners.includes(handle)) return owners;
  const written = await readWritten(configPath);
  const [path, value] =
    written === undefined ? [PATH, [...owners, handle]] : [`${PATH}[${written.length}]`, handle];
  await setConfig(path, JSON.stringify(value), { configPath });
  return [...owners, handle];
}

/**
 * Takes an owner off; the answer lists the others. Where the file names none, those it implies are written down without this one.
 *
 * Contract: throws `pairing/unknown-handle` for somebody who is no owner, and as `setConfig` does; the file is then as it was.
 */
export async function removeOwner(
  handle: Handle,
  settings: Settings,
  configPath: string | undefined,
): Promise<readonly Handle[]> {
  const owners = listOwners(settings);
  if (!owners.includes(handle))
    throw new GatewayError("pairing/unknown-handle", `${handle} is not an owner`, {
      hint: "See who is with `coderclaw pairing owner imessage`.",
    });
  const others = owners.filter((owner) => owner !== handle);
  const written = await readWritten(configPath);
  if (written === undefined) await setConfig(PATH, JSON.stringify(others), { configPath });
  const isTheirs = (text: unknown): boolean =>
    settings.accounts.some(({ region }) => parseHandle(String(text), region) === handle);
  // From the end: each removal moves those behind it.
  for (let at = (written ?? []).length - 1; at >= 0; at -= 1)
    if (isTheirs(written?.[at])) await unsetConfig(`${PATH}[${at}]`, { configPath });
  return others;
}

/** The list that the file has; undefined: it has none. */
async function readWritten(configPath: string | undefined): Promise<readonly unknown[] | undefined> {
  const { isSet, value } = await getConfig(PATH, { configPath });
  return isSet && Array.isArray(value) ? (value as readonly unknown[]) : undefined;
}
