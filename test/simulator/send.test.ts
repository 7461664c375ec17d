// Sending through the real executable, in both dialects: rows, answers, refusals.

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRIEND, Mac, SELF } from "./mac.ts";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
  mac.arrive({ text: "hello" });
});
afterEach(() => mac.destroy());

const GUID = /^[\dA-F]{8}(-[\dA-F]{4}){3}-[\dA-F]{12}$/u;
const OWN =
  "SELECT m.ROWID AS id, m.guid, m.text, m.is_from_me, cmj.chat_id FROM message m JOIN chat_message_join cmj ON cmj.message_id = m.ROWID WHERE m.ROWID > 1";

describe.each(["legacy", "v1"])("send, dialect %s", (dialect) => {
  const rpc = (...argv: string[]) => mac.session("--dialect", dialect, ...argv);

  it("writes a row of ours into the chat and answers its id and guid", async () => {
    const { result } = await rpc().call("send", { chat_id: 1, text: "hi" });
    expect(result).toMatchObject({
      ok: true,
      id: 2,
      guid: expect.stringMatching(GUID),
      transport: "applescript",
    });
    expect(mac.query(OWN)).toEqual([
      { id: 2, guid: result?.["guid"], text: "hi", is_from_me: 1, chat_id: 1 },
    ]);
  });

  it("makes a chat for a person who has none, number written as E.164", async () => {
    await rpc().call("send", { to: "(415) 555-7777", text: "hi" });
    expect(mac.query("SELECT guid FROM chat WHERE ROWID = 2")).toEqual([{ guid: "iMessage;-;+14155557777" }]);
    await rpc().call("send", { to: "030 901820", region: "DE", text: "hi" });
    expect(mac.query("SELECT guid FROM chat WHERE ROWID = 3")).toEqual([{ guid: "iMessage;-;+4930901820" }]);
  });

  it("takes the identifier of an unknown chat for a person, if it looks like one", async () => {
    await rpc().call("send", { chat_identifier: "new@example.com", text: "hi" });
    expect(mac.query("SELECT guid FROM chat WHERE ROWID = 2")).toEqual([
      { guid: "iMessage;-;new@example.com" },
    ]);
    expect((await rpc().call("send", { chat_identifier: "chat123x", text: "hi" })).error?.code).toBe(-32603);
  });

  it("finds the chat of a person whatever its service, unless one is asked for", async () => {
    mac.arrive({ from: "+12125550100", service: "SMS" });
    const child = rpc();
    await child.call("send", { to: "+12125550100", text: "back" });
    await child.call("send", { to: "+12125550100", text: "blue", service: "imessage" });
    expect(mac.query("SELECT service, text FROM message WHERE is_from_me = 1")).toEqual([
      { service: "SMS", text: "back" },
      { service: "iMessage", text: "blue" },
    ]);
  });

  it("sends to a guid whose service part is another", async () => {
    await rpc().call("send", { chat_guid: `any;-;${FRIEND}`, text: "hi" });
    expect(mac.query(OWN)).toMatchObject([{ chat_id: 1 }]);
  });

  it("writes a pair of rows in the chat with oneself", async () => {
    const { result } = await rpc().call("send", { to: SELF, text: "note" });
    const rows = mac.query(OWN);
    expect(rows).toMatchObject([
      { guid: result?.["guid"], text: "note", is_from_me: 1 },
      { text: "note", is_from_me: 0 },
    ]);
    expect(rows[0]?.["guid"]).not.toBe(rows[1]?.["guid"]);
  });

  it("copies a file to where imsg stages it", async () => {
    const file = join(mac.folder, "report.pdf");
    writeFileSync(file, "%PDF");
    await rpc().call("send", { chat_id: 1, text: "see", file });
    const [row] = mac.query("SELECT filename, is_outgoing FROM attachment");
    expect(row).toMatchObject({
      filename: expect.stringMatching(/Attachments\/imsg\/.+\/report\.pdf$/u),
      is_outgoing: 1,
    });
    expect(existsSync(String(row?.["filename"]))).toBe(true);
    expect(mac.query(OWN)).toMatchObject([{ text: "see\u{FFFC}" }]);
  });

  it("reaches nobody it cannot address, and sends no file that is not there", async () => {
    for (const params of [
      { to: "Some Name", text: "x" },
      { chat_guid: "iMessage;+;chat000", text: "x" },
    ]) {
      const { error } = await rpc().call("send", params);
      expect(error?.code).toBe(-32603);
      if (dialect === "legacy") expect(error?.data).toMatch(/^AppleScript failed: .*\(-1728\)$/u);
      else {
        const detail = "Messages automation failed with AppleScript error -1728.";
        expect(error?.data).toMatchObject({ disposition: "not_started", retry_safe: true, detail });
      }
    }
    const { error } = await rpc().call("send", { chat_id: 1, file: "/no/such/file" });
    expect(error).toMatchObject({
      code: -32603,
      data: "AppleScript failed: Attachment not found at /no/such/file",
    });
    expect(mac.query(OWN)).toEqual([]);
  });

  it("needs the bridge for a reply", async () => {
    const params = { chat_id: 1, text: "x", reply_to: mac.query("SELECT guid FROM message")[0]?.["guid"] };
    const isThreaded = dialect === "v1"; // 0.9.0 threads by `send.rich` alone, and passes over `reply_to` here
    if (isThreaded) expect((await rpc().call("send", params)).error?.code).toBe(-32602);
    const { result } = await rpc("--bridge").call("send", params);
    expect(result).toMatchObject({ ok: true, transport: "bridge" });
    expect(result).not.toHaveProperty("id"); // only who looks into the database knows the row
    expect(mac.query("SELECT thread_originator_guid AS parent FROM message WHERE ROWID = 2")).toEqual([
      { parent: isThreaded ? params.reply_to : null },
    ]);
  });

  it("logs the request, then the row", async () => {
    await rpc().call("send", { chat_id: 1, text: "hi" });
    const events = mac.events();
    expect(events.map(({ event }) => event)).toEqual(["start", "request", "sent"]);
    expect(events[1]).toMatchObject({ method: "send", params: { chat_id: 1, text: "hi" } });
    expect(events[2]).toMatchObject({ chat_id: 1, rowid: 2, text: "hi" });
    expect(events[2]?.at).toBeGreaterThanOrEqual(events[1]?.at ?? Infinity);
  });
});

describe("send, dialect v1", () => {
  it("answers where it went", async () => {
    const { result } = await mac.rpc().call("send", { chat_id: 1, text: "hi" });
    expect(result).toMatchObject({
      chat_guid: `iMessage;-;${FRIEND}`,
      service: "iMessage",
      message_id: result?.["guid"],
    });
  });

  it("refuses what it does not document, by name", async () => {
    const refusals: readonly (readonly [object, string])[] = [
      [{ chat_id: 1, text: "x", chatId: 1 }, "unknown send param: chatId"],
      [{ chat_id: "1", text: "x" }, "chat_id must be an integer"],
      [{ chat_id: 1, text: 5 }, "text must be a string"],
      [
        { chat_id: 1, chat_guid: "x", text: "x" },
        "exactly one of chat_id, chat_identifier, or chat_guid is required",
      ],
      [{ to: FRIEND, chat_id: 1, text: "x" }, "use to or exactly one chat selector; not both"],
      [{ chat_id: 1, text: "" }, "text or file is required"],
      [{ chat_id: 99, text: "x" }, "unknown chat_id 99"],
      [{ chat_id: 1, text: "x", attempt_id: "x" }, "attempt_id is only supported by send.tracked"],
      [{ chat_id: 1, text: "x", transport: "pigeon" }, "invalid transport"],
    ];
    const child = mac.rpc();
    for (const [params, data] of refusals) {
      const { error } = await child.call("send", params);
      expect(error).toEqual({ code: -32602, message: "Invalid params", data });
    }
  });
});

describe("send.tracked and message.send_status", () => {
  const attempt_id = "7D0F9C6E-1111-4222-8333-444455556666";

  it("gives the message the caller's id, once", async () => {
    const child = mac.rpc("--bridge");
    const guid = attempt_id.toLowerCase();
    const status = () => child.call("message.send_status", { guid });
    expect((await status()).result).toMatchObject({ send_state: "pending", status_fields: null });
    const { result } = await child.call("send.tracked", { chat_id: 1, text: "once", attempt_id });
    expect(result).toMatchObject({ ok: true, attempt_id: guid, guid, message_id: guid });
    const byCaller = await child.call("message.send_status", { guid: attempt_id });
    expect(byCaller.result).toMatchObject({ guid, send_state: "delivered" });
    const again = await child.call("send.tracked", { chat_id: 1, text: "once", attempt_id });
    expect(again.error).toMatchObject({
      code: -32603,
      data: { disposition: "not_started", retry_safe: true },
    });
    expect(mac.query(OWN)).toMatchObject([{ guid, text: "once" }]);
    expect((await status()).result).toMatchObject({ send_state: "delivered", service: "iMessage" });
  });

  it("needs the bridge, a UUID, one text, and a chat that is there", async () => {
    const without = await mac.rpc().call("send.tracked", { chat_id: 1, text: "x", attempt_id });
    expect(without.error).toMatchObject({
      code: -32602,
      data: "bridge transport requires an existing chat target",
    });
    const child = mac.rpc("--bridge");
    for (const params of [
      { chat_id: 1, text: "x" },
      { chat_id: 1, text: "x", attempt_id: "7" },
      { chat_id: 1, attempt_id, file: "/etc/hosts" },
      { to: "+14155559999", text: "x", attempt_id },
    ]) {
      expect((await child.call("send.tracked", params)).error?.code).toBe(-32602);
    }
    expect(mac.query(OWN)).toEqual([]);
  });

  it("is unknown to legacy", async () => {
    const child = mac.rpc("--bridge", "--dialect", "legacy");
    expect((await child.call("send.tracked", { attempt_id })).error?.code).toBe(-32601);
    expect((await child.call("message.send_status", { guid: "x" })).error?.code).toBe(-32601);
  });
});
