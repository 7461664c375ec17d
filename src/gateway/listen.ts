// The control server of a running gateway, with the concrete parts it needs; loaded once the accounts are under way.
import { createHash } from "node:crypto";
import type { LoadedConfig } from "../config/read/load.ts";
import { renderAddress } from "../control/gateway-address.ts";
import type { RunningGateway } from "../control/status/running.ts";
import { serve, type ControlServer } from "../server/serve.ts";
import type { OfferedRepair } from "../server/serving.ts";
import type { TakenPort } from "../server/port.ts";
import type { Parts } from "./build.ts";
import { probeAccount } from "./ask-imsg.ts";
import { readSearchPath } from "./open-state.ts";

/** What the server is built from beside the gateway. */
export interface ListenOptions {
  readonly parts: Pick<Parts, "log" | "pageFiles">;
  /** The command line's `--config`. */
  readonly configPath: string | undefined;
  /** Settles once what the config file says now is in force. */
  readonly reload: () => Promise<void>;
  /** The port of the configuration, where it was taken before. */
  readonly taken?: TakenPort | undefined;
}

/** Longest trial of an agent by the page. */
const TRIAL_MS = 120_000;
const LONGEST_ANSWER = 20_000;

/** Listens as the configuration says; the log keeps its token to itself from then on. Contract: rejects with `gateway/port-in-use` when it cannot. */
export async function listen(
  running: RunningGateway,
  config: LoadedConfig,
  { parts, configPath, reload, taken }: ListenOptions,
): Promise<ControlServer> {
  const { log, pageFiles } = parts;
  const { bind, port, token } = config.settings.gateway;
  const { tokenFile, stateDir } = config.sources.places;
  const server = await serve(running, {
    bind,
    port,
    taken,
    token,
    tokenFile,
    stateDir,
    pageFiles,
    probe: probeAccount,
    onTrouble: seldom(({ code, message }) =>
      log.warn(`the control server could not take a connection: ${code ?? message}`),
    ),
    surroundings: {
      configPath,
      reload,
      searchPath: readSearchPath,
      findRepairs: async () => offeredRepairs(configPath),
      tryAgent: async (agentId, prompt) => {
        const { tryAgent } = await import("./agent-trial.ts");
        const request = { agentId, prompt, timeoutMs: TRIAL_MS, version: running.version };
        const trial = await tryAgent({ config: configPath }, request);
        const text = trial.ok ? trial.answer : trial.reason;
        return { ok: trial.ok, text: text.slice(0, LONGEST_ANSWER), tookMs: trial.durationMs };
      },
    },
  });
  log.setSecrets([...config.sources.secrets, server.token]);
  log.info(`control server on http://${renderAddress(server.address)}`);
  return server;
}

const SELDOM_MS = 60_000;

/** Passes on one of many that come close together. */
function seldom<Value>(tell: (value: Value) => void): (value: Value) => void {
  let nextMs = 0;
  return (value) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + SELDOM_MS;
    tell(value);
  };
}

/** Those that are safe, and that need no person beside the machine. */
async function offeredRepairs(configPath: string | undefined): Promise<readonly OfferedRepair[]> {
  const [{ findRepairs }, { openConfig }] = await Promise.all([
    import("./repairs.ts"),
    import("./open-state.ts"),
  ]);
  const where = { config: configPath };
  const config = await openConfig(where).catch(() => undefined);
  if (config === undefined) return [];
  const repairs = await findRepairs(where, config, { isRunning: true, nowMs: Date.now() });
  return repairs
    .filter(({ isSafe, by }) => isSafe && by === "us")
    .map((repair) => {
      const { problem, change } = repair;
      const id = createHash("sha256")
        .update(JSON.stringify([problem, change]))
        .digest("hex")
        .slice(0, 16);
      return { id, problem, change, run: async () => repair.run() };
    });
}
