// A slow line: a TCP proxy on the loopback that lets through so many bytes a second, each some time later.
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** How slow. */
export interface Slowness {
  readonly delayMs: number;
  /** For each connection and direction. */
  readonly bytesPerSecond: number;
}

/** A line to a port of this machine. */
export class SlowLine implements AsyncDisposable {
  readonly port: number;
  readonly #close: () => Promise<void>;

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.#close = close;
  }

  /** Opens a line to `port`. */
  static async to(port: number, slowness: Slowness): Promise<SlowLine> {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect({ host: "127.0.0.1", port });
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        // The other end hears of it by its own end.
        socket.on("error", () => {});
      }
      carry(near, far, slowness);
      carry(far, near, slowness);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const close = async (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    };
    return new SlowLine((server.address() as AddressInfo).port, close);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

function carry(from: Socket, to: Socket, { delayMs, bytesPerSecond }: Slowness): void {
  let freeAt = 0;
  const arrivesIn = (bytes: number): number => {
    freeAt = Math.max(Date.now(), freeAt) + (bytes / bytesPerSecond) * 1000;
    return freeAt - Date.now() + delayMs;
  };
  from.on("data", (chunk: Buffer) => {
    setTimeout(() => to.writable && to.write(chunk), arrivesIn(chunk.length));
  });
  from.once("close", () => setTimeout(() => to.destroy(), arrivesIn(0)));
}
