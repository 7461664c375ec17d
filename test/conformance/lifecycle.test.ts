// How the process begins and ends: stdin closed, signals, a reader that went away.

import { readdirSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Executable } from "../../src/simulator/executable.ts";
import { play } from "./player.ts";
import { readSessions, readSteps } from "./recording.ts";
import { World } from "./world.ts";

const FILE = "16-process-lifecycle.jsonl";
const CHATS_LIST = '{"jsonrpc":"2.0","id":1,"method":"chats.list","params":{"limit":1}}\n';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => {
  world.destroy();
});

test.each(readSessions(FILE).map((session) => [`process ${session.p}: ${session.title}`, session] as const))(
  "%s",
  async (_title, session) => {
    expect(await play(session, world)).toEqual([]);
  },
);

test("the reader of stdout goes away", async () => {
  const child = new Executable(["rpc", "--db", world.path("/data/chat.db")], {
    cwd: world.root,
    env: { IMSG_SIM_DIALECT: "legacy", IMSG_SIM_LINUX: "1" },
  });
  child.process.stdin.write(CHATS_LIST);
  expect(await child.take(1, 5000)).toHaveLength(1);
  child.process.stdout.destroy();
  child.process.stdin.write(CHATS_LIST.repeat(3));
  const recorded = readSteps(FILE).find(({ text }) => text?.startsWith("stdout gone: exit") === true)?.text;
  expect(`stdout gone: exit ${await child.ended}; stderr: '${child.stderr}'`).toBe(recorded);
});

test("the files left beside the database", async () => {
  world.removeDatabase("/data/chat.db");
  world.addDatabase("/data/chat.db");
  const before = readdirSync(world.path("/data")).toSorted();
  const child = new Executable(["rpc", "--db", world.path("/data/chat.db")], {
    cwd: world.root,
    env: { IMSG_SIM_DIALECT: "legacy", IMSG_SIM_LINUX: "1" },
  });
  child.process.stdin.write(CHATS_LIST);
  await child.take(1, 5000);
  const during = readdirSync(world.path("/data")).toSorted();
  child.process.stdin.end();
  await child.ended;
  const after = readdirSync(world.path("/data")).toSorted();
  const recorded = readSteps(FILE).findLast(({ dir }) => dir === "note")?.text ?? "";
  expect({ before, during, after }).toEqual(JSON.parse(recorded));
});

test("a row may come before the answer to its subscription", async () => {
  const recorded = readSteps("20-subscribe-order-race.jsonl").filter(
    ({ dir }) => dir === "in" || dir === "out",
  );
  const child = new Executable(["rpc", "--db", world.path("/data/chat.db"), "--early-rows"], {
    cwd: world.root,
    env: { IMSG_SIM_DIALECT: "legacy", IMSG_SIM_LINUX: "1" },
  });
  child.process.stdin.write(`${recorded[0]?.line ?? ""}\n`);
  const lines = await child.take(2);
  const wanted = recorded.slice(1).map(({ line }) => JSON.parse(line ?? "") as unknown);
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(wanted);
  child.process.kill();
  await child.ended;
});
