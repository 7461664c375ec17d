// The commands that play the outside world, run as a user runs them.

import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Executable } from "../../src/simulator/executable.ts";
import { decodeAttributedBody } from "../../src/simulator/typedstream.ts";
import { FRIEND, Mac, SELF } from "./mac.ts";

let mac: Mac;

beforeEach(() => {
  mac = new Mac();
});
afterEach(() => mac.destroy());

async function history(chatId: number): Promise<Record<string, unknown>[]> {
  const argv = ["--chat-id", String(chatId), "--db", mac.db, "--json", "--attachments"];
  const { lines } = await mac.run("history", ...argv);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("init", () => {
  it("makes Apple's tables without rows, in WAL mode, and the folder", () => {
    expect(mac.query("PRAGMA journal_mode")).toEqual([{ journal_mode: "wal" }]);
    expect(mac.query("SELECT COUNT(*) AS n FROM message")).toEqual([{ n: 0 }]);
  });

  it("has the columns of the recorded database, in their order, and behind them those of newer Macs", () => {
    const copy = join(mac.folder, "recorded.db"); // opening one in WAL mode leaves files beside it
    copyFileSync(join(import.meta.dirname, "../fixtures/imsg-recorded/chat.db"), copy);
    const recorded = new DatabaseSync(copy);
    const tables = recorded
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%(%'")
      .all();
    expect(tables.length).toBeGreaterThan(6);
    for (const { name } of tables) {
      const sql = `SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('${String(name)}')`;
      const columns = recorded.prepare(sql).all();
      expect(mac.query(sql).slice(0, columns.length)).toEqual(columns);
    }
    expect(mac.query("SELECT name FROM pragma_table_info('message')").slice(-2)).toEqual([
      { name: "schedule_type" },
      { name: "schedule_state" },
    ]);
    recorded.close();
  });

  it("leaves a file that is there alone, unless forced", async () => {
    await mac.receive("--from", FRIEND, "--text", "here");
    const refused = await mac.run("init", "--db", mac.db);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("Add --force to replace it.") });
    expect(mac.query("SELECT COUNT(*) AS n FROM message")).toEqual([{ n: 1 }]);
    expect(await mac.run("init", "--db", mac.db, "--force")).toMatchObject({ code: 0 });
    expect(mac.query("SELECT COUNT(*) AS n FROM message")).toEqual([{ n: 0 }]);
  });
});

describe("receive", () => {
  it("writes a text as Messages does, in a chat made for it", async () => {
    const [row] = await mac.receive("--from", FRIEND, "--text", "Grüße 👋");
    expect(row).toEqual({ rowid: 1, guid: expect.any(String), chat_id: 1 });
    const [message] = mac.query("SELECT guid, text, attributedBody, is_from_me, service FROM message");
    expect(message).toMatchObject({ text: "Grüße 👋", is_from_me: 0, service: "iMessage", guid: row?.guid });
    expect(decodeAttributedBody(message?.["attributedBody"] as Uint8Array)).toBe("Grüße 👋");
    expect(await history(1)).toMatchObject([
      {
        sender: FRIEND,
        text: "Grüße 👋",
        chat_guid: `iMessage;-;${FRIEND}`,
        participants: [FRIEND],
        is_group: false,
      },
    ]);
  });

  it("keeps the text in attributedBody alone", async () => {
    await mac.receive("--from", FRIEND, "--text", "only there", "--body-only");
    expect(mac.query("SELECT text FROM message")).toEqual([{ text: null }]);
    expect(await history(1)).toMatchObject([{ text: "only there" }]);
  });

  it("keeps a text in attributedBody that legacy now and then misreads", async () => {
    const texts = ["plain", "ↄ inside", "x".repeat(8192), "short"];
    for (const text of texts) await mac.receive("--from", FRIEND, "--text", text, "--body-only");
    const read = async (dialect: string): Promise<unknown[]> => {
      const { lines } = await mac.run(
        "history",
        "--db",
        mac.db,
        "--chat-id",
        "1",
        "--json",
        "--dialect",
        dialect,
      );
      return lines.map((line) => (JSON.parse(line) as { text: string }).text).toReversed();
    };
    expect(await read("v1")).toEqual(texts);
    expect(await read("legacy")).toEqual([
      "plain",
      expect.stringMatching(/^streamtyped/u),
      ` ${texts[2]}`,
      "short",
    ]);
  });

  it("writes a note to self twice: ours, then a copy that is not from us", async () => {
    const rows = await mac.receive("--from", SELF, "--text", "buy milk");
    expect(rows).toHaveLength(2);
    expect(new Set(rows.map((row) => row.guid)).size).toBe(2);
    const [copy, own] = await history(1);
    expect(own).toMatchObject({ id: 1, is_from_me: true, text: "buy milk", sender: SELF });
    expect(copy).toMatchObject({ id: 2, is_from_me: false, text: "buy milk", sender: SELF });
  });

  it("makes a group once, and finds it by name", async () => {
    const group = ["--group", "Ski Trip", "--participants", "+14155550001,+14155550002"];
    const [first] = await mac.receive("--from", FRIEND, "--text", "one", ...group);
    const [second] = await mac.receive("--from", "+14155550001", "--text", "two", "--group", "Ski Trip");
    expect(second?.chat_id).toBe(first?.chat_id);
    const [last] = await history(first?.chat_id ?? 0);
    expect(last).toMatchObject({
      is_group: true,
      chat_name: "Ski Trip",
      sender: "+14155550001",
      participants: ["+14155550001", "+14155550002", FRIEND],
    });
  });

  it.each([
    ["no others", [], [FRIEND]],
    ["the sender alone", ["--participants", FRIEND], [FRIEND]],
    ["the sender among them", ["--participants", `${FRIEND},+14155550001`], ["+14155550001", FRIEND]],
    [
      "each by itself",
      ["--participants", "+14155550001", "--participants", "+14155550002"],
      ["+14155550001", "+14155550002", FRIEND],
    ],
    [
      "word by word",
      ["--participants", "+14155550001", "+14155550002"],
      ["+14155550001", "+14155550002", FRIEND],
    ],
  ])("makes a group of the sender and those named: %s", async (_how, argv, members) => {
    const [first] = await mac.receive("--from", FRIEND, "--text", "one", "--group", "G", ...argv);
    const [message] = await history(first?.chat_id ?? 0);
    expect(message).toMatchObject({ is_group: true, participants: members });
    const again = await mac.receive(
      "--from",
      FRIEND,
      "--text",
      "two",
      "--group",
      String(message?.["chat_guid"]),
    );
    expect(again[0]?.chat_id).toBe(first?.chat_id);
  });

  it("takes a text that begins with a dash", async () => {
    await mac.receive("--text", "- eggs", "--from", FRIEND);
    await mac.receive("--text", "--", "--from", FRIEND);
    expect((await history(1)).map((message) => message["text"])).toEqual(["--", "- eggs"]);
  });

  it("makes a group whose guid claims a direct chat", async () => {
    await mac.receive(
      "--from",
      FRIEND,
      "--text",
      "hm",
      "--group",
      "Two",
      "--participants",
      "+14155550001",
      "--groupish",
    );
    const [message] = await history(1);
    expect(message).toMatchObject({ is_group: false, participants: ["+14155550001", FRIEND] });
    expect(message?.["chat_guid"]).toMatch(/^iMessage;-;chat\d+$/u);
  });

  it("writes guids as macOS 26 does", async () => {
    await mac.receive("--from", FRIEND, "--text", "x", "--guid-style", "macos26");
    await mac.receive(
      "--from",
      FRIEND,
      "--text",
      "y",
      "--group",
      "G",
      "--participants",
      SELF,
      "--guid-style",
      "macos26",
    );
    const guids = mac.query("SELECT guid FROM chat ORDER BY ROWID").map(({ guid }) => guid);
    expect(guids).toEqual([`any;-;${FRIEND}`, expect.stringMatching(/^any;\+;chat\d+$/u)]);
  });

  it("finds a chat by row id, guid, identifier, and by its guid under another service", async () => {
    await mac.receive("--from", FRIEND, "--text", "x");
    for (const reference of ["1", `iMessage;-;${FRIEND}`, `any;-;${FRIEND}`, FRIEND]) {
      const [row] = await mac.receive("--from-me", "--text", "me", "--chat", reference);
      expect(row?.chat_id).toBe(1);
    }
    expect(
      await mac.run("receive", "--db", mac.db, "--from", FRIEND, "--text", "x", "--chat", "99"),
    ).toMatchObject({
      code: 1,
      stderr: "imsg-sim receive: no chat 99\nList the chats: imsg-sim chats --db PATH.\n",
    });
  });

  it("copies attachments beside the database", async () => {
    const file = join(mac.folder, "a & b.png");
    writeFileSync(file, "not really a picture");
    await mac.receive("--from", FRIEND, "--text", "look ", "--attachment", file);
    const [message] = await history(1);
    expect(message?.["text"]).toBe("look \u{FFFC}");
    const [attachment] = (message?.["attachments"] ?? []) as Record<string, unknown>[];
    expect(attachment).toMatchObject({
      transfer_name: "a & b.png",
      mime_type: "image/png",
      total_bytes: 20,
      missing: false,
    });
    const path = String(attachment?.["original_path"]);
    expect(path.startsWith(join(dirname(mac.db), "Attachments"))).toBe(true);
    expect(readFileSync(path, "utf8")).toBe("not really a picture");
  });

  it("replies inline, at a time, under a guid", async () => {
    const [parent] = await mac.receive("--from", FRIEND, "--text", "lunch?", "--at", "-90m");
    const guid = "11111111-2222-4333-8444-555555555555";
    const at = "2026-05-01T10:00:00.250Z";
    await mac.receive(
      "--from",
      FRIEND,
      "--text",
      "well?",
      "--reply-to",
      parent?.guid ?? "",
      "--guid",
      guid,
      "--at",
      at,
    );
    const messages = await history(1);
    expect(messages.find((message) => message["guid"] === guid)).toMatchObject({
      created_at: at,
      thread_originator_guid: parent?.guid,
      reply_to_text: "lunch?",
    });
    const age =
      Date.now() - Date.parse(String(messages.find((message) => message["id"] === 1)?.["created_at"]));
    expect(age).toBeGreaterThan(89 * 60_000);
    expect(age).toBeLessThan(92 * 60_000);
  });

  it("lets a row stand alone before it joins its chat", async () => {
    const argv = [
      "receive",
      "--db",
      mac.db,
      "--json",
      "--from",
      FRIEND,
      "--text",
      "late",
      "--unjoined",
      "400",
    ];
    const child = new Executable(argv);
    await child.take(1);
    expect(mac.query("SELECT COUNT(*) AS n FROM chat_message_join")).toEqual([{ n: 0 }]);
    expect(await child.ended).toBe(0);
    expect(mac.query("SELECT chat_id, message_id FROM chat_message_join")).toEqual([
      { chat_id: 1, message_id: 1 },
    ]);
  });

  it("writes thousands from one line each, in order", async () => {
    const file = join(mac.folder, "texts");
    const lines = Array.from({ length: 5000 }, (_unused, index) =>
      index % 2 === 0
        ? `plain ${index}`
        : JSON.stringify({ text: `json ${index}`, from: `+1415555${2000 + (index % 100)}` }),
    );
    writeFileSync(file, `${lines.join("\n")}\n`);
    const rows = await mac.receive("--from", FRIEND, "--texts-from", file);
    expect(rows.map((row) => row.rowid)).toEqual(lines.map((_line, index) => index + 1));
    expect(mac.query("SELECT COUNT(*) AS n FROM chat")).toEqual([{ n: 51 }]);
    expect(mac.query("SELECT text FROM message WHERE ROWID = 5000")).toEqual([{ text: "json 4999" }]);
  });

  it("writes lines of stdin as they come", async () => {
    const child = new Executable([
      "receive",
      "--db",
      mac.db,
      "--json",
      "--from",
      FRIEND,
      "--texts-from",
      "-",
    ]);
    child.process.stdin.write("first\n");
    expect(await child.take(1)).toHaveLength(1);
    expect(mac.query("SELECT text FROM message")).toEqual([{ text: "first" }]);
    child.process.stdin.write('{"text":"second","fromMe":true}\n');
    expect(await child.take(1)).toHaveLength(1);
    expect(await child.close()).toBe(0);
    expect(mac.query("SELECT text, is_from_me FROM message WHERE ROWID = 2")).toEqual([
      { text: "second", is_from_me: 1 },
    ]);
  });

  it("numbers the messages of --count", async () => {
    await mac.receive("--from", FRIEND, "--text", "n {n}", "--count", "3");
    expect((await history(1)).map((message) => message["text"])).toEqual(["n 3", "n 2", "n 1"]);
  });

  it.each([
    [["--text", "x"], "--from is missing"],
    [["--from", FRIEND], "--text is missing"],
    [["--from", FRIEND, "--text", "--json"], "Option '--text' argument"],
    [["--from", FRIEND, "--text", "x", "--attachment", "a", "--bogus"], "Unknown option '--bogus'"],
    [["--from-me", "--text", "x", "--group", "G"], "the group G is new and has no members"],
    [["--from", FRIEND, "--text", "x", "--bogus"], "Unknown option '--bogus'"],
    [["--from", FRIEND, "--text", "x", "--at", "noon"], "--at: noon is no time"],
    [["--from", FRIEND, "--text", "x", "--service", "fax"], "--service: fax is no service"],
    [["--from", FRIEND, "--text", "x", "--count", "many"], "--count: many is no whole number"],
    [["--from", FRIEND, "--text", "x", "--guid-style", "odd"], "--guid-style: odd is no style"],
    [["--from", FRIEND, "--text", "x", "--chat", "1", "--group", "G"], "--chat and --group name two places"],
  ])("%j is wrong usage", async (argv, problem) => {
    const { code, stderr } = await mac.run("receive", "--db", mac.db, ...argv);
    expect({ code, lines: stderr.split("\n").length }).toEqual({ code: 2, lines: 3 });
    expect(stderr).toContain(problem);
  });

  it("says how to make a database that is not there", async () => {
    const path = join(mac.folder, "none.db");
    const { code, stderr } = await mac.run("receive", "--db", path, "--from", FRIEND, "--text", "x");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `imsg-sim receive: no database at ${path}\nMake one: imsg-sim init --db ${path}\n`,
    });
    expect(existsSync(path)).toBe(false);
  });
});

describe("react", () => {
  it("puts a tapback on and takes it off, as recorded", async () => {
    const [row] = await mac.receive("--from", FRIEND, "--text", "Yes! 12:30?");
    const react = (...argv: string[]) =>
      mac.run("react", "--db", mac.db, "--message", row?.guid ?? "", "--from", FRIEND, ...argv);
    expect(await react("--reaction", "love")).toMatchObject({ code: 0 });
    expect(await react("--reaction", "🎉")).toMatchObject({ code: 0 });
    expect((await history(1))[0]?.["reactions"]).toMatchObject([
      { type: "love" },
      { type: "custom", emoji: "🎉" },
    ]);
    await react("--reaction", "love", "--remove");
    const columns = "text, associated_message_guid AS target, associated_message_type AS type";
    expect(mac.query(`SELECT ${columns} FROM message WHERE ROWID > 1`)).toEqual([
      { text: "Loved “Yes! 12:30?”", target: `p:0/${row?.guid}`, type: 2000 },
      { text: "Reacted 🎉 to “Yes! 12:30?”", target: `p:0/${row?.guid}`, type: 2006 },
      { text: "Removed a heart from “Yes! 12:30?”", target: `p:0/${row?.guid}`, type: 3000 },
    ]);
  });

  it.each([
    ["emphasize", 2004, "emphasis"],
    ["thumbsup", 2001, "like"],
    ["❤️", 2000, "love"],
    ["-1", 2002, "dislike"],
    ["🇺🇸", 2006, "custom"],
  ])("takes %s as imsg does", async (reaction, number, type) => {
    const [row] = await mac.receive("--from", FRIEND, "--text", "hi");
    await mac.run(
      "react",
      "--db",
      mac.db,
      "--message",
      row?.guid ?? "",
      "--from",
      FRIEND,
      "--reaction",
      reaction,
    );
    expect(mac.query("SELECT associated_message_type AS number FROM message WHERE ROWID = 2")).toEqual([
      { number },
    ]);
    expect(await history(1)).toMatchObject([{ reactions: [{ type }] }]);
  });

  it("refuses a word that is no reaction", async () => {
    const [row] = await mac.receive("--from", FRIEND, "--text", "hi");
    const argv = ["--db", mac.db, "--message", row?.guid ?? "", "--from", FRIEND, "--reaction", "lovely"];
    expect(await mac.run("react", ...argv)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("lovely is none"),
    });
  });

  it("refuses a message that is not there", async () => {
    const argv = ["--message", "X", "--from", FRIEND, "--reaction", "love"];
    expect(await mac.run("react", "--db", mac.db, ...argv)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("no message X\n"),
    });
  });
});

describe("replace", () => {
  it("puts a fresh database of the same Apple ID there; who has the old one open keeps it", async () => {
    await mac.receive("--from", FRIEND, "--text", "old");
    const old = new DatabaseSync(mac.db);
    expect(await mac.run("replace", "--db", mac.db)).toMatchObject({ code: 0 });
    expect(mac.query("SELECT COUNT(*) AS n FROM message")).toEqual([{ n: 0 }]);
    expect(old.prepare("SELECT text FROM message").all()).toEqual([{ text: "old" }]);
    old.close();
    expect(await mac.receive("--from", SELF, "--text", "still me")).toHaveLength(2);
  });

  it("puts another database there, with what stands in its WAL", async () => {
    const other = join(mac.folder, "backup.db");
    await mac.run("init", "--db", other);
    const open = new DatabaseSync(other);
    open.prepare("SELECT COUNT(*) FROM message").all(); // whoever closes a database last empties its WAL
    await mac.run("receive", "--db", other, "--from", FRIEND, "--text", "from the backup");
    expect(statSync(`${other}-wal`).size).toBeGreaterThan(0);
    expect(await mac.run("replace", "--db", mac.db, "--with", other)).toMatchObject({ code: 0 });
    expect(mac.query("SELECT text FROM message")).toEqual([{ text: "from the backup" }]);
    open.close();
  });
});

describe("help", () => {
  it.each(["init", "receive", "react", "vote", "is-typing", "replace"])(
    "%s --help shows examples",
    async (command) => {
      const { code, lines } = await mac.run(command, "--help");
      expect(code).toBe(0);
      expect(lines).toContain("Examples:");
      expect(lines.some((line) => line.startsWith(`  imsg-sim ${command} --db`))).toBe(true);
    },
  );
});
