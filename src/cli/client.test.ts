import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { ControlPlaces } from "../gateway/open-state.ts";
import { GatewayError } from "../model/errors.ts";
import { askGateway, needGateway } from "./client.ts";

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const CONFIG_ERROR = new GatewayError("config/invalid", "bad config", { hint: "Mend it." });

/** A server that answers every connection with these bytes, in pieces of this size. */
async function answering(raw: string | undefined, pieceBytes = 7): Promise<Served> {
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (chunk) => {
      requests.push(chunk.toString());
      if (raw === undefined) return;
      const bytes = Buffer.from(raw);
      for (let at = 0; at < bytes.length; at += pieceBytes) socket.write(bytes.subarray(at, at + pieceBytes));
      socket.end();
    });
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { control: placesOf(port), port, requests };
}

/** A gateway that wrote its address down, and a config that is not valid. */
function placesOf(port: number): ControlPlaces {
  const config = async () => Promise.reject(CONFIG_ERROR);
  return { stateDir: "/state", written: { host: "127.0.0.1", port, token: "T" }, configured: config, config };
}

interface Served {
  readonly control: ControlPlaces;
  readonly port: number;
  readonly requests: string[];
}

const HEAD = "HTTP/1.1 200 OK\r\nServer: coderclaw\r\n\r\n";
const GET = { method: "GET", path: "/api/status" } as const;

test("an answer is its JSON, whatever the pieces it came in", async () => {
  const { control, port, requests } = await answering(`${HEAD}{"text":"小爪 🐾"}`);
  expect(await askGateway(control, GET)).toEqual({ text: "小爪 🐾" });
  expect(requests.join("")).toBe(
    `GET /api/status HTTP/1.0\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer T\r\n\r\n`,
  );
});

test("a body is sent with its length in bytes", async () => {
  const { control, requests } = await answering(`${HEAD}{}`);
  await askGateway(control, { method: "POST", path: "/api/send", body: { text: "小" } });
  expect(requests.join("")).toContain('Content-Length: 14\r\n\r\n{"text":"小"}');
});

test("an error comes back as the error it was", async () => {
  const error = { code: "send/bad-target", message: "No.", hint: "Do." };
  const { control } = await answering(
    `HTTP/1.1 400 Bad Request\r\nserver: coderclaw\r\n\r\n${JSON.stringify({ error })}`,
  );
  await expect(askGateway(control, GET)).rejects.toMatchObject(error);
});

test("a code of another version is a refusal", async () => {
  const { control } = await answering(
    'HTTP/1.1 400 Bad Request\r\nserver: coderclaw\r\n\r\n{"error":{"code":"new/code","message":"No."}}',
  );
  await expect(askGateway(control, GET)).rejects.toMatchObject({ code: "gateway/refused", message: "No." });
});

test.each([
  ["another server", "HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n{}"],
  ["no HTTP", "SSH-2.0-OpenSSH_9\r\n"],
  ["an answer cut off", `${HEAD}{"te`],
  ["nothing", ""],
])("%s is no gateway", async (_name, raw) => {
  const { control } = await answering(raw);
  expect(await askGateway(control, GET)).toBeUndefined();
});

test("nobody listening is no gateway", async () => {
  const { control } = await answering("");
  const [server] = servers.splice(0);
  server?.close();
  await once(server as Server, "close");
  expect(await askGateway(control, GET)).toBeUndefined();
  await expect(needGateway({ ...control, config: async () => ({}) as never }, GET)).rejects.toMatchObject({
    code: "gateway/not-running",
  });
  // The reason why it was not found may be that.
  await expect(needGateway(control, GET)).rejects.toBe(CONFIG_ERROR);
});

test("silence is told as silence", async () => {
  const { control } = await answering(undefined);
  await expect(askGateway(control, { ...GET, timeoutMs: 30 })).rejects.toMatchObject({
    code: "gateway/not-running",
    effect: "maybe",
  });
});

test("a token that is refused is tried again as the configuration has it, once", async () => {
  const refusal =
    'HTTP/1.1 401 Unauthorized\r\nserver: coderclaw\r\n\r\n{"error":{"code":"gateway/refused","message":"No."}}';
  const { control, port, requests } = await answering(refusal);
  const configured = async () => ({ host: "127.0.0.1", port, token: "other" });
  await expect(askGateway({ ...control, configured }, GET)).rejects.toMatchObject({
    code: "gateway/not-ours",
  });
  expect(requests.map((request) => /Bearer (\w+)/.exec(request)?.[1])).toEqual(["T", "other"]);
  requests.length = 0;
  const same = async () => ({ host: "127.0.0.1", port, token: "T" });
  await expect(askGateway({ ...control, configured: same }, GET)).rejects.toMatchObject({
    code: "gateway/not-ours",
  });
  expect(requests).toHaveLength(1);
});

test("a gateway that wrote nothing down is asked where the configuration says", async () => {
  const { port } = await answering(`${HEAD}{"n":1}`);
  const configured = async () => ({ host: "127.0.0.1", port, token: undefined });
  expect(await askGateway({ ...placesOf(1), written: undefined, configured }, GET)).toEqual({ n: 1 });
});
