// A small reverse proxy as people put before the gateway: below a path, cutting it off or not, passing the name on or not.
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How it hands requests on. */
export interface ProxyOptions {
  readonly upstreamPort: number;
  /** Such as `/claw`; what lies elsewhere is 404. */
  readonly path: string;
  readonly cutsPath: boolean;
  readonly passesHost: boolean;
}

/** A proxy that runs. */
export interface Proxy extends AsyncDisposable {
  readonly port: number;
}

/** Starts it on a free port. */
export async function startProxy({ upstreamPort, path, cutsPath, passesHost }: ProxyOptions): Promise<Proxy> {
  const server: Server = createServer((asked, answer) => {
    const url = asked.url ?? "/";
    if (url !== path && !url.startsWith(`${path}/`)) {
      answer.writeHead(404).end();
      return;
    }
    const onward = request(
      {
        port: upstreamPort,
        host: "127.0.0.1",
        method: asked.method,
        path: cutsPath ? url.slice(path.length) || "/" : url,
        headers: { ...asked.headers, ...(passesHost ? {} : { host: `127.0.0.1:${upstreamPort}` }) },
      },
      (given) => {
        answer.writeHead(given.statusCode ?? 502, given.headers);
        given.pipe(answer);
      },
    );
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
