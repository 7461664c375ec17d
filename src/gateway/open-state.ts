// What a command may open by itself: settings, the state database, the address of the gateway. Loads nothing before it is asked for.
import type { LoadedConfig } from "../config/load.ts";
import type { Places } from "../config/places.ts";
import type { GatewayAddress } from "../control/gateway-address.ts";
import type { GatewayError } from "../model/errors.ts";
import type { Store } from "../model/ports.ts";
import type { Settings } from "../model/settings.ts";

/** Which configuration a command works with. */
export interface Where {
  /** The command line's `--config`. */
  readonly config?: string | undefined;
}

/** The state database with the settings in force. */
export interface OpenState {
  readonly settings: Settings;
  readonly places: Places;
  readonly store: Store;
}

/** Reads the configuration. Contract: rejects as `loadConfig` does. */
export async function openConfig(where: Where): Promise<LoadedConfig> {
  const { loadConfig } = await import("../config/load.ts");
  return loadConfig({ configPath: where.config });
}

/** The operations on the config file. */
export async function openConfigFile() {
  const { renderConfigValue } = await import("../config/render.ts");
  return { ...(await import("../config/operations.ts")), renderConfigValue };
}

/** Runs `work` on the state database, which is made if it is not there; it is closed afterwards, whatever comes of it. */
export async function withState<T>(where: Where, work: (state: OpenState) => Promise<T>): Promise<T> {
  const { settings, sources } = await openConfig(where);
  const store = await openStoreAt(settings.storePath);
  try {
    return await work({ settings, places: sources.places, store });
  } finally {
    await store.close();
  }
}

/** Runs `work` on the state database if there is one; nothing is made. */
export async function withStoreIfThere<T>(
  settings: Settings,
  work: (store: Store | undefined) => Promise<T>,
): Promise<T> {
  const { existsSync } = await import("node:fs");
  if (!existsSync(settings.storePath)) return work(undefined);
  const store = await openStoreAt(settings.storePath);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** How the running gateway is asked, if one runs. */
export interface ControlPlace {
  readonly address: GatewayAddress | undefined;
  readonly token: string | undefined;
  /** The configuration as the file has it now; a gateway may run on an earlier one. */
  readonly config: LoadedConfig | GatewayError;
}

/** Finds out where a gateway would be asked. Contract: an invalid configuration is no failure here. */
export async function findControl(where: Where): Promise<ControlPlace> {
  const { findPlaces } = await import("../config/places.ts");
  const { readAddress, reachable } = await import("../control/gateway-address.ts");
  const { toGatewayError } = await import("../model/errors.ts");
  const places = findPlaces(where.config);
  const config = await openConfig(where).catch(toGatewayError);
  const settings = "settings" in config ? config.settings.gateway : undefined;
  const configured = settings && { host: reachable(settings.bind), port: settings.port };
  return {
    address: readAddress(places.stateDir) ?? configured,
    token: settings?.token ?? (await readToken(places.tokenFile)),
    config,
  };
}

async function readToken(file: string): Promise<string | undefined> {
  const { readFile } = await import("node:fs/promises");
  return readFile(file, "utf8").then(
    (text) => text.trim(),
    () => undefined,
  );
}

async function openStoreAt(path: string): Promise<Store> {
  const { openStore } = await import("../store/open.ts");
  return openStore({ path, clock: { now: () => Date.now() } });
}
