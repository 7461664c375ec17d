// The connections of the control server, bounded: those on which nothing is asked make way for new ones, and none waits for ever.
import type { IncomingMessage, Server as HttpServer, ServerOptions, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Browsers open six a page; each event stream takes one. A process has 256 open files on a Mac unless somebody raises that. */
export const MOST_CONNECTIONS = 64;

/** How long a client may take to say what it asks, in ms; a stream that is being answered is not meant. */
export const CONNECTION_LIMITS: ServerOptions = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 2000,
};

/**
 * Bounds the connections of a server.
 *
 * Contract: called before the server listens. A connection past `most` ends the one that has waited longest without being asked anything;
 * where all are being answered, it is ended itself.
 */
export function boundConnections(server: HttpServer, most = MOST_CONNECTIONS): void {
  /** Without a request, oldest first. */
  const idle = new Set<Socket>();
  const busy = new Map<Socket, number>();
  server.on("connection", (socket: Socket) => {
    idle.add(socket);
    socket.once("close", () => {
      idle.delete(socket);
      busy.delete(socket);
    });
    if (idle.size + busy.size <= most) return;
    const [oldest = socket] = idle;
    idle.delete(oldest);
    oldest.destroy();
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    idle.delete(socket);
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (busy.get(socket) ?? 1) - 1;
      if (left > 0) return busy.set(socket, left);
      busy.delete(socket);
      if (!socket.destroyed) idle.add(socket);
    });
  });
}
