// `doctor --fix`: a backup first, then one repair at a time; what people wrote and decided stays.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CliWorld } from "./world.ts";

let world: CliWorld;
beforeEach(() => {
  world = new CliWorld();
});
afterEach(() => world.remove());

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

test("nothing wrong, nothing to do", async () => {
  mkdirSync(join(world.folder, "workspace"));
  expect(await world.run("doctor", "--fix", "--yes")).toEqual({
    code: 0,
    stdout: "Nothing to repair.\n",
    stderr: "",
  });
});

test("closes files to others, makes missing folders, removes what a dead gateway left; a backup comes first", async () => {
  await world.state(async () => {});
  world.config({ agents: { list: [{ id: "main", workspace: join(world.folder, "deep/workspace") }] } });
  for (const file of [world.configFile, join(world.folder, "state.db")]) chmodSync(file, 0o644);
  writeFileSync(
    join(world.folder, "gateway.address"),
    JSON.stringify({ pid: 999_999_999, host: "127.0.0.1", port: 1 }),
  );
  const { code, stdout } = await world.run("doctor", "--fix", "--yes");
  expect(code).toBe(0);
  expect(stdout).toContain(`chmod 600 '${world.configFile}'`);
  expect(stdout.indexOf("Backup first:")).toBeLessThan(stdout.indexOf("Only you can read"));
  expect([mode(world.configFile), mode(join(world.folder, "state.db"))]).toEqual(["600", "600"]);
  expect(existsSync(join(world.folder, "deep/workspace"))).toBe(true);
  expect(existsSync(join(world.folder, "gateway.address"))).toBe(false);
  expect(readdirSync(join(world.folder, "backups"))).toHaveLength(1);
  expect((await world.run("doctor", "--fix", "--yes")).stdout).toBe("Nothing to repair.\n");
});

test("without a terminal it names --yes, and changes nothing", async () => {
  world.config({});
  chmodSync(world.configFile, 0o644);
  const { code, stderr } = await world.run("doctor", "--fix");
  expect([code, stderr]).toEqual([2, expect.stringContaining("Add --yes") as string]);
  expect(mode(world.configFile)).toBe("644");
});

test("a damaged database is not touched unasked", async () => {
  const path = join(world.folder, "state.db");
  await world.state(async () => {});
  damage(path);
  const { code, stdout } = await world.run("doctor", "--fix", "--yes", "--json");
  expect(code).toBe(1);
  const { repairs } = JSON.parse(stdout) as { repairs: { problem: string; result: string }[] };
  expect(repairs.filter(({ problem }) => problem.includes("damaged")).map(({ result }) => result)).toEqual([
    "skipped",
  ]);
});

test("a config that is not valid is listed, and left as it is", async () => {
  writeFileSync(world.configFile, '{ chanels: {}, channels: { imessage: { dmPolicy: "maybe" } } }');
  const { code, stdout, stderr } = await world.run("doctor", "--fix", "--yes");
  expect(code).toBe(3);
  expect(stdout).toContain("chanels");
  expect(stderr).toContain("cannot be repaired without you");
  expect(readFileSync(world.configFile, "utf8")).toContain("chanels");
});

/** Overwrites pages in the middle of the file. */
function damage(path: string): void {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, 4096 * 3);
  closeSync(file);
}
