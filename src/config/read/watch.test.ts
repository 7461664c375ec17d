import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { GatewayError } from "../../model/errors.ts";
import { readEnvironment } from "../env.ts";
import type { LoadedConfig } from "./load.ts";
import { watchConfig, type ConfigWatch, type WatchOptions } from "./watch.ts";

let folder: string;
let told: (LoadedConfig | GatewayError)[];
let running: ConfigWatch | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "watch-"));
  told = [];
});
afterEach(async () => {
  running?.close();
  await rm(folder, { recursive: true });
});

const config = (port: number): string => `{ gateway: { port: ${port} } } // some text that is not short`;

function start(file: string, options: Partial<WatchOptions> = {}): void {
  running = watchConfig(
    {
      configPath: file,
      environment: readEnvironment({ CODERCLAW_STATE_DIR: folder }),
      debounceMs: 20,
      graceMs: 150,
      pollMs: 60_000,
      ...options,
    },
    { onSettings: (loaded) => told.push(loaded), onProblems: (error) => told.push(error) },
  );
}

/** What was told last: the port, or the error's code. */
function last(): unknown {
  const newest = told.at(-1);
  return newest === undefined ? undefined : "settings" in newest ? newest.settings.gateway.port : newest.code;
}

/** Waits until the watcher has said `expected`. */
async function until(expected: unknown): Promise<void> {
  await expect.poll(last, { timeout: 5000, interval: 5 }).toBe(expected);
}

/** A watch that has told of port 1: from here on every change is news. */
async function settled(file: string, options: Partial<WatchOptions> = {}): Promise<void> {
  await writeFile(file, config(1));
  start(file, { version: "another", ...options });
  await until(1);
}

test("a change is told, an invalid one as an error, and its undoing again", async () => {
  const file = join(folder, "c.json");
  await settled(file);
  await writeFile(file, config(2));
  await until(2);
  await writeFile(file, "{ gatewy: {} }");
  await until("config/invalid");
  await writeFile(file, config(2));
  await until(2);
  await writeFile(file, config(2));
  await writeFile(file, config(3));
  await until(3);
  expect(told.map((each) => ("settings" in each ? each.settings.gateway.port : each.code))).toEqual([
    1,
    2,
    "config/invalid",
    2,
    3,
  ]);
});

test("an atomic replacement, a rename away and back, and a deleted and recreated file are seen", async () => {
  const file = join(folder, "c.json");
  await settled(file);
  await writeFile(`${file}.new`, config(2));
  await rename(`${file}.new`, file);
  await until(2);
  await rename(file, `${file}~`);
  await writeFile(file, config(3));
  await until(3);
  await unlink(file);
  await until("config/unreadable");
  await writeFile(file, config(3));
  await until(3);
});

test("an editor that empties the file before it writes is not taken at its word", async () => {
  const file = join(folder, "c.json");
  await settled(file, { graceMs: 5000 });
  await writeFile(file, "");
  await new Promise((wake) => setTimeout(wake, 100));
  await writeFile(file, config(2));
  await until(2);
  expect(told).toHaveLength(2);
});

test("a file that stays empty is an error: the accounts go on", async () => {
  const file = join(folder, "c.json");
  await settled(file);
  await writeFile(file, "\n");
  await until("config/unreadable");
});

test("a file that is a symbolic link: the target changes, the link changes, a link on the way changes", async () => {
  for (const name of ["one", "two"]) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, "real.json"), config(name === "one" ? 1 : 5));
  }
  await symlink("one", join(folder, "current"));
  await symlink("current/real.json", join(folder, "c.json"));
  start(join(folder, "c.json"), { version: "another" });
  await until(1);
  await writeFile(join(folder, "one", "real.json"), config(4));
  await until(4);
  await symlink("two", join(folder, "next"));
  await rename(join(folder, "next"), join(folder, "current"));
  await until(5);
  await writeFile(join(folder, "two", "real.json"), config(6));
  await until(6);
  await unlink(join(folder, "c.json"));
  await writeFile(join(folder, "c.json"), config(7));
  await until(7);
});

test("a folder that is not there yet is seen by the poll", async () => {
  const file = join(folder, "later", "c.json");
  start(file, { pollMs: 20, version: "another" });
  await until(18_789);
  await mkdir(join(folder, "later"));
  await writeFile(file, config(9));
  await until(9);
});

test("the first read tells of a file that changed since it was loaded, and of nothing else", async () => {
  const file = join(folder, "c.json");
  await settled(file);
  const version = (told[0] as LoadedConfig).settings.version;
  running?.close();
  told = [];
  start(file, { version });
  await new Promise((wake) => setTimeout(wake, 100));
  expect(told).toEqual([]);
  await writeFile(file, config(2));
  await until(2);
});

test("nothing is told after close", async () => {
  const file = join(folder, "c.json");
  await settled(file);
  running?.close();
  await writeFile(file, config(2));
  await new Promise((wake) => setTimeout(wake, 100));
  expect(told).toHaveLength(1);
});

test("asked to, it reads at once: what the file says was told when the answer comes, and is not told again", async () => {
  const file = join(folder, "c.json");
  await settled(file, { debounceMs: 60_000 });
  const before = told.length;
  await writeFile(file, config(2));
  await running?.read();
  expect([last(), told.length]).toEqual([2, before + 1]);
  await running?.read();
  expect(told).toHaveLength(before + 1);
});
