// How sends end from 0.14 on: slow, unconfirmed, refused, without the bridge.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Mac, until } from "./mac.ts";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
  mac.arrive({ text: "hello" });
});
afterEach(() => mac.destroy());

const own = () => mac.query("SELECT guid, text FROM message WHERE is_from_me = 1");
const UNCONFIRMED = { code: -32001, data: { disposition: "may_have_completed", retry_safe: false } };

describe("accents", () => {
  const text = "Schöne Grüße, 한국어, か\u3099";
  const decomposed = text.normalize("NFD");

  it("AppleScript takes them apart, the bridge does not", async () => {
    expect((await mac.rpc().call("send", { chat_id: 1, text })).result).toMatchObject({ ok: true });
    expect((await mac.rpc("--bridge").call("send", { chat_id: 1, text })).result).toMatchObject({ ok: true });
    expect(own().map((row) => row["text"])).toEqual([decomposed, text]);
    expect(decomposed).not.toBe(text);
    const { result } = await mac.rpc().call("messages.history", { chat_id: 1, limit: 2 });
    expect(result).toMatchObject({ messages: [{ text }, { text: decomposed }] });
  });

  it.each([
    ["0.15.9", UNCONFIRMED],
    ["0.14.0", UNCONFIRMED],
    ["0.15.10", undefined],
  ])("imsg %s answers what it makes of that row", async (release, error) => {
    const child = mac.rpc("--release", release);
    const answer = await child.call("send", { chat_id: 1, text });
    if (error === undefined) expect(answer.result).toMatchObject({ ok: true, guid: own()[0]?.["guid"] });
    else expect(answer.error).toMatchObject(error);
    expect((await child.call("send", { chat_id: 1, text: "plain" })).result).toMatchObject({ ok: true });
  });
});

describe("late", () => {
  it("a slow send is answered when it went out", async () => {
    mac.setFaults([{ fault: "send", outcome: "deliver-late", ms: 400 }]);
    const child = mac.rpc("--confirm-ms", "5000");
    const answer = child.call("send", { chat_id: 1, text: "slow" });
    expect((await child.call("status")).result).toBeDefined();
    expect(own()).toEqual([]);
    const { result } = await answer;
    expect(own()).toEqual([{ guid: result?.["guid"], text: "slow" }]);
  });

  it("a slow send goes out though the process was killed", async () => {
    mac.setFaults([{ fault: "send", outcome: "deliver-late", ms: 600 }]);
    const child = mac.rpc();
    child.write({ jsonrpc: "2.0", id: 1, method: "send", params: { chat_id: 1, text: "after the kill" } });
    await until(() => mac.events().some(({ event }) => event === "sent-late"), "the hand-over");
    child.process.kill("SIGKILL");
    await child.ended;
    expect(own()).toEqual([]);
    await until(() => own().length === 1, "the row");
  });

  it("closed stdin: what was accepted is finished and answered", async () => {
    mac.setFaults([{ fault: "send", outcome: "deliver-late", ms: 300, times: 1 }]);
    const child = mac.rpc("--confirm-ms", "5000");
    for (const id of [1, 2]) {
      child.write({ jsonrpc: "2.0", id, method: "send", params: { chat_id: 1, text: `number ${id}` } });
    }
    expect(await child.close()).toBe(0);
    expect(child.lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { id: 1, result: { ok: true } },
      { id: 2, result: { ok: true } },
    ]);
    expect(own().map((row) => row["text"])).toEqual(["number 1", "number 2"]);
  });

  it.each([
    { ms: 100, confirm: "5000", row: "found" },
    { ms: 1500, confirm: "200", row: "too late" },
  ])("a row that is $ms ms late is $row", async ({ ms, confirm, row }) => {
    mac.setFaults([{ fault: "send", outcome: "no-row-yet", ms }]);
    const answer = await mac.rpc("--confirm-ms", confirm).call("send", { chat_id: 1, text: "x" });
    if (row === "found") expect(answer.result).toMatchObject({ ok: true, guid: own()[0]?.["guid"] });
    else expect(answer.error).toMatchObject(UNCONFIRMED);
    await until(() => own().length === 1, "the row");
  });

  it("nothing is known and no row ever comes", async () => {
    mac.setFaults([{ fault: "send", outcome: "error-before", disposition: "may_have_completed" }]);
    expect((await mac.rpc().call("send", { chat_id: 1, text: "x" })).error).toMatchObject(UNCONFIRMED);
    expect(own()).toEqual([]);
  });
});

describe("service imessage", () => {
  const to = "+14155554444";

  it("to a chat whose guid says any: sent, and never confirmed; by other ways it is", async () => {
    mac.arrive({ from: to, text: "new Mac", style: "macos26" });
    for (const argv of [[], ["--bridge"]]) {
      const { error } = await mac.rpc(...argv).call("send", { to, text: "x", service: "imessage" });
      expect(error).toMatchObject(UNCONFIRMED);
    }
    expect(own()).toHaveLength(2);
    for (const params of [{ to }, { to, service: "auto" }, { chat_id: 2 }, { chat_guid: `any;-;${to}` }]) {
      const { result } = await mac.rpc().call("send", { ...params, text: "x" });
      expect(result).toMatchObject({ ok: true, chat_guid: `any;-;${to}` });
    }
  });

  it("to a chat of the classic kind it is confirmed", async () => {
    mac.arrive({ from: to, text: "old Mac" });
    const { result } = await mac.rpc().call("send", { to, text: "x", service: "imessage" });
    expect(result).toMatchObject({ ok: true, guid: expect.any(String) });
  });
});

describe("errors", () => {
  it.each([-1743, -1728, -1712, -600])("AppleScript's %d is a number in v1, words before", async (number) => {
    mac.setFaults([{ fault: "send", outcome: "error-before", number }]);
    const detail = `Messages automation failed with AppleScript error ${number}.`;
    const { error } = await mac.rpc().call("send", { chat_id: 1, text: "x" });
    expect(error).toMatchObject({ code: -32603, data: { disposition: "not_started", detail } });
    const legacy = await mac.rpc("--dialect", "legacy").call("send", { chat_id: 1, text: "x" });
    expect(legacy.error?.data).toMatch(/^AppleScript failed: Messages got an error: .+ \(-\d+\)$/u);
  });

  it("a file that is missing, is a folder or lies behind a link is refused with a text", async () => {
    const folder = join(mac.folder, "real");
    mkdirSync(folder);
    writeFileSync(join(folder, "a.png"), "x");
    symlinkSync(folder, join(mac.folder, "linked"));
    for (const file of [join(folder, "no.png"), folder, join(mac.folder, "linked", "a.png")]) {
      const { error } = await mac.rpc().call("send", { chat_id: 1, file });
      expect(error).toMatchObject({ code: -32603, message: "Internal error", data: expect.any(String) });
    }
    expect((await mac.rpc().call("send", { chat_id: 1, file: join(folder, "a.png") })).result).toMatchObject({
      ok: true,
    });
  });
});

describe("the bridge is lost", () => {
  const attempt_id = "7D0F9C6E-1111-4222-8333-444455556666";
  const tracked = { chat_id: 1, text: "x", attempt_id };

  it("tracked sends are refused as if there were no chat, plain ones go another way, until it is back", async () => {
    const child = mac.rpc("--bridge");
    const usable = async () => (await child.call("status")).result?.["methods"];
    expect(await usable()).toContain("send.tracked");
    mac.setFaults([{ fault: "bridge-gone" }]);
    expect((await child.call("send.tracked", tracked)).error).toMatchObject({
      code: -32602,
      data: "bridge transport requires an existing chat target",
    });
    expect((await child.call("send.tracked", { ...tracked, transport: "bridge" })).error).toMatchObject({
      code: -32603,
      data: { disposition: "not_started", transport: "bridge_v2", operation: "send-message" },
    });
    expect(await usable()).not.toContain("send.tracked");
    const plain = await child.call("send", { chat_id: 1, text: "plain" });
    expect(plain.result).toMatchObject({ ok: true, transport: "applescript" });
    mac.setFaults([]);
    expect((await child.call("send.tracked", tracked)).result).toMatchObject({ ok: true });
  });
});
