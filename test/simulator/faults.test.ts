// Each fault of the stand-in is seen working, through the real executable.

import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Executable } from "../../src/simulator/executable.ts";
import { FRIEND, Mac, until } from "./mac.ts";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
  mac.arrive({ text: "hello" });
});
afterEach(() => mac.destroy());

/** A process with a subscription to all rows. */
async function watching(...argv: string[]): Promise<Executable> {
  const child = mac.rpc(...argv);
  await child.call("watch.subscribe", { debounce_ms: 0 });
  return child;
}

const isMessage = (text: string) => (line: { params?: Record<string, unknown> }) =>
  (line.params?.["message"] as { text?: string } | undefined)?.text === text;
const textsOf = (lines: readonly string[]) =>
  lines.map((line) => (JSON.parse(line) as { params: { message: { text: string } } }).params.message.text);
const ownRows = () => mac.query("SELECT text FROM message WHERE is_from_me = 1");

describe("exit", () => {
  it("ends a running process at once", async () => {
    const child = mac.rpc();
    await child.call("status");
    mac.setFaults([{ fault: "exit", code: 7 }]);
    expect(await child.ended).toBe(7);
    expect(mac.events().filter(({ event }) => event === "fault" || event === "exit")).toMatchObject([
      { fault: "exit", code: 7 },
      { event: "exit", code: 7 },
    ]);
  });

  it("ends by a signal", async () => {
    mac.setFaults([{ fault: "exit", signal: "SIGTERM", method: "chats.list" }]);
    const child = mac.rpc();
    child.write({ jsonrpc: "2.0", id: 1, method: "chats.list" });
    expect(await child.ended).toBe(-15);
  });

  it("ends after that many lines, each process anew, that many times in all", async () => {
    mac.setFaults([{ fault: "exit", after: 2, times: 2 }]);
    for (const expected of [2, 2, 3]) {
      const child = mac.rpc("--dialect", "legacy");
      for (const id of [1, 2, 3]) child.write({ jsonrpc: "2.0", id, method: "chats.list" });
      child.process.stdin.end();
      expect(await child.ended).toBe(expected === 3 ? 0 : 1);
      expect(child.lines).toHaveLength(expected);
    }
  });

  it("ends the process that watches, not the one that sends", async () => {
    const sender = mac.rpc();
    await sender.call("send", { chat_id: 1, text: "one" });
    const watcher = await watching();
    mac.setFaults([{ fault: "exit", process: "watching" }]);
    expect(await watcher.ended).toBe(1);
    expect((await sender.call("send", { chat_id: 1, text: "two" })).result).toMatchObject({ ok: true });
  });

  it("ends at the start, before anything is read", async () => {
    mac.setFaults([{ fault: "exit-at-start", code: 3, times: 1 }]);
    const first = mac.rpc();
    expect(await first.ended).toBe(3);
    expect(first.lines).toEqual([]);
    expect((await mac.rpc().call("status")).result).toBeDefined();
  });
});

describe("hang and delay", () => {
  it("answers nothing of one method until the rule is gone", async () => {
    mac.setFaults([{ fault: "hang", method: "chats.list" }]);
    const child = mac.rpc();
    child.write({ jsonrpc: "2.0", id: "hung", method: "chats.list" });
    expect((await child.call("messages.history", { chat_id: 1 })).result).toBeDefined();
    expect(child.lines).toEqual([]);
    mac.setFaults([]);
    expect((await child.find(({ id }) => id === "hung")).result).toBeDefined();
  });

  it("of legacy bars all that comes behind", async () => {
    mac.setFaults([{ fault: "hang", method: "send" }]);
    const child = mac.rpc("--dialect", "legacy");
    child.write({ jsonrpc: "2.0", id: 1, method: "send", params: { chat_id: 1, text: "x" } });
    child.write({ jsonrpc: "2.0", id: 2, method: "chats.list" });
    await until(() => mac.events().some(({ event }) => event === "fault"), "the hang");
    expect(await child.take(1, 200)).toEqual([]);
    expect(ownRows()).toEqual([]);
  });

  it("freezes: nothing is read, but a signal still ends it", async () => {
    const child = mac.rpc();
    await child.call("status");
    mac.setFaults([{ fault: "hang", freeze: true }]);
    await until(() => mac.events().some(({ freeze }) => freeze === true), "the freeze");
    child.write({ jsonrpc: "2.0", id: 9, method: "status" });
    expect(await child.take(1, 200)).toEqual([]);
    expect(mac.events().filter(({ event }) => event === "request")).toHaveLength(1);
    mac.setFaults([]);
    expect((await child.find(({ id }) => id === 9)).result).toBeDefined();
    mac.setFaults([{ fault: "hang", freeze: true }]);
    await until(() => mac.events().filter(({ freeze }) => freeze === true).length === 2, "the second freeze");
    child.process.kill("SIGTERM");
    expect(await child.ended).toBe(-15);
  });

  it("delays", async () => {
    mac.setFaults([{ fault: "delay", ms: 300, method: "status" }]);
    const child = mac.rpc();
    await child.call("chats.list");
    const before = performance.now();
    await child.call("status");
    expect(performance.now() - before).toBeGreaterThan(290);
  });
});

describe("lines", () => {
  it("a banner comes first", async () => {
    mac.setFaults([{ fault: "banner", text: "Last login: Mon\nWelcome!" }]);
    const child = mac.rpc();
    expect(await child.take(2)).toEqual(["Last login: Mon", "Welcome!"]);
  });

  it("garbage of every kind stands between the answers", async () => {
    mac.setFaults([{ fault: "garbage" }]);
    const child = mac.rpc("--dialect", "legacy");
    for (const id of [0, 1, 2, 3]) child.write({ jsonrpc: "2.0", id, method: "chats.list" });
    const lines = await child.take(8);
    expect(
      lines.filter((_line, index) => index % 2 === 1).map((line) => (JSON.parse(line) as { id: number }).id),
    ).toEqual([0, 1, 2, 3]);
    const [text, half, invalid, long] = lines.filter((_line, index) => index % 2 === 0);
    expect(text).toMatch(/^Warning: /u);
    expect(half).toMatch(/^\{"jsonrpc":.*[^}]$/u);
    expect(invalid).toContain("\u{FFFD}");
    expect(long).toHaveLength(1_000_000);
  });

  it("notifications come twice", async () => {
    const child = await watching();
    mac.setFaults([{ fault: "duplicate" }]);
    mac.arrive({ text: "twice" });
    expect(textsOf(await child.take(2))).toEqual(["twice", "twice"]);
  });

  it("notifications change places; one alone comes late", async () => {
    const child = await watching();
    mac.setFaults([{ fault: "reorder" }]);
    await mac.receive("--from", FRIEND, "--text", "n {n}", "--count", "3");
    expect(textsOf(await child.take(3))).toEqual(["n 2", "n 1", "n 3"]);
  });
});

describe("the watch", () => {
  it("goes silent, then tells what it kept", async () => {
    const child = await watching();
    mac.setFaults([{ fault: "silent-watch" }]);
    mac.arrive({ text: "unheard" });
    expect(await child.take(1, 400)).toEqual([]);
    expect(
      (await child.call("messages.history", { chat_id: 1, limit: 1 })).result?.["messages"],
    ).toMatchObject([{ text: "unheard" }]);
    mac.setFaults([]);
    await child.find(isMessage("unheard"));
  });

  it.each(["legacy", "v1"])("dies of an error, dialect %s", async (dialect) => {
    const child = await watching("--dialect", dialect);
    mac.setFaults([{ fault: "watch-error", message: "disk I/O error", times: 1 }]);
    expect(await child.find(({ method }) => method === "error")).toMatchObject({
      params: { subscription: 1, error: { message: "disk I/O error" } },
    });
    mac.arrive({ text: "after" });
    expect(await child.take(1, 400)).toEqual([]);
    await child.call("watch.subscribe", { since_rowid: 1, debounce_ms: 0 });
    await child.find(isMessage("after"));
  });
});

describe("send", () => {
  const send = (child: Executable) => child.call("send", { chat_id: 1, text: "x" });

  it("delivers and never answers", async () => {
    mac.setFaults([{ fault: "send", outcome: "deliver-no-answer" }]);
    const child = mac.rpc();
    child.write({ jsonrpc: "2.0", id: 1, method: "send", params: { chat_id: 1, text: "x" } });
    await until(() => ownRows().length === 1, "the row");
    expect(await child.take(1, 200)).toEqual([]);
  });

  it("delivers and dies", async () => {
    mac.setFaults([{ fault: "send", outcome: "deliver-exit", times: 1 }]);
    const child = mac.rpc();
    child.write({ jsonrpc: "2.0", id: 1, method: "send", params: { chat_id: 1, text: "x" } });
    expect(await child.ended).toBe(1);
    expect(child.lines).toEqual([]);
    expect(ownRows()).toHaveLength(1);
  });

  it.each([
    {
      outcome: "error-before",
      rows: 0,
      code: -32603,
      data: { disposition: "not_started", retry_safe: true },
    },
    {
      outcome: "error-after",
      rows: 1,
      code: -32001,
      data: { disposition: "may_have_completed", retry_safe: false },
    },
  ])("answers $outcome", async ({ outcome, rows, code, data }) => {
    mac.setFaults([{ fault: "send", outcome }]);
    expect((await send(mac.rpc())).error).toMatchObject({ code, data });
    expect(ownRows()).toHaveLength(rows);
    const { error } = await send(mac.rpc("--dialect", "legacy"));
    expect(error).toMatchObject({ code: -32603, data: expect.stringMatching(/^AppleScript failed: /u) });
    expect(ownRows()).toHaveLength(rows * 2);
  });

  it("may claim what is not true, and bar the lane", async () => {
    mac.setFaults([
      { fault: "send", outcome: "error-before", disposition: "still_in_flight", message: "stuck", times: 1 },
    ]);
    const child = mac.rpc();
    expect((await send(child)).error).toMatchObject({
      code: -32001,
      data: { disposition: "still_in_flight", detail: "stuck" },
    });
    expect((await send(child)).error?.code).toBe(-32004);
    expect((await child.call("chats.list")).result).toBeDefined();
    expect((await send(mac.rpc())).result).toMatchObject({ ok: true });
  });

  it("does not recognise the row: legacy answers without guid, v1 that it does not know", async () => {
    mac.setFaults([{ fault: "send", outcome: "no-guid", text: "other words" }]);
    const { result } = await send(mac.rpc("--dialect", "legacy"));
    expect(result).toEqual({ ok: true, transport: "applescript" });
    expect((await send(mac.rpc())).error).toMatchObject({
      code: -32001,
      data: { disposition: "may_have_completed", retry_safe: false, operation: "send" },
    });
    expect(ownRows()).toEqual([{ text: "other words" }, { text: "other words" }]);
  });

  it("writes a ghost row", async () => {
    mac.setFaults([{ fault: "send", outcome: "ghost-row" }]);
    const { error } = await send(mac.rpc());
    expect(error).toMatchObject({ code: -32001, data: { disposition: "may_have_completed" } });
    expect(mac.query("SELECT text, attributedBody, service FROM message WHERE is_from_me = 1")).toEqual([
      { text: "", attributedBody: null, service: "SMS" },
    ]);
    expect(mac.query("SELECT COUNT(*) AS n FROM chat_message_join")).toEqual([{ n: 1 }]);
  });

  it("writes the row later, even when imsg is gone by then", async () => {
    mac.setFaults([{ fault: "send", outcome: "no-row-yet", ms: 1000 }]);
    const child = mac.rpc();
    expect((await send(child)).error?.code).toBe(-32001);
    child.process.kill("SIGKILL");
    await child.ended;
    await until(() => ownRows().length === 1, "the row");
  });

  it("joins the row to its chat later", async () => {
    mac.setFaults([{ fault: "unjoined", ms: 300 }]);
    const joins = () => mac.query("SELECT COUNT(*) AS n FROM chat_message_join")[0]?.["n"];
    expect((await send(mac.rpc())).result).toMatchObject({ ok: true });
    expect(joins()).toBe(1);
    await until(() => joins() === 2, "the join");
  });
});

describe("imsg-sim send", () => {
  const argv = () => ["send", "--db", mac.db, "--chat-id", "1", "--text", "x", "--faults", mac.faultsPath];

  it("acts the faults out too", async () => {
    mac.setFaults([{ fault: "send", outcome: "error-after" }]);
    expect(await mac.run(...argv())).toMatchObject({
      code: 1,
      lines: [],
      stderr: "Delivery outcome unknown\n",
    });
    expect(ownRows()).toHaveLength(1);
    mac.setFaults([]);
    expect(await mac.run(...argv())).toMatchObject({ code: 0, lines: ["sent"] });
  });
});

describe("counting", () => {
  it("counts over all processes, and anew when the file is written", async () => {
    const rules = [{ fault: "send", outcome: "no-guid", after: 1, times: 2 }];
    mac.setFaults(rules);
    const guids: boolean[] = [];
    for (let n = 0; n < 4; n += 1) {
      const { result } = await mac.rpc().call("send", { chat_id: 1, text: `${n}` });
      guids.push(result !== undefined);
    }
    expect(guids).toEqual([true, false, false, true]);
    mac.setFaults(rules);
    const child = mac.rpc();
    await child.call("send", { chat_id: 1, text: "a" });
    expect((await child.call("send", { chat_id: 1, text: "b" })).result).toBeUndefined();
  });
});

describe("counting at once", () => {
  it("strikes as often as it says, whichever processes ask", async () => {
    mac.setFaults([{ fault: "send", outcome: "no-guid", after: 5, times: 10 }]);
    const children = [1, 2, 3].map(() => mac.rpc());
    for (const child of children) {
      for (let id = 0; id < 15; id += 1) {
        child.write({ jsonrpc: "2.0", id, method: "send", params: { chat_id: 1, text: "x" } });
      }
    }
    const lines = (await Promise.all(children.map((child) => child.take(15, 20_000)))).flat();
    expect(lines).toHaveLength(45);
    expect(lines.filter((line) => !line.includes('"guid"'))).toHaveLength(10);
  });
});

describe("the database", () => {
  it("is replaced by a fresh one, once", async () => {
    const child = mac.rpc();
    expect((await child.call("chats.list")).result?.["chats"]).toHaveLength(1);
    const other = mac.rpc();
    await other.call("chats.list");
    mac.setFaults([{ fault: "database-replaced" }]);
    await until(() => mac.query("SELECT COUNT(*) AS n FROM message")[0]?.["n"] === 0, "the fresh database");
    mac.arrive({ text: "in the new file" });
    expect((await child.call("chats.list")).result?.["chats"]).toHaveLength(1);
    expect((await other.call("messages.history", { chat_id: 1 })).result?.["messages"]).toMatchObject([
      { id: 1, text: "in the new file" },
    ]);
  });
});

describe("a wrong faults file", () => {
  it.each([
    ["not json", "not JSON"],
    ["{}", "no list of rules"],
    ['{"rules":[7]}', "rules[0] is no object"],
    ['{"rules":[{"fault":"explode"}]}', 'rules[0].fault: "explode" is none of exit, '],
    ['{"rules":[{"fault":"delay"}]}', "rules[0].ms is missing"],
    ['{"rules":[{"fault":"delay","ms":"1"}]}', 'rules[0].ms: "1" is no whole number'],
    ['{"rules":[{"fault":"silent-watch","times":1}]}', "rules[0].times: silent-watch takes fault, process"],
    ['{"rules":[{"fault":"send","outcome":"lost"}]}', 'rules[0].outcome: "lost" is none of'],
    [
      '{"rules":[{"fault":"exit-at-start","process":"sending"}]}',
      "rules[0].process: a process that starts has no part",
    ],
  ])("%s ends the process with 2", async (text, problem) => {
    writeFileSync(mac.faultsPath, text);
    const child = mac.rpc();
    expect(await child.ended).toBe(2);
    expect(child.stderr).toContain(problem);
    expect(child.stderr.split("\n")).toHaveLength(3);
  });

  it("also while it runs", async () => {
    const child = mac.rpc();
    await child.call("status");
    writeFileSync(mac.faultsPath, "{");
    expect(await child.ended).toBe(2);
  });

  it("that is emptied before it is filled does no harm", async () => {
    const child = mac.rpc();
    await child.call("status");
    writeFileSync(mac.faultsPath, "");
    writeFileSync(mac.faultsPath, JSON.stringify({ rules: [{ fault: "exit", code: 9 }] }));
    expect(await child.ended).toBe(9);
  });
});
