// What v1 tells of messages beyond 0.9.0: previews of links, stickers, read state, unread counts, search.

import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FRIEND, Mac } from "./mac.ts";

const BALLOON = "com.apple.messages.URLBalloonProvider";
const LINK = "https://example.com/page";

interface Told {
  readonly id: number;
  readonly guid: string;
  readonly text: string;
  readonly [key: string]: unknown;
}

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
});
afterEach(() => mac.destroy());

function write(sql: string, ...values: (string | number | bigint | null)[]): void {
  const db = new DatabaseSync(mac.db, { timeout: 5000 });
  db.prepare(sql).run(...values);
  db.close();
}

/** The row that Messages writes for the preview of the text before it, so many seconds later. */
function preview(text: string, seconds = 1): void {
  mac.arrive({ text });
  write(
    `UPDATE message SET balloon_bundle_id = ?, date = (SELECT date FROM message ORDER BY ROWID DESC LIMIT 1 OFFSET 1) + ?
      WHERE ROWID = (SELECT MAX(ROWID) FROM message)`,
    BALLOON,
    BigInt(seconds * 1e9),
  );
}

async function told(method: string, params: object, ...options: string[]): Promise<Told[]> {
  const { result } = await mac.session(...options).call(method, params);
  return (result as { messages: Told[] }).messages;
}

describe("a link's preview", () => {
  const shown = (messages: readonly Told[]) =>
    messages.map(({ id, url_preview }) => [id, (url_preview as { id: number } | undefined)?.id]);

  it.each([
    ["the link as it is", `look: ${LINK}`, LINK, 1],
    ["another case", LINK.toUpperCase(), LINK, 1],
    ["a slash at the end", `${LINK} there`, `${LINK}/`, 1],
    ["five seconds later", LINK, LINK, 5],
  ])("is told with its text: %s", async (_title, text, link, seconds) => {
    mac.arrive({ text });
    preview(link, seconds);
    const [message, ...more] = await told("messages.history", { chat_id: 1 });
    expect(more).toEqual([]);
    expect(message).toMatchObject({
      id: 1,
      text,
      url_preview: {
        id: 2,
        guid: expect.any(String),
        balloon_bundle_id: BALLOON,
        created_at: expect.any(String),
      },
    });
    expect(message).not.toHaveProperty("balloon_bundle_id");
    expect(shown(await told("messages.after", { since_rowid: 0 }))).toEqual([[1, 2]]);
  });

  it.each([
    ["six seconds later", LINK, LINK, 6],
    ["of another link", LINK, "https://example.org", 1],
    ["without a link", LINK, "example", 1],
  ])("stands for itself: %s", async (_title, text, link, seconds) => {
    mac.arrive({ text });
    preview(link, seconds);
    const messages = await told("messages.history", { chat_id: 1 });
    expect(shown(messages)).toEqual([
      [2, undefined],
      [1, undefined],
    ]);
    expect(messages.find(({ id }) => id === 2)).toMatchObject({ balloon_bundle_id: BALLOON });
  });

  it("of several the last is told", async () => {
    mac.arrive({ text: `${LINK} and https://example.org` });
    preview(LINK);
    preview("https://example.org");
    expect(shown(await told("messages.history", { chat_id: 1 }))).toEqual([[1, 3]]);
  });

  it("brings its text where the limit leaves that out, and makes room for more", async () => {
    mac.arrive({ text: "before" });
    mac.arrive({ text: LINK });
    preview(LINK);
    expect(shown(await told("messages.history", { chat_id: 1, limit: 1 }))).toEqual([[2, 3]]);
    expect(shown(await told("messages.history", { chat_id: 1, limit: 2 }))).toEqual([
      [2, 3],
      [1, undefined],
    ]);
  });

  it("is never told by a watch that told the text before", async () => {
    const child = mac.session();
    await child.call("watch.subscribe", { debounce_ms: 500 }); // time enough to write a preview in two steps
    mac.arrive({ text: LINK });
    await child.find(({ method }) => method === "message");
    preview(LINK);
    mac.arrive({ text: "behind" });
    const next = await child.find(({ method }) => method === "message");
    expect(next).toMatchObject({ params: { message: { id: 3, text: "behind" } } });
  });

  it("moves the cursor of messages.after", async () => {
    mac.arrive({ text: LINK });
    preview(LINK);
    const { result } = await mac.session().call("messages.after", { since_rowid: 1 });
    expect(result).toEqual({ messages: [], next_rowid: 2, has_more: false });
  });

  it("is a message of its own in legacy", async () => {
    mac.arrive({ text: LINK });
    preview(LINK);
    const messages = await told("messages.history", { chat_id: 1 }, "--dialect", "legacy");
    expect(shown(messages)).toEqual([
      [2, undefined],
      [1, undefined],
    ]);
    expect(messages[0]).not.toHaveProperty("balloon_bundle_id");
  });
});

describe("a row that is put on a message", () => {
  const types = async (...options: string[]) => {
    for (const type of [1000, 2000, 2006, 2007, 2999, 3000, 3007, 4000]) {
      mac.arrive({ text: `t${type}` });
      write("UPDATE message SET associated_message_type = ? WHERE text = ?", type, `t${type}`);
    }
    const messages = await told("messages.after", { since_rowid: 0 }, ...options);
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
    const [, sticker] = await told("messages.after", { since_rowid: 0, attachments: true });
    expect(sticker).toMatchObject({ reply_to_guid: row?.guid, attachments: [{ is_sticker: true }] });
    expect(sticker).not.toHaveProperty("is_reaction");
  });
});

describe("what a message tells", () => {
  it("is whether and when it was read, of what came in", async () => {
    mac.arrive({ text: "unread" });
    mac.arrive({ text: "read" });
    mac.arrive({ text: "mine", fromMe: true, chat: "1" });
    write("UPDATE message SET is_read = 1, date_read = ? WHERE text <> 'unread'", 700_000_000_000_000_000n);
    const [unread, read, mine] = await told("messages.after", { since_rowid: 0 });
    expect(unread).toMatchObject({ is_read: false });
    expect(unread).not.toHaveProperty("date_read");
    expect(read).toMatchObject({ is_read: true, date_read: "2023-03-08T20:26:40.000Z" });
    expect(mine).not.toHaveProperty("is_read");
  });

  it("is the part that is replied to, and what the row says it follows", async () => {
    const [first] = mac.arrive({ text: "first" });
    mac.arrive({ text: "reply", replyTo: first?.guid });
    mac.arrive({ text: "after" });
    write("UPDATE message SET reply_to_guid = ? WHERE text = 'after'", first?.guid ?? "");
    const [, reply, after] = await told("messages.after", { since_rowid: 0 });
    expect(reply).toMatchObject({ thread_originator_guid: first?.guid, thread_originator_part: "0:0:5" });
    expect(after).toMatchObject({ reply_to_guid: first?.guid, reply_to_text: "first" });
    expect((await told("messages.history", { chat_id: 1 }, "--dialect", "legacy"))[0]).not.toHaveProperty(
      "reply_to_guid",
    );
  });

  it("is every tapback that stands, in messages.after too", async () => {
    const [row] = mac.arrive({ text: "hello" });
    const tapback = ["react", "--db", mac.db, "--message", row?.guid ?? "", "--from", FRIEND];
    await mac.run(...tapback, "--reaction", "love");
    expect(await told("messages.after", { since_rowid: 0 })).toMatchObject([
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
    const messages = await told("messages.history", { chat_id: 1 }, "--dialect", dialect);
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
    preview(LINK);
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
    write("UPDATE message SET is_read = 1 WHERE text = 'read'");
    expect(await chats({})).toMatchObject([{ unread_count: 0 }, { unread_count: 2 }]);
    expect(await chats({ unread_only: true })).toMatchObject([{ id: 1, unread_count: 2 }]);
  });

  it("says nothing of it where the database does not know", async () => {
    mac.arrive({ text: "hello" });
    write("ALTER TABLE message DROP COLUMN is_read");
    expect((await chats({}))[0]).not.toHaveProperty("unread_count");
    const { error } = await mac.session().call("chats.list", { unread_only: true });
    expect(error).toMatchObject({ code: -32602, data: expect.stringContaining("no read-state column") });
    expect((await told("messages.after", { since_rowid: 0 }))[0]).not.toHaveProperty("is_read");
  });

  it("names a chat whose name is empty by its identifier, from 0.15.0", async () => {
    mac.arrive({ text: "hello" });
    write("UPDATE chat SET display_name = '', guid = ''");
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
    (await told("messages.search", { query, match })).map(({ text }) => text);

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
    write("INSERT INTO chat_message_join(chat_id, message_id) VALUES (2, 1)");
    expect(await told("messages.search", { query: "hello" })).toMatchObject([{ chat_id: 1 }]);
  });

  it("tells the preview of a link with the text", async () => {
    mac.arrive({ text: `see ${LINK}` });
    preview(LINK);
    const messages = await told("messages.search", { query: "see" });
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
