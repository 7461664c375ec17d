// A gateway that cannot start says so and ends: it leaves no child behind and answers nobody without its lease.
import { writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { World, type GatewayProcess } from "./world.ts";

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
