import { createServer, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { boundConnections, CONNECTION_LIMITS } from "./connections.ts";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers `/now`, and keeps `/later` waiting. */
async function serve(
  most: number,
  options = CONNECTION_LIMITS,
): Promise<{ port: number; waiting: ServerResponse[] }> {
  const waiting: ServerResponse[] = [];
  const server = createServer(options, ({ url }, response) => {
    if (url === "/now") response.end("done");
    else waiting.push(response);
  });
  boundConnections(server, most);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, waiting };
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  return socket;
}

async function ask(port: number, path: string): Promise<Socket> {
  const socket = await open(port);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`);
  return socket;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, "close");
}

describe("past the bound", () => {
  test("the connection that has waited longest makes way, and the new one is answered", async () => {
    const { port } = await serve(5);
    const idle: Socket[] = [];
    for (let count = 0; count < 30; count += 1) idle.push(await open(port));
    const asking = await ask(port, "/now");
    const [answer] = (await once(asking, "data")) as [Buffer];
    expect(answer.toString()).toContain("done");
    await Promise.all(idle.slice(0, 26).map(closed));
    expect(idle.slice(26).filter((socket) => socket.closed)).toEqual([]);
  });

  test("those that are being answered stay, and a further one is ended", async () => {
    const { port, waiting } = await serve(3);
    const busy = await Promise.all([1, 2, 3].map(async () => ask(port, "/later")));
    await expect.poll(() => waiting.length).toBe(3);
    await closed(await open(port));
    expect(busy.filter((socket) => socket.closed)).toEqual([]);
    const answered = once(busy[0] as Socket, "data");
    waiting[0]?.end("done");
    await answered;
    const next = await ask(port, "/now");
    expect(String(((await once(next, "data")) as [Buffer])[0])).toContain("done");
    // The one that was answered was idle again, and the oldest.
    await closed(busy[0] as Socket);
  });
});

test.each([
  ["nothing", ""],
  ["half a request", "GET / HTTP/1.1\r\nhost: a\r\n"],
  ["a byte now and then", "G"],
])("a client that says %s is not waited for", async (_what, said) => {
  const quick = {
    ...CONNECTION_LIMITS,
    headersTimeout: 100,
    requestTimeout: 200,
    connectionsCheckingInterval: 20,
  };
  const { port } = await serve(5, quick);
  const socket = await open(port);
  socket.write(said);
  const timer = setInterval(() => said === "G" && socket.writable && socket.write("E"), 20);
  await closed(socket);
  clearInterval(timer);
});
