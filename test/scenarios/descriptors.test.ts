// A gateway whose control port is held by connections that ask nothing.
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { World, type GatewayProcess } from "./world.ts";

const ANNA = "+14155550001";
const OPEN = { dmPolicy: "open", allowFrom: ["*"] };
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Connections to the control port that say nothing. */
async function hold(world: World, count: number): Promise<void> {
  const file = readFileSync(join(world.dir, "state/gateway.address"), "utf8");
  const port = Number(/\d{4,5}/u.exec(file)?.[0]);
  for (let held = 0; held < count; held += 1) {
    const socket = connect(port, "127.0.0.1");
    sockets.push(socket);
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve).once("close", resolve));
  }
}

/** Kills the children that speak `imsg rpc`. */
function killChildren({ child }: GatewayProcess): void {
  const pids = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ");
  const ours = pids.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("rpc"));
  expect(ours.length).toBeGreaterThan(0);
  for (const pid of ours) process.kill(Number(pid), "SIGKILL");
}

const onLinux = test.skipIf(process.platform !== "linux");

onLinux("a thousand idle connections hold up neither commands nor the restart of a child", async () => {
  await using world = await World.create({ imessage: OPEN });
  const gateway = await world.start({ openFiles: 1024 });
  await hold(world, 1000);
  killChildren(gateway);
  const status = await world.coderclaw("channels", "status");
  expect(status.code).toBe(0);
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
  expect(gateway.child.exitCode).toBe(null);
});
