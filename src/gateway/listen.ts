// The control server of a running gateway, with the concrete parts it needs; loaded once the accounts are under way.
import type { LoadedConfig } from "../config/read/load.ts";
import { renderAddress } from "../control/gateway-address.ts";
import type { RunningGateway } from "../control/status/running.ts";
import { serve, type ControlServer } from "../server/serve.ts";
import type { Parts } from "./build.ts";
import { probeAccount } from "./ask-imsg.ts";

/** Listens as the configuration says; the log keeps its token to itself from then on. Contract: rejects with `gateway/port-in-use` when it cannot. */
export async function listen(
  running: RunningGateway,
  config: LoadedConfig,
  { log, pageFiles }: Pick<Parts, "log" | "pageFiles">,
): Promise<ControlServer> {
  const { bind, port, token } = config.settings.gateway;
  const { tokenFile, stateDir } = config.sources.places;
  const server = await serve(running, {
    bind,
    port,
    token,
    tokenFile,
    stateDir,
    pageFiles,
    probe: probeAccount,
  });
  log.setSecrets([...config.sources.secrets, server.token]);
  log.info(`control server on http://${renderAddress(server.address)}`);
  return server;
}
