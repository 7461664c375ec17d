// The bridge's methods through the real executable: what they change, and what they say without the bridge.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRIEND, Mac } from "./mac.ts";

let mac: Mac;
/** A message of ours in the direct chat. */
let own: string;

beforeEach(() => {
  mac = new Mac();
  mac.arrive({ text: "hello" });
  const [row] = mac.arrive({ fromMe: true, chat: "1", text: "mine" });
  own = row?.guid ?? "";
  mac.arrive({ text: "hi all", group: "G", participants: ["+14155550001"] });
});
afterEach(() => mac.destroy());

const ofOwn = (columns: string) => mac.query(`SELECT ${columns} FROM message WHERE guid = ?`, own)[0];
const last = (columns: string) => mac.query(`SELECT ${columns} FROM message ORDER BY ROWID DESC LIMIT 1`)[0];

describe.each(["legacy", "v1"])("with the bridge, dialect %s", (dialect) => {
  const call = async (method: string, params: object) => {
    const answer = await mac.session("--bridge", "--dialect", dialect).call(method, params);
    expect(answer.error).toBeUndefined();
    expect(answer.result).toMatchObject({ ok: true });
    return answer.result;
  };

  it("typing is logged", async () => {
    await call("typing", { chat_id: 1, typing: false });
    expect(mac.events().find(({ event }) => event === "typing")).toMatchObject({ chat_id: 1, typing: false });
  });

  it("read marks what came in", async () => {
    await call("read", { chat_id: 1 });
    expect(mac.query("SELECT is_from_me, is_read FROM message ORDER BY ROWID")).toEqual([
      { is_from_me: 0, is_read: 1 },
      { is_from_me: 1, is_read: 0 },
      { is_from_me: 0, is_read: 0 },
    ]);
    expect(mac.events().find(({ event }) => event === "read")).toMatchObject({ chat_id: 1 });
  });

  it("tapback puts a reaction on and takes it off", async () => {
    expect(await call("tapback", { chat_id: 1, message_guid: own, reaction: "heart" })).toEqual({
      ok: true,
      reaction: "love",
    });
    const columns = "associated_message_guid AS target, associated_message_type AS type, is_from_me";
    expect(last(columns)).toEqual({ target: `p:0/${own}`, type: 2000, is_from_me: 1 });
    await call("tapback", { chat_id: 1, message_id: `p:0/${own}`, reaction: "emphasis", remove: true });
    expect(last(columns)).toMatchObject({ type: 3004 });
    expect(await call("tapback", { chat_id: 1, message_id: own, emoji: "🎉" })).toEqual({
      ok: true,
      emoji: "🎉",
    });
    expect(last("associated_message_emoji AS emoji")).toEqual({ emoji: "🎉" });
  });

  it("send.rich sends with effect, subject, reply and formatting", async () => {
    const formatting = [{ start: 0, length: 2, styles: ["bold"] }];
    const result = await call("send.rich", {
      chat_id: 1,
      text: "wow",
      effect: "slam",
      subject: "S",
      reply_to: own,
      text_formatting: formatting,
    });
    expect(
      last("guid, text, subject, expressive_send_style_id AS effect, thread_originator_guid AS parent"),
    ).toEqual({
      guid: result?.["guid"],
      text: "wow",
      subject: "S",
      effect: "com.apple.MobileSMS.expressivesend.impact",
      parent: own,
    });
    expect(mac.events().find(({ event }) => event === "send.rich")).toMatchObject({ formatting });
  });

  it("send.rich sends a link preview", async () => {
    await call("send.rich", { chat_id: 1, url: "https://example.com/" });
    expect(last("text, balloon_bundle_id AS balloon")).toEqual({
      text: "https://example.com/",
      balloon: "com.apple.messages.URLBalloonProvider",
    });
  });

  it("send.attachment sends a file", async () => {
    await call("send.attachment", { chat_id: 1, file: import.meta.filename, audio: true });
    expect(last("text, is_audio_message AS audio")).toEqual({ text: "\u{FFFC}", audio: 1 });
    expect(mac.query("SELECT transfer_name AS name FROM attachment")).toEqual([{ name: "bridge.test.ts" }]);
  });

  it("message.edit and message.unsend change our message", async () => {
    await call("message.edit", { chat_id: 1, message_guid: own, text: "better" });
    expect(ofOwn("text, date_edited > 0 AS edited")).toEqual({ text: "better", edited: 1 });
    await call("message.unsend", { chat_id: 1, message_guid: own });
    expect(ofOwn("text, date_retracted > 0 AS retracted")).toEqual({ text: null, retracted: 1 });
  });

  it("message.notifyAnyways and message.delete", async () => {
    await call("message.notifyAnyways", { chat_id: 1, message_guid: own });
    expect(ofOwn("did_notify_recipient AS notified")).toEqual({ notified: 1 });
    await call("message.delete", { chat_id: 1, message_guid: own });
    expect(ofOwn("1 AS there")).toBeUndefined();
  });

  it("a group is renamed, joined and left, each with a row", async () => {
    await call("group.rename", { chat_id: 2, name: "New" });
    expect(last("item_type, group_title")).toEqual({ item_type: 2, group_title: "New" });
    await call("group.addParticipant", { chat_id: 2, address: "+14155550009" });
    await call("group.removeParticipant", { chat_id: 2, address: "+14155550001" });
    const { lines } = await mac.run("group", "--db", mac.db, "--chat-id", "2", "--json");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ name: "New", participants: ["+14155550009", FRIEND] });
    await call("group.setIcon", { chat_id: 2 });
    await call("group.leave", { chat_id: 2 });
    expect(last("item_type, group_action_type AS action")).toEqual({ item_type: 3, action: 0 });
  });

  it("chats are created, marked unread and deleted", async () => {
    const created = await call("chats.create", {
      addresses: ["+14155550003", "+14155550004"],
      name: "Crew",
      text: "gm",
    });
    expect(last("guid, text")).toEqual({ guid: created?.["message_guid"], text: "gm" });
    await call("read", { chat_id: 1 });
    await call("chats.markUnread", { chat_id: 1 });
    expect(mac.query("SELECT is_read FROM message WHERE ROWID = 1")).toEqual([{ is_read: 0 }]);
    await call("chats.delete", { chat_id: 1 });
    expect(mac.query("SELECT ROWID FROM chat ORDER BY ROWID")).toEqual([{ ROWID: 2 }, { ROWID: 3 }]);
    expect(mac.query("SELECT COUNT(*) AS n FROM message")).toEqual([{ n: 2 }]);
  });

  it("does nothing where there is nothing to do it to", async () => {
    const before = mac.query("SELECT COUNT(*) AS n FROM message");
    const requests: readonly (readonly [string, object])[] = [
      ["tapback", { chat_id: 1, message_guid: "nope", reaction: "love" }],
      ["message.edit", { chat_id: 2, message_guid: "nope", text: "x" }],
      ["group.rename", { chat_id: 1, name: "direct" }],
      ["group.removeParticipant", { chat_id: 2, address: "+19" }],
      ["send.rich", { chat_id: 1, text: "" }],
      ["send.attachment", { chat_guid: "iMessage;-;nobody", file: "/etc/hosts" }],
    ];
    for (const [method, params] of requests) {
      const { error } = await mac.session("--bridge", "--dialect", dialect).call(method, params);
      expect(error?.code).toBe(-32603);
    }
    expect(mac.query("SELECT COUNT(*) AS n FROM message")).toEqual(before);
  });

  it("another's message is not edited", async () => {
    const [theirs] = mac.query("SELECT guid FROM message WHERE ROWID = 1");
    const params = { chat_id: 1, message_guid: theirs?.["guid"], text: "x" };
    expect((await mac.rpc("--bridge", "--dialect", dialect).call("message.edit", params)).error?.code).toBe(
      -32603,
    );
    expect(mac.query("SELECT text FROM message WHERE ROWID = 1")).toEqual([{ text: "hello" }]);
  });
});

const REQUESTS: readonly (readonly [method: string, params: object, operation: string])[] = [
  ["tapback", { chat_id: 1, message_guid: "x", reaction: "love" }, "send-reaction"],
  ["send.rich", { chat_id: 1, text: "x" }, "send-message"],
  ["send.attachment", { chat_id: 1, file: "/etc/hosts" }, "send-attachment"],
  ["message.edit", { chat_id: 1, message_guid: "x", text: "y" }, "edit-message"],
  ["message.unsend", { chat_id: 1, message_guid: "x" }, "unsend-message"],
  ["group.rename", { chat_id: 2, name: "x" }, "set-display-name"],
  ["chats.create", { addresses: [FRIEND] }, "create-chat"],
];

describe("without the bridge", () => {
  it("v1 reads what is asked for, and then says that nothing was started", async () => {
    for (const [method, params, operation] of REQUESTS) {
      const { error } = await mac.session().call(method, params);
      expect(error, method).toEqual({
        code: -32603,
        message: "Delivery failed before dispatch",
        data: {
          disposition: "not_started",
          retry_safe: true,
          transport: "bridge_v2",
          operation,
          detail: expect.stringContaining("not started"),
        },
      });
      const wrong = await mac.session().call(method, { ...params, no_such_key: 1 });
      expect(wrong.error, method).toMatchObject({ code: -32602 });
      if (!("chat_id" in params)) continue;
      const nowhere = await mac.session().call(method, { ...params, chat_id: 9999 });
      expect(nowhere.error, method).toMatchObject({ code: -32602, data: "unknown chat_id 9999" });
    }
  });

  it("legacy says why Messages was not launched with it", async () => {
    for (const [method, params] of REQUESTS) {
      const { error } = await mac.session("--dialect", "legacy").call(method, params);
      expect(error).toMatchObject({
        code: -32603,
        data: expect.stringContaining("Refusing to inject into Messages.app"),
      });
    }
  });

  it("typing and read are tried, and fail", async () => {
    expect((await mac.session().call("typing", { chat_id: 1 })).error?.code).toBe(-32603);
    expect((await mac.session().call("read", { chat_id: 1 })).error?.code).toBe(-32603);
  });
});
