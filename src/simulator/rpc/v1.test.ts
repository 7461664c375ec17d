// The generation from 0.14, through the real executable.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Executable } from "../executable.ts";
import type { RpcLine } from "../executable.ts";
import { ScratchDatabase } from "../scratch-database.ts";

let db: ScratchDatabase;
let sim: Executable;

function start(...options: string[]): Executable {
  return new Executable(["rpc", "--db", db.path, ...options], { cwd: db.folder });
}

beforeEach(() => {
  db = new ScratchDatabase();
  sim = start();
});

afterEach(async () => {
  sim.process.kill();
  await sim.ended;
  db.destroy();
});

interface Row {
  readonly id: number;
  readonly chat_id: number;
  readonly reactions: readonly { readonly type: string }[];
}

function messagesOf({ result }: RpcLine): readonly Row[] {
  return (result?.["messages"] ?? []) as readonly Row[];
}

function messageOf(params: RpcLine["params"]): Row {
  if (params === undefined) throw new Error("no notification");
  return params["message"] as Row;
}

function idsOf(line: RpcLine): unknown[] {
  return messagesOf(line).map(({ id }) => id);
}

function isRow(rowId: number): (line: RpcLine) => boolean {
  return ({ params }) => (params?.["message"] as { id: number } | undefined)?.id === rowId;
}

describe("status", () => {
  test("names the protocol and what works", async () => {
    const { result } = await sim.call("status");
    expect(result).toMatchObject({
      protocol_version: 1,
      database: { ready: true },
      bridge: { ready: false },
    });
    expect(result?.["methods"]).toEqual(expect.arrayContaining(["messages.after", "send"]));
    expect(result?.["methods"]).not.toContain("tapback");
    expect((await sim.call("initialize", { protocol_version: 1 })).result).toEqual(result);
  });

  test("with the bridge more works", async () => {
    const bridged = start("--bridge");
    const { result } = await bridged.call("status");
    expect(result?.["methods"]).toEqual(result?.["supported_methods"]);
    expect(await bridged.close()).toBe(0);
  });
});

describe("requests are read strictly", () => {
  test.each([
    ["initialize", { protocol_version: 2 }, /unsupported protocol_version 2/u],
    ["status", { a: 1 }, /unknown status param: a/u],
    ["chats.list", { limit: "2" }, /limit must be an integer/u],
    ["chats.list", { limit: 0 }, /limit must be a positive integer/u],
    ["messages.history", {}, /chat_id is required/u],
    ["messages.history", { chat_id: 1, start: "yesterday" }, /Invalid ISO8601 date: yesterday/u],
    ["messages.search", { query: " " }, /query must be a non-empty string/u],
    ["messages.after", {}, /since_rowid must be a non-negative integer/u],
    ["messages.after", { since_rowid: 0, limit: 501 }, /limit must be an integer between 1 and 500/u],
    ["watch.subscribe", { debounce_ms: -1 }, /debounce_ms must be a non-negative integer/u],
    ["watch.subscribe", { buffer_limit: 0 }, /buffer_limit must be an integer between 1 and 4096/u],
    ["watch.subscribe", { chatId: 1 }, /unknown watch.subscribe param: chatId/u],
    ["watch.unsubscribe", { subscription: "1" }, /subscription must be an integer/u],
  ])("%s %j", async (method, params, wanted) => {
    const { error } = await sim.call(method, params);
    expect(error).toMatchObject({ code: -32602, message: "Invalid params" });
    expect(error?.data).toMatch(wanted);
  });

  test.each([
    [{ id: 1, method: "status" }, -32600, 1],
    [{ jsonrpc: "2.0", id: true, method: "status" }, -32600, null],
    [{ jsonrpc: "2.0", id: 1 }, -32600, 1],
    [{ jsonrpc: "2.0", id: 1, method: "status", params: [] }, -32602, 1],
    [{ jsonrpc: "2.0", id: 1, method: "status", params: null }, -32602, 1],
    [{ jsonrpc: "2.0", id: 1, method: "no.such" }, -32601, 1],
    [[], -32600, null],
  ])("line %j", async (line, code, id) => {
    sim.write(line);
    expect(await sim.find((answer) => answer.error?.code === code)).toMatchObject({ id });
  });

  test("a request without an id is never answered", async () => {
    sim.write({ jsonrpc: "2.0", method: "no.such" });
    sim.write({ jsonrpc: "2.0", method: "messages.history", params: {} });
    sim.write({ jsonrpc: "2.0", method: "status", params: [] });
    await sim.call("status");
    expect(await sim.close()).toBe(0);
    expect(sim.lines).toEqual([]);
  });
});

describe("messages.after", () => {
  test("pages through all chats in row order", async () => {
    db.add(3);
    db.add(1, {}, [2, 1]);
    db.add(2);
    const first = await sim.call("messages.after", { since_rowid: 1, limit: 3 });
    expect(idsOf(first)).toEqual([2, 3, 4]);
    expect(first.result).toMatchObject({ next_rowid: 4, has_more: true });
    expect(messagesOf(first)[2]?.chat_id).toBe(1);
    const second = await sim.call("messages.after", { since_rowid: 4, limit: 3 });
    expect(idsOf(second)).toEqual([5, 6]);
    expect(second.result).toMatchObject({ next_rowid: 6, has_more: false });
    const end = await sim.call("messages.after", { since_rowid: 6 });
    expect(end.result).toEqual({ messages: [], next_rowid: 6, has_more: false });
  });

  test("the cursor passes rows that are not shown", async () => {
    const preview = {
      balloon_bundle_id: "com.apple.messages.URLBalloonProvider",
      text: "https://example.com",
    };
    db.add(2, preview);
    const page = await sim.call("messages.after", { since_rowid: 0 });
    expect(idsOf(page)).toEqual([1]);
    expect(page.result).toMatchObject({ next_rowid: 2, has_more: false });
  });

  test("tapbacks come when asked for", async () => {
    db.add(1);
    db.add(1, {
      associated_message_type: 2000,
      associated_message_guid: "p:0/GUID-1",
      text: "Loved “text 1”",
    });
    const without = await sim.call("messages.after", { since_rowid: 0 });
    expect(idsOf(without)).toEqual([1]);
    const [message] = messagesOf(without);
    expect(message?.reactions.map(({ type }) => type)).toEqual(["love"]);
    expect(idsOf(await sim.call("messages.after", { since_rowid: 0, include_reactions: true }))).toEqual([
      1, 2,
    ]);
  });
});

describe("watching", () => {
  test("the answer comes first, then the backlog, then what is new", async () => {
    db.add(250);
    sim.write({
      jsonrpc: "2.0",
      id: 1,
      method: "watch.subscribe",
      params: { since_rowid: 1, debounce_ms: 0 },
    });
    const lines = (await sim.take(250)).map((line) => JSON.parse(line) as RpcLine);
    expect(lines[0]).toEqual({ jsonrpc: "2.0", id: 1, result: { subscription: 1, buffer_limit: 256 } });
    const rows = lines.slice(1).map(({ params }) => messageOf(params).id);
    expect(rows).toEqual(Array.from({ length: 249 }, (_, index) => index + 2));
    await sim.find(isRow(db.add(1)));
  });

  test("a row joined to two chats comes once", async () => {
    await sim.call("watch.subscribe", { debounce_ms: 0 });
    db.add(1, {}, [2, 1]);
    const last = db.add(1);
    const lines = (await sim.take(2)).map((line) => JSON.parse(line) as RpcLine);
    expect(lines.map((line) => messageOf(line.params).id)).toEqual([1, last]);
  });

  test("a row without a chat is waited for", async () => {
    await sim.call("watch.subscribe", { debounce_ms: 100 });
    const rowId = db.add(1, {}, []);
    const behind = db.add(1);
    await sim.call("status");
    db.join(rowId);
    const line = await sim.find(isRow(rowId));
    expect(line.params?.["message"]).toMatchObject({ chat_id: 1 });
    await sim.find(isRow(behind));
  });

  test("a row that finds no chat in twenty looks is dropped for good, and those behind it come", async () => {
    await sim.call("watch.subscribe", { debounce_ms: 10 });
    const rowId = db.add(1, {}, []);
    const behind = db.add(1);
    await sim.find(isRow(behind));
    db.join(rowId);
    await sim.find(isRow(db.add(1)));
    expect(sim.lines).toEqual([]);
  });

  test("a burst in one commit overflows the queue though the reader is quick", async () => {
    await sim.call("watch.subscribe", { debounce_ms: 0 });
    const last = db.add(1000);
    const { params } = await sim.find(({ method }) => method === "watch.overflow");
    const seen = sim.lines.map((line) => messageOf((JSON.parse(line) as RpcLine).params).id);
    expect(seen.length).toBeGreaterThanOrEqual(256);
    expect(params).toEqual({
      subscription: 1,
      resume_after_rowid: seen.at(-1),
      reason: "buffer_limit_exceeded",
      terminal: true,
    });
    const wide = await sim.call("watch.subscribe", { since_rowid: seen.at(-1), buffer_limit: 4096 });
    expect(wide.result).toMatchObject({ buffer_limit: 4096 });
    await sim.find(isRow(last));
  });

  test("the command waits for it too", async () => {
    const rowId = db.add(1, {}, []);
    const argv = ["watch", "--db", db.path, "--json", "--since-rowid", String(rowId - 1 || -1)];
    const command = new Executable(argv, { cwd: db.folder });
    expect(await command.take(1, 1000)).toEqual([]);
    db.join(rowId);
    expect((await command.take(1)).map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: rowId, chat_id: 1 },
    ]);
    command.process.kill();
    await command.ended;
  });

  test("nothing follows the answer to an unsubscribe", async () => {
    await sim.call("watch.subscribe", { debounce_ms: 0 });
    expect((await sim.call("watch.unsubscribe", { subscription: 1 })).result).toEqual({ ok: true });
    await sim.call("watch.subscribe", { debounce_ms: 0 });
    await sim.find(isRow(db.add(1)));
    expect(sim.lines).toEqual([]);
  });

  test("a failing query ends the subscription with an error", async () => {
    await sim.call("watch.subscribe", { debounce_ms: 0 });
    db.sql("ALTER TABLE message RENAME TO message_gone");
    const { params } = await sim.find(({ method }) => method === "error");
    expect(params).toEqual({ subscription: 1, error: { message: "no such table: message (code: 1)" } });
  });

  test("a reader that falls behind is told where to resume", async () => {
    await sim.call("watch.subscribe", { debounce_ms: 0, buffer_limit: 20 });
    sim.process.stdout.pause();
    let last = 0;
    for (let round = 0; round < 30; round += 1) {
      last = db.add(10, { text: "x".repeat(20_000) });
      await new Promise((resolve) => {
        setTimeout(resolve, 10); // the stand-in polls at each change, as long as it may
      });
    }
    sim.process.stdout.resume();
    const { params } = await sim.find(({ method }) => method === "watch.overflow");
    const rows = sim.lines.map((line) => messageOf((JSON.parse(line) as RpcLine).params));
    const seen = rows.at(-1)?.id ?? 0;
    expect(params).toMatchObject({ subscription: 1, resume_after_rowid: seen, terminal: true });
    expect(seen).toBeLessThan(last);
    const rest = await sim.call("messages.after", { since_rowid: seen, limit: 500 });
    expect(idsOf(rest)).toEqual(Array.from({ length: last - seen }, (_, index) => seen + 1 + index));
  });
});

describe("limits", () => {
  test("64 subscriptions, and one more when one has ended", async () => {
    for (let index = 0; index < 64; index += 1) await sim.call("watch.subscribe");
    expect((await sim.call("watch.subscribe")).error).toMatchObject({ code: -32000 });
    await sim.call("watch.unsubscribe", { subscription: 7 });
    expect((await sim.call("watch.subscribe")).result).toMatchObject({ subscription: 65 });
  });

  test("128 requests at a time", async () => {
    const lines = Array.from({ length: 200 }, (_, id) => ({ jsonrpc: "2.0", id, method: "status" }));
    sim.process.stdin.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const answers = (await sim.take(200)).map((line) => JSON.parse(line) as RpcLine);
    const busy = answers.filter(({ error }) => error?.code === -32000);
    expect(busy.length).toBe(72);
    expect(answers.filter(({ result }) => result !== undefined)).toHaveLength(128);
  });
});

describe("the database", () => {
  test("may be missing at the start and come later", async () => {
    db.remove();
    expect((await sim.call("chats.list")).error).toMatchObject({
      code: -32002,
      message: "Database unavailable",
      data: { path: db.path, retryable: true },
    });
    expect((await sim.call("status")).result).toMatchObject({ database: { ready: false } });
    db.recreate();
    db.add(1);
    expect((await sim.call("chats.list")).result?.["chats"]).toHaveLength(1);
  });

  test("may be no database at all", async () => {
    const other = new Executable(["rpc", "--db", db.folder], { cwd: db.folder });
    expect((await other.call("messages.after", { since_rowid: 0 })).error?.code).toBe(-32002);
    expect(await other.close()).toBe(0);
  });

  test("replaced: calls read the new file, a subscription stays with the old", async () => {
    db.add(5);
    await sim.call("watch.subscribe", { debounce_ms: 0 });
    db.remove();
    db.recreate();
    db.add(1, { text: "in the new file" });
    const page = await sim.call("messages.after", { since_rowid: 0 });
    expect(page.result).toMatchObject({ next_rowid: 1, messages: [{ text: "in the new file" }] });
    expect(sim.lines).toEqual([]);
  });
});

test("stdin closed: what was accepted is answered, no more rows come", async () => {
  db.add(50);
  for (let id = 0; id < 20; id += 1)
    sim.write({ jsonrpc: "2.0", id, method: "messages.after", params: { since_rowid: 0 } });
  expect(await sim.close()).toBe(0);
  expect(sim.lines).toHaveLength(20);
});
