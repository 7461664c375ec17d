// Making somebody an owner: one more handle in `commands.ownerAllowFrom` of the config file.
import { getConfig, setConfig } from "../../config/edit/operations.ts";
import type { Handle } from "../../model/handle.ts";
import type { Settings } from "../../model/settings.ts";

const PATH = "commands.ownerAllowFrom";

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
): Promise<readonly string[]> {
  const written = await getConfig(PATH, { configPath });
  const implied = new Set(settings.accounts.flatMap((account) => account.owners));
  if (implied.has(handle)) return [...implied];
  const isAppended = written.isSet && Array.isArray(written.value);
  const [path, value] = isAppended
    ? [`${PATH}[${(written.value as unknown[]).length}]`, handle]
    : [PATH, [...implied, handle]];
  await setConfig(path, JSON.stringify(value), { configPath });
  return [...implied, handle];
}
