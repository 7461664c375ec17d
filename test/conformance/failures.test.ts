// Databases that are missing, broken, in trouble or replaced.

import { chmodSync, mkdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { play } from "./player.ts";
import { readSessions } from "./recording.ts";
import type { Session } from "./recording.ts";
import { World } from "./world.ts";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  world.destroy();
});

function session(file: string, p: number): Session {
  const found = readSessions(file).find((candidate) => candidate.p === p);
  if (found === undefined) throw new Error(`${file} has no process ${p}`);
  return found;
}

const STARTUP = "15-startup-failures.jsonl";

test.each([1, 2, 3, 6, 9])("startup failure, process %i", async (p) => {
  expect(await play(session(STARTUP, p), world)).toEqual([]);
});

test("a file that is not SQLite", async () => {
  world.writeFile(
    "/data/notadb.db",
    "this is not a database, and it is long enough to be read as one ".repeat(20),
  );
  expect(await play(session(STARTUP, 4), world)).toEqual([]);
});

test("a file of zero bytes", async () => {
  world.writeFile("/data/empty.db", "");
  expect(await play(session(STARTUP, 5), world)).toEqual([]);
});

test.runIf(isRoot)("a file that may not be read", async () => {
  world.addDatabase("/data/private.db");
  chmodSync(world.path("/data/private.db"), 0o600);
  expect(await play(session(STARTUP, 7), world, { uid: NOBODY })).toEqual([]);
});

test.runIf(isRoot)("a folder that may not be written", async () => {
  mkdirSync(world.path("/data/ro"), { mode: 0o755 });
  world.addDatabase("/data/ro/chat.db");
  expect(await play(session(STARTUP, 8), world, { uid: NOBODY })).toEqual([]);
});

const TROUBLE = "12-watch-database-trouble.jsonl";

test("a query fails while watching, and later works again", async () => {
  world.addDatabase("/data/chat2.db");
  expect(await play(session(TROUBLE, 1), world)).toEqual([]);
});

test("the file is replaced while it is watched", async () => {
  world.addDatabase("/data/chat2.db");
  const beforeWrite = (): void => {
    world.removeDatabase("/data/chat2.db");
    world.addDatabase("/data/chat2.db");
  };
  expect(await play(session(TROUBLE, 2), world, { beforeWrite })).toEqual([]);
});
