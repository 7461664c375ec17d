// The background service of this machine as commands use it: the manager that fits, and what it would run today.
import { homedir, platform, userInfo } from "node:os";
import { join } from "node:path";
import { readEnvironment } from "../config/env.ts";
import { findPlaces, type Places } from "../config/places.ts";
import type { LoadedConfig } from "../config/read/load.ts";
import { GatewayError } from "../model/errors.ts";
import type { AgentSettings } from "../model/settings.ts";
import { driftOf, type Drift } from "../service/drift.ts";
import { launchd } from "../service/launchd.ts";
import type { ServiceManager, ServicePlan, ServiceStep } from "../service/service-plan.ts";
import { servicePath, stableNode, stableProgram } from "../service/stable-paths.ts";
import { systemd } from "../service/systemd.ts";
import { requireOwn } from "../service/unit-file.ts";
import type { Where } from "./open-state.ts";

export type { ServiceManager, ServiceStep };

/** Variables that point the product somewhere else; the service has to be told them too. */
const OWN_VARIABLES = ["CODERCLAW_STATE_DIR", "CODERCLAW_CONFIG_PATH", "CODERCLAW_GATEWAY_PORT"];
/** Passed on where they are set: without them names and texts in other scripts break. */
const LOCALE_VARIABLES = ["LANG", "LC_ALL", "LC_CTYPE"];

/** The service manager of this machine. Contract: throws `service/no-manager` on a system that has neither. */
export function openServiceManager(where: Where): ServiceManager {
  const environment = readEnvironment();
  const places = findPlaces(where.config, environment);
  const { username, uid } = userInfo();
  const system = platform();
  if (system === "darwin") return launchd({ home: homedir(), uid, logFile: logFileOf(places) });
  if (system === "linux")
    return systemd({
      configHome: environment.variable("XDG_CONFIG_HOME") || join(homedir(), ".config"),
      user: username,
    });
  throw new GatewayError("service/no-manager", `There is no service manager for "${system}"`, {
    hint: "Run `coderclaw gateway` in a terminal, or let a supervisor of your own run it.",
  });
}

/** What the service would run if it were installed now, by this configuration. */
export function planService(where: Where, { settings, sources }: LoadedConfig): ServicePlan {
  const environment = readEnvironment();
  const { places } = sources;
  const node = stableNode(process.execPath);
  const environmentFile = join(places.stateDir, "service.env");
  const programs = [
    ...settings.agents.flatMap(programOf),
    ...settings.accounts.map(({ transport }) => transport.cliPath),
    "ssh",
  ];
  const kept = [...OWN_VARIABLES, ...LOCALE_VARIABLES].flatMap((name) => {
    const value = environment.variable(name);
    return value === undefined || value === "" ? [] : [[name, value] as const];
  });
  return {
    command: [
      node,
      `--env-file-if-exists=${environmentFile}`,
      stableProgram(process.argv[1] ?? ""),
      "gateway",
      ...(where.config === undefined ? [] : ["--config", places.configFile]),
    ],
    environment: {
      PATH: servicePath(programs, { node, searchPath: environment.searchPath }),
      ...Object.fromEntries(kept),
    },
    environmentFile,
    logFile: logFileOf(places),
  };
}

/** How an installed service differs from what would be installed today; empty when none is installed or nothing differs. */
export async function readServiceDrift(where: Where, config: LoadedConfig): Promise<readonly Drift[]> {
  const manager = openServiceManager(where);
  const text = await requireOwn(manager.file).catch(() => undefined);
  if (text === undefined) return [];
  const current = manager.read(text);
  const unreadable = {
    isBroken: true,
    message: `"${manager.file}" cannot be read as a service of CoderClaw`,
  };
  return current === undefined ? [unreadable] : driftOf(current, planService(where, config));
}

/** Variables that the config takes with `${NAME}` and that the service would not have. */
export function missingVariables({ sources }: LoadedConfig, plan: ServicePlan): readonly string[] {
  return sources.interpolated.filter(
    (name) => !(name in plan.environment) && name !== "HOME" && name !== "USER",
  );
}

function logFileOf(places: Places): string {
  return join(places.stateDir, "logs", "gateway.log");
}

function programOf({ runtime }: AgentSettings): readonly string[] {
  return runtime.type === "acp" || runtime.type === "command" ? [runtime.command[0]] : [];
}
