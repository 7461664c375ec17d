// The life of `coderclaw gateway`: config → lease → accounts → control server → signals → an orderly end.
import type { FlowTiming } from "../flow/frame.ts";
import { toGatewayError, type GatewayError } from "../model/errors.ts";
import type { Observer } from "../model/ports.ts";
import type { LoadedConfig } from "../config/read/load.ts";
import { findPlaceFaults } from "../config/permissions.ts";
import { takePort, type TakenPort } from "../server/port.ts";
import { buildParts, type Parts } from "./build.ts";
import { Gateway } from "./gateway.ts";
import type { ListenOptions } from "./listen.ts";
import { preload } from "./preload.ts";
import { stopSignal } from "./stop-signal.ts";

/** An account that is not watching by then has trouble that `channels status` is there to show. */
const LONGEST_HEAD_START_MS = 500;

/** How a gateway is run. */
export interface RunOptions {
  /** The command line's `--config`. */
  readonly configPath?: string | undefined;
  readonly version: string;
  /** The file Node runs, to notice when an update replaces it. */
  readonly program?: string | undefined;
  /** The log goes there instead of stderr. */
  readonly logFile?: string | undefined;
  readonly observer?: Observer;
  readonly timing?: Partial<FlowTiming>;
}

/** Runs a gateway until SIGINT or SIGTERM. Contract: rejects with a `GatewayError` when it cannot start. */
export async function runGateway(options: RunOptions): Promise<void> {
  // A reader of the log that is gone (a closed terminal, `| head`) is no reason to stop answering.
  process.stderr.on("error", () => {});
  const { loadConfig } = await import("../config/read/load.ts");
  const config = await loadConfig({ configPath: options.configPath });
  const { settings } = config;
  const parts = buildParts(config, options);
  const lease = parts.takeLease(settings.storePath);
  const taken = await takePort(settings.gateway.bind, settings.gateway.port).catch((cause: unknown) => {
    lease.close();
    throw cause;
  });
  const stop = stopSignal(parts.log);
  const watching = Promise.withResolvers<ConfigFollower | undefined>();
  const reload = async (): Promise<void> => (await watching.promise)?.reload();
  try {
    const gateway = await Gateway.start({ ...options, settings, parts, reload });
    try {
      announce(gateway, config, parts);
      await serveUntil(stop.received, gateway, {
        options,
        config,
        parts,
        taken,
        reload,
        onWatching: watching.resolve,
      });
    } finally {
      // Who waits for it would keep the gateway from its end.
      watching.resolve(undefined);
      await gateway.close();
    }
    stop.throwFault();
    parts.log.info("stopped");
  } finally {
    stop.dispose();
    taken.giveBack();
    lease.close();
  }
}

/** The gateway with its control server and its config file, until `stopped`. */
async function serveUntil(
  stopped: Promise<void>,
  gateway: Gateway,
  running: {
    options: RunOptions;
    config: LoadedConfig;
    parts: Parts;
    taken: TakenPort;
    reload: () => Promise<void>;
    onWatching: (follower: ConfigFollower) => void;
  },
): Promise<void> {
  const { options, config, parts, taken, reload, onWatching } = running;
  await Promise.race([stopped, untilWatching(gateway)]);
  const server = await startServer(gateway, config, { parts, taken, reload, configPath: options.configPath });
  try {
    const follower = await followConfig(gateway, { options, parts, server });
    onWatching(follower);
    void loadTheRest(parts);
    const unwatch = gateway.watchInstallation();
    await stopped;
    unwatch();
    parts.log.info("stopping");
    follower.close();
  } finally {
    await server.close();
  }
}

/** An update replaces the files of a running gateway: it needs none of them after this. */
async function loadTheRest({ log, pageFiles }: Parts): Promise<void> {
  try {
    await preload();
    // A clone may have no built page.
    await pageFiles().catch(() => {});
    log.debug("every part is loaded");
  } catch (cause) {
    const hint = "Restart the gateway: its files were changed while it started.";
    log.error("a part of the gateway could not be loaded", { cause: String(cause), hint });
  }
}

/** Loading the control server takes as long as all before it; it would stand between the children's first answers and the watch. */
async function untilWatching(gateway: Gateway): Promise<void> {
  const isWatching = (): boolean => gateway.accounts().every(({ health }) => health.watching.ok);
  if (isWatching()) return;
  const over = Promise.withResolvers<void>();
  const unsubscribe = gateway.subscribe(() => isWatching() && over.resolve());
  const timer = setTimeout(() => over.resolve(), LONGEST_HEAD_START_MS);
  await over.promise;
  clearTimeout(timer);
  unsubscribe();
}

/** Says what runs, and what surely is not as meant. */
function announce(gateway: Gateway, { settings, sources }: LoadedConfig, { log }: Parts): void {
  const running = gateway.accounts().map((account) => account.settings.id);
  const names = running.join(", ") || "no account";
  log.info(
    `gateway runs: ${names}; config ${sources.places.configFile}${sources.fileExists ? "" : " (not there yet)"}`,
  );
  for (const { message, command } of findPlaceFaults(sources.places))
    log.warn(message, { hint: `Run \`${command}\`.` });
  for (const warning of settings.warnings)
    log.warn(`${warning.path}: ${warning.message}`, { hint: warning.hint });
}

interface ControlServer {
  /** Listens by the settings in force; a listener that is right already is kept. */
  follow(config: LoadedConfig): Promise<void>;
  close(): Promise<void>;
}

async function startServer(
  gateway: Gateway,
  config: LoadedConfig,
  { taken, ...beside }: ListenOptions & { readonly parts: Parts },
): Promise<ControlServer> {
  const { parts } = beside;
  const { listen } = await import("./listen.ts");
  let current = await listen(gateway, config, { ...beside, taken });
  let inForce = config;
  const placeOf = ({ settings: { gateway } }: LoadedConfig): string =>
    JSON.stringify([gateway.bind, gateway.port, gateway.token]);
  return {
    follow: async (next) => {
      parts.log.setSecrets([...next.sources.secrets, current.token]);
      if (placeOf(next) === placeOf(inForce)) return;
      await current.close();
      try {
        current = await listen(gateway, next, beside);
        inForce = next;
      } catch (cause) {
        // Where it cannot listen it must not leave the place where it could.
        current = await listen(gateway, inForce, beside);
        throw cause;
      }
    },
    close: async () => current.close(),
  };
}

/** Keeps what the config file says in force. */
interface ConfigFollower {
  /** Reads the file now; settles once what it says is in force, as far as it is valid. */
  reload(): Promise<void>;
  close(): void;
}

async function followConfig(
  gateway: Gateway,
  running: { options: RunOptions; parts: Parts; server: ControlServer },
): Promise<ConfigFollower> {
  const { watchConfig } = await import("../config/read/watch.ts");
  const { options, parts, server } = running;
  let turn = Promise.resolve();
  const takeOver = async (config: LoadedConfig): Promise<void> => {
    parts.log.setThreshold(config.settings.logLevel);
    parts.withhold(config.sources.interpolated);
    await gateway.apply(config.settings);
    await server.follow(config);
  };
  // One change at a time: a second one waits until the first is in force.
  const watch = watchConfig(
    { configPath: options.configPath, version: gateway.settings().version },
    {
      onSettings: (config) => {
        turn = turn
          .then(async () => takeOver(config))
          .catch((cause: unknown) => gateway.reject(toGatewayError(cause)));
      },
      onProblems: (error: GatewayError) => gateway.reject(error),
    },
  );
  return {
    reload: async () => {
      await watch.read();
      await turn;
    },
    close: () => watch.close(),
  };
}
