// What v1 tells of messages beyond 0.9.0: stickers, read state, unread counts, search, and who is typing.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRIEND, Mac } from "./mac.ts";

const LINK = "https://example.com/page";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
});
afterEach(() => mac.destroy());

describe("a row that is put on a message", () => {
  const types = async (...options: string[]) => {
    for (const type of [1000, 2000, 2006, 2007, 2999, 3000, 3007, 4000]) {
      mac.arrive({ text: `t${type}` });
      mac.change("UPDATE message SET associated_message_type = ? WHERE text = ?", type, `t${type}`);
    }
    const messages = await mac.told("messages.after", { since_rowid: 0 }, ...options);
    return messages.map(({ text }) => text);
  };

  it("is a message unless it is a tapback", async () => {
    expect(await types()).toEqual(["t1000", "t2007", "t2999", "t3007", "t4000"]);
  });

  it("was left out by more to 0.15.0", async () => {
    expect(await types("--release", "0.15.0")).toEqual(["t1000", "t3007", "t4000"]);
  });

  it("is a sticker that somebody put there", async () => {
    const [row] = mac.arrive({ text: "hello" });
    const argv = [
      "--message",
      row?.guid ?? "",
      "--from",
      FRIEND,
      "--sticker",
      `${import.meta.dirname}/mac.ts`,
    ];
    expect(await mac.run("react", "--db", mac.db, ...argv)).toMatchObject({ code: 0 });
    const [, sticker] = await mac.told("messages.after", { since_rowid: 0, attachments: true });
    expect(sticker).toMatchObject({ reply_to_guid: row?.guid, attachments: [{ is_sticker: true }] });
    expect(sticker).not.toHaveProperty("is_reaction");
  });
});

describe("what a message tells", () => {
  it("is whether and when it was read, of what came in", async () => {
    mac.arrive({ text: "unread" });
    mac.arrive({ text: "read" });
    mac.arrive({ text: "mine", fromMe: true, chat: "1" });
    mac.change(
      "UPDATE message SET is_read = 1, date_read = ? WHERE text <> 'unread'",
      700_000_000_000_000_000n,
    );
    const [unread, read, mine] = await mac.told("messages.after", { since_rowid: 0 });
    expect(unread).toMatchObject({ is_read: false });
    expect(unread).not.toHaveProperty("date_read");
    expect(read).toMatchObject({ is_read: true, date_read: "2023-03-08T20:26:40.000Z" });
    expect(mine).not.toHaveProperty("is_read");
  });

  it("is the part that is replied to, and what the row says it follows", async () => {
    const [first] = mac.arrive({ text: "first" });
    mac.arrive({ text: "reply", replyTo: first?.guid });
    mac.arrive({ text: "after" });
    mac.change("UPDATE message SET reply_to_guid = ? WHERE text = 'after'", first?.guid ?? "");
    const [, reply, after] = await mac.told("messages.after", { since_rowid: 0 });
    expect(reply).toMatchObject({ thread_originator_guid: first?.guid, thread_originator_part: "0:0:5" });
    expect(after).toMatchObject({ reply_to_guid: first?.guid, reply_to_text: "first" });
    expect((await mac.told("messages.history", { chat_id: 1 }, "--dialect", "legacy"))[0]).not.toHaveProperty(
      "reply_to_guid",
    );
  });

  it("is every tapback that stands, in messages.after too", async () => {
    const [row] = mac.arrive({ text: "hello" });
    const tapback = ["react", "--db", mac.db, "--message", row?.guid ?? "", "--from", FRIEND];
    await mac.run(...tapback, "--reaction", "love");
    expect(await mac.told("messages.after", { since_rowid: 0 })).toMatchObject([
      { reactions: [{ type: "love" }] },
    ]);
  });
});

describe("messages of one time", () => {
  it.each([
    ["v1", [3, 2, 1]],
    ["legacy", [1, 2, 3]],
  ])("come by row in %s", async (dialect, rows) => {
    for (const text of ["a", "b", "c"]) mac.arrive({ text, atMs: 1_700_000_000_000 });
    const messages = await mac.told("messages.history", { chat_id: 1 }, "--dialect", dialect);
    expect(messages.map(({ id }) => id)).toEqual(rows);
  });
});

describe("the list of chats", () => {
  const chats = async (params: object, ...options: string[]) => {
    const { result } = await mac.session(...options).call("chats.list", params);
    return (result as { chats: Record<string, unknown>[] }).chats;
  };

  it("counts what came in unread, tapbacks too, and a link with its preview once", async () => {
    const [row] = mac.arrive({ text: LINK });
    mac.arrivePreview(LINK);
    await mac.run(
      "react",
      "--db",
      mac.db,
      "--message",
      row?.guid ?? "",
      "--from",
      FRIEND,
      "--reaction",
      "love",
    );
    mac.arrive({ text: "mine", fromMe: true, chat: "1" });
    mac.arrive({ text: "read", from: "+14155553333" });
    mac.change("UPDATE message SET is_read = 1 WHERE text = 'read'");
    expect(await chats({})).toMatchObject([{ unread_count: 0 }, { unread_count: 2 }]);
    expect(await chats({ unread_only: true })).toMatchObject([{ id: 1, unread_count: 2 }]);
  });

  it("says nothing of it where the database does not know", async () => {
    mac.arrive({ text: "hello" });
    mac.change("ALTER TABLE message DROP COLUMN is_read");
    expect((await chats({}))[0]).not.toHaveProperty("unread_count");
    const { error } = await mac.session().call("chats.list", { unread_only: true });
    expect(error).toMatchObject({ code: -32602, data: expect.stringContaining("no read-state column") });
    expect((await mac.told("messages.after", { since_rowid: 0 }))[0]).not.toHaveProperty("is_read");
  });

  it("names a chat whose name is empty by its identifier, from 0.15.0", async () => {
    mac.arrive({ text: "hello" });
    mac.change("UPDATE chat SET display_name = '', guid = ''");
    const [chat] = await chats({});
    expect(chat).toMatchObject({ name: FRIEND, display_name: "" });
    expect(chat).not.toHaveProperty("guid");
    expect(await chats({}, "--release", "0.14.0")).toMatchObject([{ name: "" }]);
    const { lines } = await mac.run("chats", "--json", "--db", mac.db);
    expect(JSON.parse(lines[0] ?? "")).toEqual(chat);
  });
});

describe("messages.search", () => {
  const found = async (query: string, match = "contains") =>
    (await mac.told("messages.search", { query, match })).map(({ text }) => text);

  it("finds letters of every alphabet, whatever their case and form", async () => {
    mac.arrive({ text: "Schöne GRÜSSE", bodyOnly: true });
    mac.arrive({ text: "ПРИВЕТ" });
    mac.arrive({ text: "100 % _sure_" });
    expect(await found("scho\u0308ne grüsse")).toEqual(["Schöne GRÜSSE"]);
    expect(await found("привет", "exact")).toEqual(["ПРИВЕТ"]);
    expect(await found("ПРИ", "exact")).toEqual([]);
    expect(await found("0 % _")).toEqual(["100 % _sure_"]);
  });

  it("tells a row that is in two chats once, with the lower chat", async () => {
    mac.arrive({ text: "hello" });
    mac.arrive({ text: "other", from: "+14155553333" });
    mac.change("INSERT INTO chat_message_join(chat_id, message_id) VALUES (2, 1)");
    expect(await mac.told("messages.search", { query: "hello" })).toMatchObject([{ chat_id: 1 }]);
  });

  it("tells the preview of a link with the text", async () => {
    mac.arrive({ text: `see ${LINK}` });
    mac.arrivePreview(LINK);
    const messages = await mac.told("messages.search", { query: "see" });
    expect(messages).toMatchObject([{ id: 1, url_preview: { id: 2 } }]);
  });
});

it("is-typing is told to who subscribes to the bridge's events", async () => {
  mac.arrive({ text: "hello" });
  const child = mac.session("--bridge");
  const { result } = await child.call("bridge.events.subscribe", {});
  expect(result).toEqual({ subscription: 1, buffer_limit: 256, resumable: false });
  await mac.run("is-typing", "--db", mac.db, "--chat", "1");
  expect(await child.find(({ method }) => method === "bridge.event")).toMatchObject({
    params: {
      subscription: 1,
      event: { event: "started-typing", data: { chatGuid: `iMessage;-;${FRIEND}` } },
    },
  });
  await child.call("watch.unsubscribe", { subscription: 1 });
  await mac.run("is-typing", "--db", mac.db, "--chat", "1", "--stop");
  expect((await child.call("watch.subscribe", {})).result).toMatchObject({ subscription: 2 });
  expect(child.lines).toEqual([]);
});
