import { afterEach, beforeEach, expect, test } from "vitest";
import { account, HEALTHY, RunningWorld, settings } from "../../test/control/running-world.ts";
import { ANNA, HOME, WORK } from "../../test/contracts/store-world.ts";
import { readStatus } from "../control/status/status.ts";
import { renderStatus } from "./render-status.ts";

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
  running.settingsInForce = settings([account(HOME)], {
    stoppedAccounts: [{ id: WORK, name: "Work", owners: [] }],
  });
});
afterEach(async () => running.remove());

async function rendered(): Promise<string> {
  const { nowMs } = running.world;
  return renderStatus(await readStatus(running, nowMs), nowMs);
}

test.each([
  [120, "row 101 of 120"],
  [101, "row 101"],
  [100, "row 101"],
  [undefined, "row 101"],
])("a head of %s that was looked up earlier is not shown behind the cursor", async (head, shown) => {
  await running.world.waits(ANNA, "hi");
  running.health = { ...HEALTHY, watching: { ...HEALTHY.watching, head } };
  expect(await rendered()).toContain(`  cursor     ${shown}\n`);
});

test("a watch that is being opened is starting, and no warning says otherwise", async () => {
  running.health = { ...HEALTHY, watching: { ...HEALTHY.watching, ok: false, reason: undefined } };
  expect(await rendered()).toContain("  watching   starting, ");
  expect(await rendered()).not.toContain("Warnings:");
});

test("of a disabled account nothing is said but that it is", async () => {
  expect(await rendered()).toMatch(/\n\nwork \(Work\): disabled$/);
});
