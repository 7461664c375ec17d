// A gateway that cannot start says so and ends: it leaves no child behind and answers nobody without its lease.
import { existsSync, readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { until, World, type GatewayProcess } from "./world.ts";

const GATEWAY = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Its exit code, or that it goes on. */
async function endOf(gateway: GatewayProcess): Promise<number | null | "still runs"> {
  const late = delay(15_000, "still runs" as const, { ref: false });
  return Promise.race([gateway.ended.then(({ code }) => code), late]);
}

test("a state database that is none ends the gateway, and its imsg with it", async () => {
  await using world = await World.create();
  await writeFile(join(world.dir, "state/state.db"), "not a database ".repeat(1000));
  const gateway = world.launch([GATEWAY, "gateway"]);
  expect(await endOf(gateway)).toBe(1);
  expect(gateway.log()).toContain("cannot be used");
});

test("a port that is taken ends the gateway: none answers on without a lease", async () => {
  await using world = await World.create();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = taken.address() as AddressInfo;
    const setPort = `data:text/javascript,process.env.CODERCLAW_GATEWAY_PORT="${port}"`;
    const gateway = world.launch(["--import", setPort, GATEWAY, "gateway"]);
    expect(await endOf(gateway)).toBe(1);
    expect(gateway.log()).toContain("is taken");
  } finally {
    taken.close();
  }
});

test("a second gateway on the first one's port reads nothing, and both it and its commands say whose the port is", async () => {
  await using first = await World.create();
  const running = await first.start();
  await using second = await World.create();
  const address = JSON.parse(readFileSync(join(first.dir, "state/gateway.address"), "utf8")) as {
    port: number;
  };
  const variables = { CODERCLAW_GATEWAY_PORT: String(address.port) };
  const place = `127.0.0.1:${address.port}`;

  const gateway = await second.coderclawWith(variables, "gateway");
  expect(gateway).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${place} is taken by another gateway (process ${running.child.pid}).`),
  });
  expect(gateway.stderr).toContain("set gateway.port");
  expect(second.simEvents()).toEqual([]);
  expect(existsSync(join(second.dir, "state/state.db"))).toBe(false);

  const whose = `The gateway at ${place} (process ${running.child.pid}) is another's: it runs on another state folder, with another token.`;
  const doctor = await second.coderclawWith(variables, "doctor");
  expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringContaining(whose)]);
  const chats = await second.coderclawWith(variables, "chats");
  expect([chats.code, chats.stderr]).toEqual([1, expect.stringContaining(whose)]);
  expect(chats.stderr).toContain(join(second.dir, "state"));
  expect((await second.coderclawWith(variables, "channels", "status")).code).toBe(0);

  // The first one is none the worse for it, and its port is free for the next when it ends.
  await first.receive("+14155550001", "hello");
  await first.expectSent("+14155550001", ["You said: hello"]);
  await running.kill("SIGTERM");
  expect((await second.coderclawWith(variables, "doctor")).stdout).not.toContain("another's");
});

test("what others could change is refused, and doctor names the command that closes it; what they can read is a warning", async () => {
  await using world = await World.create();
  const state = join(world.dir, "state");
  await chmod(state, 0o755);
  await chmod(world.configFile, 0o644);
  const open = await world.coderclaw("doctor");
  expect(open.stdout).toContain(`The state folder ${state} can be read by others (mode 755).`);
  expect(open.stdout).toContain(`Fix: Run \`chmod 600 ${world.configFile}\`.`);
  expect(open.stdout).not.toContain("BROKEN");

  const seen = world.simEvents().length;
  await chmod(world.configFile, 0o666);
  const command = `chmod 600 ${world.configFile}`;
  const [gateway, status, doctor] = await Promise.all(
    ["gateway", "status", "doctor"].map(async (name) => world.coderclaw(name)),
  );
  for (const refused of [gateway, status])
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(command) });
  expect(doctor).toMatchObject({ code: 1, stdout: expect.stringContaining(`then run \`${command}\`.`) });
  expect(world.simEvents()).toHaveLength(seen);
  await chmod(world.configFile, 0o600);
  await chmod(state, 0o700);
  const gateways = await world.start();
  // A running gateway goes on with what it has, and takes nothing over from there.
  await chmod(world.configFile, 0o622);
  await world.configure({ config: { messages: { responsePrefix: "forged" } } });
  await until(
    () => gateways.log().includes("config not taken over"),
    () => gateways.log(),
  );
  await world.receive("+14155550001", "hello");
  await world.expectSent("+14155550001", ["You said: hello"]);
});
