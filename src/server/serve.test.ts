import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QUIET } from "../../test/server/surroundings.ts";
import { RunningWorld } from "../../test/control/running-world.ts";
import { readAddress } from "../control/gateway-address.ts";
import { serve, type ControlServer, type ServeOptions } from "./serve.ts";
import { readOrMakeToken } from "./token.ts";

let running: RunningWorld;
let servers: ControlServer[] = [];
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => {
  await Promise.all(servers.map(async (server) => server.close()));
  servers = [];
  await running.remove();
});

async function start(changes: Partial<ServeOptions> = {}): Promise<ControlServer> {
  const server = await serve(running, {
    bind: "127.0.0.1",
    port: 0,
    token: undefined,
    tokenFile: join(running.folder, "gateway.token"),
    stateDir: running.folder,
    pageFiles: async () => new Map(),
    surroundings: QUIET,
    probe: async () => [],
    ...changes,
  });
  servers.push(server);
  return server;
}

function mode(file: string): number {
  return statSync(file).mode & 0o777;
}

describe("serving", () => {
  test("says where it listens, answers there by the token of the file, and takes the address back", async () => {
    const server = await start();
    expect(readAddress(running.folder)).toEqual(server.address);
    expect(mode(join(running.folder, "gateway.address"))).toBe(0o600);
    const token = readFileSync(join(running.folder, "gateway.token"), "utf8").trim();
    const url = `http://127.0.0.1:${server.address.port}/api/status`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    expect(response.status).toBe(200);
    await servers.pop()?.close();
    expect(readAddress(running.folder)).toBeUndefined();
    await expect(fetch(url)).rejects.toThrow();
  });

  test("a configured token leaves the file alone", async () => {
    const { address } = await start({ token: "configured" });
    const url = `http://127.0.0.1:${address.port}/api/status`;
    expect((await fetch(url, { headers: { authorization: "Bearer configured" } })).status).toBe(200);
    expect(existsSync(join(running.folder, "gateway.token"))).toBe(false);
  });

  test("closing cuts an open event stream", async () => {
    const { address } = await start({ token: "t" });
    const url = `http://127.0.0.1:${address.port}/api/events`;
    const response = await fetch(url, { headers: { authorization: "Bearer t" } });
    const read = response.text();
    await servers.pop()?.close();
    await expect(read).rejects.toThrow();
    await expect.poll(() => running.listeners.size).toBe(0);
  });

  test("a taken port is an error that says what to do", async () => {
    const { address } = await start();
    await expect(start({ port: address.port })).rejects.toMatchObject({
      code: "gateway/port-in-use",
      message: `127.0.0.1:${address.port} is taken by another gateway (process ${running.pid}).`,
    });
    expect(readAddress(running.folder)).toEqual(address);
  });
});

describe("the address file", () => {
  test("of a gateway that is gone says nothing, nor does garbage", () => {
    const file = join(running.folder, "gateway.address");
    // No process has a number past the largest that Linux and macOS give out.
    writeFileSync(file, JSON.stringify({ pid: 2 ** 30, host: "127.0.0.1", port: 1 }));
    expect(readAddress(running.folder)).toBeUndefined();
    writeFileSync(file, "{");
    expect(readAddress(running.folder)).toBeUndefined();
  });
});

describe("the token file", () => {
  test("is made once, long and for its owner only", () => {
    const file = join(running.folder, "new", "gateway.token");
    const token = readOrMakeToken(file);
    expect(token.length).toBeGreaterThanOrEqual(40);
    expect(mode(file)).toBe(0o600);
    expect(readOrMakeToken(file)).toBe(token);
  });

  test("that others could read is closed to them; an empty one is filled", () => {
    const file = join(running.folder, "gateway.token");
    writeFileSync(file, "known-to-the-owner\n");
    chmodSync(file, 0o644);
    expect(readOrMakeToken(file)).toBe("known-to-the-owner");
    expect(mode(file)).toBe(0o600);
    writeFileSync(file, "\n");
    expect(readOrMakeToken(file)).not.toBe("");
    expect(readFileSync(file, "utf8").trim()).not.toBe("");
  });

  test("that holds a word which can be guessed is refused, and what to do is said", () => {
    const file = join(running.folder, "gateway.token");
    writeFileSync(file, "hunter2\n");
    expect(() => readOrMakeToken(file)).toThrow(`The control token in ${file} has fewer than 16 characters`);
  });
});
