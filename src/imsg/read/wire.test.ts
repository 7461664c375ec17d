import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { GatewayError } from "../../model/errors.ts";
import { asId, type AccountId } from "../../model/ids.ts";
import type { InboundMessage } from "../../model/message.ts";
import { isUnjoined } from "../../model/message.ts";
import { parseChats, parseMessage, parseMessages, parsePage, stripPart } from "./wire.ts";

const RECORDED = fileURLToPath(new URL("../../../test/fixtures/imsg-recorded", import.meta.url));
const account = asId<AccountId>("home");

/** Every JSON line that recorded imsg 0.9.0 wrote to its stdout. */
function recordedOutput(): Record<string, unknown>[] {
  const files = readdirSync(RECORDED).filter((name) => name.endsWith(".jsonl"));
  const records = files.flatMap((name) => readFileSync(join(RECORDED, name), "utf8").split("\n"));
  return records
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { dir: string; line?: string })
    .filter(({ dir, line }) => dir === "out" && line?.startsWith("{") === true)
    .map(({ line }) => JSON.parse(line ?? "") as Record<string, unknown>);
}

function recordedNotifications(): { raw: Record<string, unknown>; row: InboundMessage }[] {
  return recordedOutput()
    .filter(({ method }) => method === "message")
    .map(({ params }) => (params as { message: Record<string, unknown> }).message)
    .map((raw) => ({ raw, row: parseMessage(raw, account) }));
}

const plain = {
  id: 7,
  guid: "G-7",
  chat_id: 1,
  chat_guid: "iMessage;-;+1",
  created_at: "2026-05-01T10:01:00.250Z",
};

describe("recorded imsg 0.9.0", () => {
  it("is understood, every message of it", () => {
    const broken: GatewayError[] = [];
    const histories = recordedOutput()
      .map(({ result }) => result as Record<string, unknown> | undefined)
      .filter((result) => Array.isArray(result?.["messages"]))
      .flatMap((result) => parseMessages(result, account, (error) => broken.push(error)));
    expect(histories.length).toBeGreaterThan(100);
    expect(recordedNotifications().length).toBeGreaterThan(150);
    expect(broken).toEqual([]);
    for (const row of histories) expect(row.createdAtMs).toBeGreaterThan(Date.UTC(2026, 0));
  });

  it("keeps ids, text and time as they were", () => {
    for (const { raw, row } of recordedNotifications()) {
      expect([row.rowId, row.guid, row.chatId, row.text]).toEqual([
        raw["id"],
        raw["guid"],
        raw["chat_id"],
        raw["text"],
      ]);
      expect(new Date(row.createdAtMs).toISOString()).toBe(raw["created_at"]);
    }
  });

  it("has rows without a chat, tapbacks, inline replies, attachments and empty group events", () => {
    const rows = recordedNotifications().map(({ row }) => row);
    expect(rows.find(({ rowId }) => rowId === 45)?.chatId).toBe(0);
    expect(rows.filter(isUnjoined).length).toBeGreaterThan(0);
    expect(rows.some(({ chatId, text }) => chatId === 4 && text === "")).toBe(true);
    for (const { reaction } of rows) if (reaction) expect(reaction.target).not.toMatch(/^(?:p:|bp:)/u);
    expect(rows.some(({ reaction }) => reaction?.type === "custom" && reaction.emoji === "🎉")).toBe(true);
    expect(rows.some(({ reaction }) => reaction?.added === false)).toBe(true);
    expect(rows.some(({ quoted }) => quoted?.text !== undefined && quoted.sender !== undefined)).toBe(true);
    const files = rows.flatMap(({ attachments }) => attachments);
    expect(files.some(({ missing, path }) => missing && path.startsWith("/"))).toBe(true);
  });

  it("lists chats, macOS 26 groups included", () => {
    const chats = recordedOutput()
      .map(({ result }) => result as Record<string, unknown> | undefined)
      .filter((result) => Array.isArray(result?.["chats"]))
      .flatMap((result) =>
        parseChats(result, (error) => {
          throw error;
        }),
      );
    expect(chats.some((chat) => chat.chatGuid.startsWith("any;+;") && chat.isGroup)).toBe(true);
    expect(chats.find((chat) => chat.chatId === 1)).toMatchObject({
      chatGuid: "iMessage;-;+14155551212",
      service: "iMessage",
      participants: ["+14155551212"],
    });
  });
});

describe("reading", () => {
  it("fills in what is absent and ignores what is unknown", () => {
    expect(parseMessage({ id: 7, guid: "G-7", novelty: { a: 1 } }, account)).toEqual({
      accountId: "home",
      rowId: 7,
      guid: "G-7",
      chatId: 0,
      chatGuid: "",
      chatIdentifier: "",
      chatName: "",
      participants: [],
      isGroup: false,
      sender: "",
      isFromMe: false,
      text: "",
      createdAtMs: 0,
      attachments: [],
    });
  });

  it("takes a guid with ;+; for a group whatever is_group says", () => {
    expect(parseMessage({ ...plain, chat_guid: "any;+;chat1", is_group: false }, account).isGroup).toBe(true);
  });

  it("quotes inline replies only", () => {
    const reply = {
      ...plain,
      thread_originator_guid: "p:0/G-1",
      reply_to_text: "before",
      reply_to_sender: "+1",
    };
    expect(parseMessage(reply, account).quoted).toEqual({ guid: "G-1", text: "before", sender: "+1" });
    expect(
      parseMessage({ ...plain, reply_to_guid: "G-1", reply_to_text: "x" }, account).quoted,
    ).toBeUndefined();
  });

  it("makes half a surrogate pair harmless and leaves garbled text alone", () => {
    const row = parseMessage({ ...plain, text: "a\ud83db" }, account);
    expect(row.text).toBe("a\ufffdb");
    expect(parseMessage({ ...plain, text: "streamtyped\u0081è\u0003" }, account).text).toBe(
      "streamtyped\u0081è\u0003",
    );
  });

  it("leaves out what Messages keeps of a preview, a game or a poll: nobody sent that as a file", () => {
    const kept = { transfer_name: "cat.png", original_path: "/a/cat.png", mime_type: "image/png" };
    const previews = [
      { transfer_name: "0A1B.pluginPayloadAttachment", original_path: "~/Library/Messages/Attachments/0A1B" },
      { transfer_name: "", filename: "/Attachments/3f/X.PluginPayloadAttachment" },
    ];
    const row = parseMessage({ ...plain, attachments: [previews[0], kept, previews[1]] }, account);
    expect(row.attachments.map(({ name }) => name)).toEqual(["cat.png"]);
  });

  it("strips the part from references to messages", () => {
    expect(["p:0/G", "p:12/G", "bp:G", "G"].map(stripPart)).toEqual(["G", "G", "G", "G"]);
  });

  it("throws imsg/payload with the raw text for what is no message", () => {
    for (const value of [null, 5, [], {}, { id: 0, guid: "G" }, { id: 1 }, { id: "1", guid: "G" }]) {
      try {
        parseMessage(value, account);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(GatewayError);
        expect((error as GatewayError).code).toBe("imsg/payload");
        expect((error as GatewayError).details["line"]).toBe(JSON.stringify(value));
      }
    }
  });

  it("reads the rest of a list past a broken item, and says so", () => {
    const broken: GatewayError[] = [];
    const page = { messages: [{ nothing: 1 }, plain], next_rowid: 9, has_more: true };
    const read = parsePage(page, account, (error) => broken.push(error));
    expect(read).toMatchObject({ nextRow: 9, hasMore: true });
    expect(read.messages.map((row) => row.rowId)).toEqual([7]);
    expect(broken).toHaveLength(1);
  });
});

describe("a sticker", () => {
  const sticker = { filename: "s.heic", transfer_name: "s.heic", is_sticker: true };
  const parse = (over: Record<string, unknown>) =>
    parseMessage(
      { id: 1, guid: "G", text: "\uFFFC", attachments: [sticker], ...over },
      asId<AccountId>("home"),
    );

  it.each<[string, Record<string, unknown>, boolean]>([
    ["put on a message", { reply_to_guid: "p:0/M-1" }, true],
    ["sent by itself", {}, false],
    ["sent as an inline reply", { reply_to_guid: "M-1", thread_originator_guid: "M-1" }, false],
    ["with words", { reply_to_guid: "M-1", text: "look" }, false],
    ["beside a photo", { reply_to_guid: "M-1", attachments: [sticker, { filename: "a.png" }] }, false],
  ])("%s is an event: %s", (_what, over, isEvent) => {
    const { reaction } = parse(over);
    expect(reaction).toEqual(
      isEvent ? { type: "sticker", emoji: "", added: true, target: "M-1" } : undefined,
    );
  });
});
