// The methods that v1 has beyond 0.9.0: stickers, several texts at once, people, counting, and what `status` says of them.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRIEND, Mac } from "./mac.ts";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
  mac.arrive({ text: "hello" });
});
afterEach(() => mac.destroy());

async function ask(method: string, params: object, ...options: string[]) {
  return mac.session(...options).call(method, params);
}

async function result(method: string, params: object): Promise<Record<string, unknown>> {
  const answer = await ask(method, params, "--bridge");
  expect(answer.error).toBeUndefined();
  return answer.result ?? {};
}

async function newest(): Promise<Record<string, unknown> | undefined> {
  const { messages } = await result("messages.history", { chat_id: 1, limit: 1, attachments: true });
  return (messages as Record<string, unknown>[])[0];
}

describe("status", () => {
  it("lists 43 methods, and of them what works", async () => {
    const { result: without } = await ask("status", {});
    const supported = without?.["supported_methods"] as string[];
    expect(supported).toHaveLength(43);
    expect(new Set(supported).size).toBe(43);
    expect(without?.["methods"]).toEqual(
      expect.arrayContaining(["send", "typing", "read", "messages.scheduled"]),
    );
    expect(without?.["methods"]).not.toContain("poll.send");
    const { methods, bridge, database } = await result("status", {});
    expect(methods).toEqual(supported);
    expect(bridge).toMatchObject({ ready: true, v2_ready: true, selectors: { pollVoteMessage: true } });
    expect(database).toMatchObject({
      features: {
        unread_state: true,
        scheduled_messages: true,
        reactions: true,
        reply_context: true,
        routing_metadata: true,
        balloon_payloads: true,
      },
    });
  });

  it("tells what an older database lacks", async () => {
    const db = new DatabaseSync(mac.db);
    for (const column of ["is_read", "schedule_type", "schedule_state", "payload_data"]) {
      db.exec(`ALTER TABLE message DROP COLUMN ${column}`);
    }
    db.close();
    const { methods, database } = await result("status", {});
    expect(database).toMatchObject({
      features: { unread_state: false, scheduled_messages: false, reactions: true, balloon_payloads: false },
    });
    expect(methods).not.toContain("messages.scheduled");
    const { error } = await ask("messages.scheduled", {});
    expect(error).toMatchObject({ code: -32602, data: expect.stringContaining("no schedule columns") });
  });
});

describe("without the bridge", () => {
  it.each([
    ["poll.send", { chat_id: 1, question: "?", options: ["a", "b"] }, "send-poll"],
    ["messages.poll.vote", { chat_id: 1, poll_guid: "x", option_index: 1 }, "send-poll-vote"],
    ["polls.unvote", { chat_id: 1, poll_guid: "x", option: "a" }, "send-poll-unvote"],
    ["send.multipart", { chat_id: 1, parts: [{ text: "a" }] }, "send-multipart"],
    ["send.sticker", { chat_id: 1, file: "/x.png" }, "send-sticker"],
    ["contacts.shareContactCard", { chat_id: 1 }, "share-nickname"],
  ])("%s is not started", async (method, params, operation) => {
    const { error } = await ask(method, params);
    expect(error).toMatchObject({
      code: -32603,
      data: { disposition: "not_started", retry_safe: true, transport: "bridge_v2", operation },
    });
  });

  it.each([
    ["handles.check", { address: FRIEND }],
    ["contacts.shouldShareContact", { chat_id: 1 }],
    ["bridge.events.subscribe", {}],
  ])("%s, which changes nothing, can be asked again", async (method, params) => {
    const { error } = await ask(method, params);
    expect(error).toMatchObject({ code: -32003, data: { detail: expect.any(String), retryable: true } });
  });

  it.each(["poll.send", "handles.check", "messages.stats", "send.sticker", "bridge.events.subscribe"])(
    "legacy does not know %s",
    async (method) => {
      expect((await ask(method, {}, "--dialect", "legacy")).error?.code).toBe(-32601);
    },
  );
});

describe("send.multipart", () => {
  it("sends several texts as one message", async () => {
    const parts = [{ text: "one " }, { text: "two", text_formatting: [] }];
    const sent = await result("send.multipart", { chat_id: 1, parts, effect: "confetti" });
    expect(sent).toMatchObject({ ok: true, parts_count: 2, guid: expect.any(String) });
    expect(await newest()).toMatchObject({ guid: sent["guid"], text: "one two" });
    expect(
      mac.query("SELECT expressive_send_style_id AS effect, part_count FROM message WHERE ROWID = 2"),
    ).toEqual([{ effect: "com.apple.messages.effect.CKConfettiEffect", part_count: 2 }]);
  });

  it.each([
    [{}, "parts is required"],
    [{ parts: [] }, "parts must contain between 1 and 20 text parts"],
    [{ parts: [{ text: "" }] }, "parts[0].text must be a non-empty string"],
    [{ parts: [{ file: "/x" }] }, "file parts are not supported"],
    [{ parts: ["text"] }, "parts must be an array of objects"],
    [{ parts: [{ text: "x" }], text: "y" }, "unknown send.multipart param: text"],
  ])("refuses %j", async (params, data) => {
    const { error } = await ask("send.multipart", { chat_id: 1, ...params }, "--bridge");
    expect(error).toMatchObject({ code: -32602, data });
  });
});

describe("send.sticker", () => {
  it("sends one, by itself or on a message", async () => {
    const file = join(mac.folder, "sticker.png");
    writeFileSync(file, "png");
    const [row] = mac.query("SELECT guid FROM message");
    expect(await result("send.sticker", { chat_id: 1, file })).toMatchObject({
      transfer_guid: expect.any(String),
    });
    expect(await newest()).toMatchObject({
      attachments: [{ is_sticker: true, transfer_name: "sticker.png" }],
    });
    await result("send.sticker", { chat_id: 1, file, attach_to: `p:1/${String(row?.["guid"])}` });
    expect(await newest()).toMatchObject({ reply_to_guid: row?.["guid"] });
  });

  it.each([
    [{ file: "/no/such.png" }, "sticker file not found: /no/such.png"],
    [{ file: "/x.png", part_index: 1 }, "target part requires --attach-to / attach_to"],
    [{ file: "/x.png", attach_to: "p:1/G", part_index: 2 }, "target part 2 conflicts with embedded part 1"],
    [{ file: "/x.png", attach_to: "p:/G" }, "malformed sticker target: p:/G"],
    [{ file: "/x.png", attach_to: "G" }, "sticker target does not belong to the selected chat"],
  ])("refuses %j", async (params, data) => {
    const { error } = await ask("send.sticker", { chat_id: 1, ...params }, "--bridge");
    expect(error).toMatchObject({ code: -32602, data });
  });
});

it("a part of an attachment needs a message it replies to", async () => {
  const params = { chat_id: 1, file: "/x", part_index: 0 };
  expect((await ask("send.attachment", params, "--bridge")).error).toMatchObject({
    code: -32602,
    data: "part_index requires reply_to",
  });
});

describe("people", () => {
  it("are reached by iMessage unless the database knows them by SMS alone", async () => {
    mac.arrive({ text: "sms", from: "+14155553333", service: "SMS" });
    expect(await result("handles.check", { address: FRIEND })).toEqual({
      ok: true,
      address: FRIEND,
      alias_type: "phone",
      destination: `tel:${FRIEND}`,
      id_status: 1,
      available: true,
      service: "iMessage",
    });
    expect(await result("handles.check", { address: "+14155553333" })).toMatchObject({ available: false });
    expect(await result("handles.check", { address: "a@b.c" })).toMatchObject({ alias_type: "email" });
  });

  it("are offered our name and photo", async () => {
    expect(await result("contacts.shouldShareContact", { chat_id: 1 })).toMatchObject({
      should_offer: false,
    });
    expect(await result("contacts.shareContactCard", { chat_id: 1 })).toEqual({ ok: true, requested: true });
  });
});

describe("messages.stats", () => {
  it("counts", async () => {
    mac.arrive({ text: "mine", fromMe: true, chat: "1", atMs: Date.parse("2026-05-01T22:30:00Z") });
    mac.arrive({
      text: "old",
      atMs: Date.parse("2026-05-01T10:00:00Z"),
      attachments: [import.meta.filename],
    });
    const stats = await result("messages.stats", { include_media: true, time_zone: "Europe/Vienna" });
    expect(stats).toMatchObject({
      total_messages: 3,
      sent_messages: 1,
      received_messages: 2,
      time_zone: "Europe/Vienna",
      chats: [{ chat_id: 1, identifier: FRIEND, message_count: 3 }],
      senders: [{ handle: FRIEND, message_count: 2 }],
      services: [{ service: "iMessage", message_count: 3 }],
      media: { total_attachments: 1, types: [{ attachment_count: 1 }], chats: [{ chat_id: 1 }] },
    });
    const dates = stats["dates"] as object[];
    expect(dates.slice(0, 2)).toEqual([
      { date: "2026-05-01", message_count: 1 },
      { date: "2026-05-02", message_count: 1 },
    ]);
    expect(await result("messages.stats", { chat_id: 1 })).not.toHaveProperty("media");
  });

  it.each([[{ chat_id: 99 }], [{ chat_id: 0 }], [{ time_zone: "Mars/Base" }], [{ limit: 1 }]])(
    "refuses %j",
    async (params) => {
      expect((await ask("messages.stats", params)).error?.code).toBe(-32602);
    },
  );
});

it("messages.scheduled tells what Messages will send later", async () => {
  const later = BigInt(Date.now() - Date.UTC(2001, 0)) * 1_000_000n + 3_600_000_000_000n;
  mac.arrive({ text: "later", fromMe: true, chat: "1" });
  const db = new DatabaseSync(mac.db);
  db.prepare("UPDATE message SET schedule_type = 2, schedule_state = 1, date = ? WHERE text = 'later'").run(
    later,
  );
  db.close();
  const { messages } = await result("messages.scheduled", {});
  expect(messages).toMatchObject([{ id: 2, chat_id: 1, text: "later", schedule_type: 2, schedule_state: 1 }]);
});
