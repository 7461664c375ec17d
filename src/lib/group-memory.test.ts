import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { endProcessGroup } from "./child.ts";
import { readGroupBytes, watchMemory } from "./group-memory.ts";

const HOG = "const b = Buffer.alloc(60e6, 1); console.log('full'); setInterval(() => b[0], 1000)";
const PLATFORMS =
  process.platform === "linux" ? (["linux", "darwin"] as const) : ([process.platform] as const);

/** A shell with a child that holds 60 MB. */
async function startHog(): Promise<number> {
  const script = `'${process.execPath}' -e "${HOG}" & wait`;
  const leader = spawn("sh", ["-c", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  const pid = leader.pid ?? 0;
  onTestFinished(async () => endProcessGroup(pid, 300));
  await once(leader.stdout, "data");
  return pid;
}

test.each(PLATFORMS)("as %s tells it, all of a group counts, and nothing else", async (platform) => {
  const [full, other] = [await startHog(), await startHog()];
  const bytes = await readGroupBytes(full, platform);
  expect(bytes).toBeGreaterThan(60e6);
  expect(bytes).toBeLessThan(600e6);
  await endProcessGroup(full, 300);
  await expect.poll(async () => readGroupBytes(full, platform)).toBe(0);
  expect(await readGroupBytes(other, platform)).toBeGreaterThan(60e6);
});

test("too much is told once; what is below the limit, or no longer watched, is not", async () => {
  const pid = await startHog();
  const told: string[] = [];
  watchMemory(pid, 1e12, () => told.push("far below"));
  watchMemory(pid, 1e6, () => told.push("no longer watched"))();
  const excess = Promise.withResolvers<void>();
  watchMemory(pid, 1e6, () => {
    told.push("too much");
    excess.resolve();
  });
  await excess.promise;
  expect(told).toEqual(["too much"]);
});
