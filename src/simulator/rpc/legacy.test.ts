// The generation up to 0.13 where the recordings say nothing: backlogs, file events, dates out of range.

import { afterEach, beforeEach, expect, test } from "vitest";
import { Executable } from "../executable.ts";
import type { RpcLine } from "../executable.ts";
import { ScratchDatabase } from "../scratch-database.ts";

let db: ScratchDatabase;
let sim: Executable;

function start(...options: string[]): Executable {
  return new Executable(["rpc", "--db", db.path, "--dialect", "legacy", ...options], { cwd: db.folder });
}

beforeEach(() => {
  db = new ScratchDatabase();
  db.add(1);
});

afterEach(async () => {
  sim.process.kill();
  await sim.ended;
  db.destroy();
});

function messageOf(params: RpcLine["params"]): { readonly id: number } {
  if (params === undefined) throw new Error("no notification");
  return params["message"] as { readonly id: number };
}

function rowsOf(lines: readonly string[]): unknown[] {
  return lines
    .map((line) => JSON.parse(line) as RpcLine)
    .filter(({ method }) => method === "message")
    .map(({ params }) => messageOf(params).id);
}

test("a backlog comes 100 rows a poll", async () => {
  db.add(250);
  sim = start("--poll-ms", "300");
  await sim.call("watch.subscribe", { since_rowid: 1 });
  expect(rowsOf(await sim.take(250, 150))).toHaveLength(100);
  expect(rowsOf(await sim.take(150))).toEqual(Array.from({ length: 150 }, (_, index) => index + 102));
});

test("a row in two chats comes once when a batch ends between", async () => {
  db.add(99);
  const twice = db.add(1, {}, [1, 2]);
  db.add(1);
  sim = start("--poll-ms", "100");
  await sim.call("watch.subscribe", { since_rowid: 1 });
  const rows = rowsOf(await sim.take(101));
  expect(rows.filter((rowId) => rowId === twice)).toHaveLength(1);
});

test("a change is noticed at once, not at the next poll", async () => {
  sim = start();
  await sim.call("watch.subscribe", { debounce_ms: 0 });
  const rowId = db.add(1);
  expect(rowsOf(await sim.take(1, 2000))).toEqual([rowId]);
});

test("changes are gathered for as long as was asked", async () => {
  sim = start();
  await sim.call("watch.subscribe", { since_rowid: -1, debounce_ms: 400 });
  expect(rowsOf(await sim.take(1))).toEqual([1]); // the first poll waits for no event, and is over now
  const before = performance.now();
  db.add(1);
  expect(rowsOf(await sim.take(1))).toEqual([2]);
  expect(performance.now() - before).toBeGreaterThanOrEqual(350);
});

test("a time that does not fit kills the process, as it kills imsg", async () => {
  sim = start();
  sim.write({
    jsonrpc: "2.0",
    id: 1,
    method: "messages.history",
    params: { chat_id: 1, end: "9999-01-01T00:00:00Z" },
  });
  expect(await sim.ended).toBe(-5);
  expect(sim.lines).toEqual([]);
});

test("its error texts are the recorded ones, on the Mac it plays too", async () => {
  sim = start();
  sim.process.stdin.write("not json\n");
  const { error } = await sim.find((line) => line.error !== undefined);
  expect(error?.data).toBe("The operation could not be completed. The data is not in the correct format.");
  db.sql("ALTER TABLE message RENAME TO gone");
  const failed = await sim.call("messages.history", { chat_id: 1 });
  expect(failed.error?.data).toBe("The operation could not be completed. (SQLite.Result error 0.)");
});
