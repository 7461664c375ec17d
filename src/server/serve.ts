// The control server on its port: token, listening, the address file, an end that does not wait for readers.
import { createServer, type Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { reachable, removeAddress, writeAddress, type GatewayAddress } from "../control/gateway-address.ts";
import type { ProbeOne } from "../control/status/probe.ts";
import type { RunningGateway } from "../control/status/running.ts";
import { stateMark } from "../control/who-listens.ts";
import { createApp } from "./app.ts";
import { boundConnections, CONNECTION_LIMITS } from "./connections.ts";
import type { PageFiles } from "./page-files.ts";
import { takePort, type TakenPort } from "./port.ts";
import type { Surroundings } from "./serving.ts";
import { readOrMakeToken } from "./token.ts";

const HEARTBEAT_MS = 15_000;

/** Where and how to serve. */
export interface ServeOptions {
  readonly bind: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The port, where it was taken before; default: it is taken now. */
  readonly taken?: TakenPort | undefined;
  /** Undefined: that of `tokenFile`, which is made if it is not there. */
  readonly token: string | undefined;
  readonly tokenFile: string;
  /** The address is written down here, for the command line. */
  readonly stateDir: string;
  readonly probe: ProbeOne;
  /** The built control page. A failure is not kept, so that building the page mends it. */
  readonly pageFiles: () => Promise<PageFiles>;
  readonly surroundings: Surroundings;
  /** Told what went wrong with a connection. */
  readonly onTrouble?: (cause: NodeJS.ErrnoException) => void;
}

/** A server that listens. */
export interface ControlServer {
  readonly address: GatewayAddress;
  /** What a caller must know. */
  readonly token: string;
  /** Contract: open event streams are cut. */
  close(): Promise<void>;
}

/** Serves a gateway until it is closed. Contract: rejects with `gateway/port-in-use` when it cannot listen. */
export async function serve(running: RunningGateway, options: ServeOptions): Promise<ControlServer> {
  const { bind, stateDir, probe } = options;
  // Browsers give a cookie to every port of a host: gateways of one machine tell theirs apart by their state folders.
  const state = stateMark(stateDir);
  const listening = { bind, port: options.port };
  const token = options.token ?? readOrMakeToken(options.tokenFile);
  const ends: (() => void)[] = [];
  const app = createApp(running, {
    token,
    listening: () => listening,
    probe,
    now: () => Date.now(),
    heartbeatMs: HEARTBEAT_MS,
    cookieName: `coderclaw_${state}`,
    listener: { pid: running.pid, state },
    pageFiles: options.pageFiles,
    surroundings: options.surroundings,
    onClose: (end) => ends.push(end),
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: CONNECTION_LIMITS,
  }) as Server;
  boundConnections(server);
  const taken = options.taken ?? (await takePort(bind, options.port));
  await taken.handTo(server);
  // What goes wrong with one connection, such as that there is no file descriptor for it, ends nothing.
  server.on("error", (cause) => options.onTrouble?.(cause));
  listening.port = taken.port;
  const address = { host: reachable(bind), port: listening.port };
  writeAddress(stateDir, address);
  return {
    address,
    token,
    close: async () => {
      removeAddress(stateDir);
      for (const end of ends) end();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
