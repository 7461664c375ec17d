import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";
import { endIdentified, isAlive, readIdentity } from "./process-identity.ts";

it("knows a process again, until it is gone", async () => {
  const child = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  await once(child, "spawn");
  const identity = await readIdentity(child.pid ?? 0);
  expect(identity?.pid).toBe(child.pid);
  if (identity === undefined) throw new Error("no identity");
  expect(await isAlive(identity)).toBe(true);

  const ended = once(child, "exit");
  await endIdentified({ ...identity, started: "another time" }, 50);
  expect(await isAlive(identity)).toBe(true);

  await endIdentified(identity, 500);
  await ended;
  expect(await isAlive(identity)).toBe(false);
  expect(await readIdentity(child.pid ?? 0)).toBeUndefined();
});

it("tells our own start in one and the same way", async () => {
  const [one, other] = await Promise.all([readIdentity(process.pid), readIdentity(process.pid)]);
  expect(one).toEqual(other);
  expect(one?.started).toMatch(/\d/u);
});

it("ends what is left of a group whose leader is gone", async () => {
  const leader = spawn("sh", ["-c", "sleep 60 & echo $!; read line"], { detached: true, stdio: "pipe" });
  const [chunk] = (await once(leader.stdout, "data")) as [Buffer];
  const pid = Number(chunk.toString());
  const identity = await readIdentity(leader.pid ?? 0);
  if (identity === undefined) throw new Error("no identity");
  leader.stdin.end("\n");
  await once(leader, "exit");
  expect(await readIdentity(pid)).toBeDefined();
  await endIdentified(identity, 500);
  expect(await readIdentity(pid)).toBeUndefined();
});
