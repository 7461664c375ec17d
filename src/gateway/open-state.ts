// What a command may open by itself: settings, the state database, the address of the gateway. Loads nothing before it is asked for.
import type { LoadedConfig } from "../config/read/load.ts";
import type {
  importConfig as ImportConfigFunction,
  translateConfig as TranslateConfigFunction,
} from "../config/import/import-config.ts";
import type { PlaceFault } from "../config/permissions.ts";
import type { Places } from "../config/places.ts";
import type { LoginPlace } from "../control/agents/login.ts";
import type { GatewayAddress } from "../control/gateway-address.ts";
import { Proxies } from "../lib/proxy.ts";
import type { Store } from "../model/store.ts";
import type { Settings } from "../model/settings.ts";

type ImportConfig = typeof ImportConfigFunction;
type TranslateConfig = typeof TranslateConfigFunction;

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
  const { loadConfig } = await import("../config/read/load.ts");
  return loadConfig({ configPath: where.config });
}

/** Who else can get at the state folder and the config file. */
export async function readPlaceFaults(where: Where): Promise<readonly PlaceFault[]> {
  const { findPlaces } = await import("../config/places.ts");
  const { findPlaceFaults } = await import("../config/permissions.ts");
  return findPlaceFaults(findPlaces(where.config));
}

/** Rejects with `config/unreadable` when the config file that is meant is not there. */
export async function requireConfigFile(where: Where): Promise<void> {
  const { existsSync } = await import("node:fs");
  const { findPlaces } = await import("../config/places.ts");
  const { configFile } = findPlaces(where.config);
  if (existsSync(configFile)) return;
  const { GatewayError } = await import("../model/errors.ts");
  throw new GatewayError("config/unreadable", `The config file "${configFile}" does not exist`, {
    hint: `Correct the path after --config, or make the file with \`coderclaw onboard --config ${configFile}\`.`,
    details: { file: configFile },
  });
}

/** Where programs are looked for, as the gateway would that is started here. */
export async function readSearchPath(): Promise<readonly string[]> {
  const { readEnvironment } = await import("../config/env.ts");
  return readEnvironment().searchPath;
}

/** What requests go through, as for the gateway that is started here. */
export async function readProxies(): Promise<Proxies> {
  const { readEnvironment } = await import("../config/env.ts");
  return new Proxies(readEnvironment().variable);
}

/** Where agents keep their logins. */
export async function readLoginPlace(): Promise<LoginPlace> {
  const [{ homedir }, { readEnvironment }] = await Promise.all([
    import("node:os"),
    import("../config/env.ts"),
  ]);
  return { home: homedir(), variable: readEnvironment().variable };
}

/** The absolute path of a folder that a person named: `~` is their home, anything else is read from where they are. */
export async function readFolder(said: string): Promise<string> {
  const { expandPath } = await import("../config/places.ts");
  return expandPath(said, process.cwd());
}

/** There is a screen at which the person sits who typed the command. */
export async function hasScreen(): Promise<boolean> {
  const { readEnvironment } = await import("../config/env.ts");
  return readEnvironment().hasScreen;
}

/** The operations on the config file. */
export async function openConfigFile() {
  const { renderConfigValue } = await import("../config/read/render.ts");
  return {
    ...(await import("../config/edit/operations.ts")),
    ...(await import("../config/edit/agent-entries.ts")),
    importConfig: async (...given: Parameters<ImportConfig>) => {
      const { importConfig } = await import("../config/import/import-config.ts");
      return importConfig(...given);
    },
    translateConfig: async (...given: Parameters<TranslateConfig>) => {
      const { translateConfig } = await import("../config/import/import-config.ts");
      return translateConfig(...given);
    },
    renderConfigValue,
  };
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

/** Where a gateway may listen, and the token it may want. */
export interface ControlPlace extends GatewayAddress {
  readonly token: string | undefined;
}

/** How a running gateway is found. */
export interface ControlPlaces {
  readonly stateDir: string;
  /** As the gateway itself wrote it down, with the token that takes no configuration to know; undefined: none runs that did. */
  readonly written: ControlPlace | undefined;
  /** By the configuration; where the gateway wrote down its address, that with the configured token. Rejects as `config` does. */
  configured(): Promise<ControlPlace>;
  /** The configuration as the file has it now; the gateway may run on an earlier one. Read once. Rejects as `openConfig` does. */
  config(): Promise<LoadedConfig>;
}

/** Finds out where a gateway would be asked. Reading the configuration takes longer than asking, so it is left for later. */
export async function findControl(where: Where): Promise<ControlPlaces> {
  const { readEnvironment } = await import("../config/env.ts");
  const { findPlaces } = await import("../config/places.ts");
  const { readAddress, reachable } = await import("../control/gateway-address.ts");
  const environment = readEnvironment();
  const places = findPlaces(where.config, environment);
  const address = readAddress(places.stateDir);
  const token = environment.gatewayToken ?? (await readToken(places.tokenFile));
  let loading: Promise<LoadedConfig> | undefined;
  const config = async (): Promise<LoadedConfig> => (loading ??= openConfig(where));
  return {
    stateDir: places.stateDir,
    written: address && { ...address, token },
    configured: async () => {
      const { gateway } = (await config()).settings;
      const configured = { host: reachable(gateway.bind), port: gateway.port };
      return { ...(address ?? configured), token: gateway.token ?? token };
    },
    config,
  };
}

/** True while a gateway that wrote down where it listens is alive: what the state database calls running, runs. */
export async function isGatewayUp(where: Where): Promise<boolean> {
  const { findPlaces } = await import("../config/places.ts");
  const { readAddress } = await import("../control/gateway-address.ts");
  return readAddress(findPlaces(where.config).stateDir) !== undefined;
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
