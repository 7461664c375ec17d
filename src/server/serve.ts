// The control server on its port: token, listening, the address file, an end that does not wait for readers.
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { reachable, removeAddress, writeAddress, type GatewayAddress } from "../control/gateway-address.ts";
import type { ProbeOne } from "../control/status/probe.ts";
import type { RunningGateway } from "../control/status/running.ts";
import { GatewayError } from "../model/errors.ts";
import { createApp } from "./app.ts";
import type { PageFiles } from "./page-files.ts";
import type { Surroundings } from "./serving.ts";
import { readOrMakeToken } from "./token.ts";

const HEARTBEAT_MS = 15_000;

/** Where and how to serve. */
export interface ServeOptions {
  readonly bind: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined: that of `tokenFile`, which is made if it is not there. */
  readonly token: string | undefined;
  readonly tokenFile: string;
  /** The address is written down here, for the command line. */
  readonly stateDir: string;
  readonly probe: ProbeOne;
  /** The built control page. A failure is not kept, so that building the page mends it. */
  readonly pageFiles: () => Promise<PageFiles>;
  readonly surroundings: Surroundings;
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
  const listening = { bind, port: options.port };
  const token = options.token ?? readOrMakeToken(options.tokenFile);
  const app = createApp(running, {
    token,
    listening: () => listening,
    probe,
    now: () => Date.now(),
    heartbeatMs: HEARTBEAT_MS,
    cookieName: cookieNameOf(stateDir),
    pageFiles: options.pageFiles,
    surroundings: options.surroundings,
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  listening.port = await listen(server, bind, options.port);
  const address = { host: reachable(bind), port: listening.port };
  writeAddress(stateDir, address);
  return {
    address,
    token,
    close: async () => {
      removeAddress(stateDir);
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed.promise;
    },
  };
}

/** Browsers give a cookie to every port of a host: gateways of one machine tell theirs apart by their state folders. */
function cookieNameOf(stateDir: string): string {
  return `coderclaw_${createHash("sha256").update(stateDir).digest("hex").slice(0, 8)}`;
}

type Server = ReturnType<typeof createAdaptorServer>;

/** The port it listens on. */
async function listen(server: Server, bind: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cannotListen(cause, bind, port)));
    server.listen(port, bind, () => {
      const { port: taken } = server.address() as AddressInfo;
      resolve(taken);
    });
  });
}

function cannotListen(cause: NodeJS.ErrnoException, bind: string, port: number): GatewayError {
  const isTaken = cause.code === "EADDRINUSE";
  const what = isTaken ? "is taken" : `cannot be listened on (${cause.code ?? cause.message})`;
  return new GatewayError("gateway/port-in-use", `${bind}:${port} ${what}.`, {
    hint: isTaken
      ? "Stop what listens there, or set gateway.port (0 takes a free one)."
      : "Correct gateway.bind and gateway.port.",
    cause,
  });
}
