// The control server's port, which a gateway has before it reads a message: two of them meet here.
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { reachable } from "../control/gateway-address.ts";
import { findListener } from "../control/who-listens.ts";
import { GatewayError } from "../model/errors.ts";

/** Who asks before the server is there waits; no more than so many. */
const MOST_WAITING = 32;
const WHO_MS = 1000;

/** A port that is had. */
export interface TakenPort {
  readonly bind: string;
  readonly port: number;
  /** Hands the port and who waits at it to a server. Contract: once; closing that server closes the port. */
  handTo(server: Server): Promise<void>;
  /** Unless a server was handed it. */
  giveBack(): void;
}

/** Takes a port; 0 takes a free one. Contract: rejects with `gateway/port-in-use` when it cannot be had. */
export async function takePort(bind: string, port: number): Promise<TakenPort> {
  const waiting = new Set<Socket>();
  const holder = createServer((socket) => {
    if (waiting.size >= MOST_WAITING) return socket.destroy();
    waiting.add(socket);
    socket.on("error", () => waiting.delete(socket));
    socket.once("close", () => waiting.delete(socket));
  });
  const cause = await listening(holder, { port, host: bind });
  if (cause !== undefined) throw await cannotListen(cause, bind, port);
  // A connection for which there is no file descriptor.
  holder.on("error", () => {});
  let isHanded = false;
  return {
    bind,
    port: (holder.address() as AddressInfo).port,
    handTo: async (server) => {
      isHanded = true;
      // Both have the same socket from here on; only the server is told of connections.
      const failed = await listening(server, holder);
      if (failed !== undefined) throw failed;
      for (const socket of waiting) server.emit("connection", socket);
      waiting.clear();
    },
    giveBack: () => {
      if (isHanded) return;
      holder.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}

/** Why it cannot listen; undefined: it does. */
async function listening(server: Server, where: object): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen(where, () => {
      server.off("error", resolve);
      resolve(undefined);
    });
  });
}

async function cannotListen(cause: NodeJS.ErrnoException, bind: string, port: number): Promise<GatewayError> {
  if (cause.code !== "EADDRINUSE")
    return new GatewayError(
      "gateway/port-in-use",
      `${bind}:${port} cannot be listened on (${cause.code ?? cause.message}).`,
      {
        hint: "Correct gateway.bind and gateway.port.",
        cause,
      },
    );
  const other = await findListener({ host: reachable(bind), port }, WHO_MS);
  if (other === undefined)
    return new GatewayError("gateway/port-in-use", `${bind}:${port} is taken.`, {
      hint: "Stop what listens there, or set gateway.port (0 takes a free one).",
      cause,
    });
  return new GatewayError(
    "gateway/port-in-use",
    `${bind}:${port} is taken by another gateway (process ${other.pid}).`,
    {
      hint: "Stop that one, or give this one a port of its own: set gateway.port (0 takes a free one).",
      cause,
    },
  );
}
