import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatGuid, ChatId } from "./ids.ts";
import type { ChatRef } from "./message.ts";
import {
  entryNamesChat,
  parseAllowEntry,
  parseTarget,
  renderEntry,
  type AllowEntry,
  type SendService,
  type Target,
} from "./target.ts";

const handle = (text: string, service?: SendService) => ({
  kind: "handle",
  handle: text,
  ...(service && { service }),
});
const chatId = (id: number) => ({ kind: "chat_id", chatId: id });
const guid = (text: string) => ({ kind: "chat_guid", guid: text });
const identifier = (text: string) => ({ kind: "chat_identifier", identifier: text });

/** Forms that allow entries and targets share. */
const chats: readonly [string, object][] = [
  ...["chat_id:12", "chatid:12", "chat:12", "CHAT_ID:12", "ChatId: 12 ", " chat:12"].map(
    (text): [string, object] => [text, chatId(12)],
  ),
  ...["chat_guid:", "chatguid:", "guid:", "Chat_GUID:", "GUID: "].map((prefix): [string, object] => [
    `${prefix}iMessage;-;Anna@B.c`,
    guid("iMessage;-;Anna@B.c"),
  ]),
  ...["chat_identifier:", "chatidentifier:", "chatident:", "ChatIdent: "].map((prefix): [string, object] => [
    `${prefix}Chat123`,
    identifier("Chat123"),
  ]),
];

const wrong: readonly [string, string][] = [
  ["anna smith jones", "is neither a phone number nor an e-mail address"],
  ["+1415*", "is neither a phone number nor an e-mail address"],
  ["аnna@b.c", "contains `а` (U+0430), and senders have only ASCII characters"],
  ["＊", "contains `＊` (U+FF0A), and senders have only ASCII characters"],
  ["whatsapp:+12024561111", "begins with `whatsapp:`, which is not a known prefix"],
  ["456-1111", "is not a phone number of the region; begin it with `+` and the country code"],
  ["0049 171 1234567", "is not a phone number of the region; begin it with `+` and the country code"],
  ["sms:iMessage;-;x", "takes no service prefix before `imessage;-;x`"],
  ["guid:+12024561111", "`+12024561111` is an identifier, not a guid; write `chat_identifier:+12024561111`"],
  [
    "chat_guid:chat831234567890",
    "`chat831234567890` is an identifier, not a guid; write `chat_identifier:chat831234567890`",
  ],
  ["chatident:any;-;x", "`any;-;x` is a guid; write `chat_guid:any;-;x`"],
  ["chat_id:12abc", "`12abc` is not a chat row id (a whole number from 1)"],
  ["chat_id:-1", "`-1` is not a chat row id (a whole number from 1)"],
  ["chat_id:0", "`0` is not a chat row id (a whole number from 1)"],
  ["chat_id:1e3", "`1e3` is not a chat row id (a whole number from 1)"],
  ["chat_id:1.5", "`1.5` is not a chat row id (a whole number from 1)"],
  ["chat:99999999999999999999", "`99999999999999999999` is not a chat row id (a whole number from 1)"],
  ["chat_id:", "has nothing after `chat_id:`"],
  ["guid: ", "has nothing after `guid:`"],
  ["chat_identifier:", "has nothing after `chat_identifier:`"],
  ["", "is empty"],
  [" sms: ", "is empty"],
  ["sms:*", "takes no service prefix before `*`"],
  ["imessage:chat_id:5", "takes no service prefix before `chat_id:5`"],
  ["auto:guid:X", "takes no service prefix before `guid:x`"],
];

describe("parseAllowEntry", () => {
  const table: readonly [string, object][] = [
    ...chats,
    ["*", { kind: "any" }],
    [" * ", { kind: "any" }],
    ["(202) 456-1111", handle("+12024561111")],
    ["imessage:Anna@B.c", handle("anna@b.c")],
    ["AMAZON", handle("amazon")],
    ["22000", handle("22000")],
    ["\u200b*", { kind: "any" }],
    ["tel:(202) 456-1111", handle("+12024561111")],
    ["(+1) 202 456 1111", handle("+12024561111")],
    ["\u202a+1 202 456 1111\u202c", handle("+12024561111")],
    ["chat_\u200bid:12", chatId(12)],
    ["iMessage;+;chat831234567890", guid("iMessage;+;chat831234567890")],
    ["any;-;+12024561111", guid("any;-;+12024561111")],
    ["chat831234567890", identifier("chat831234567890")],
  ];
  test.each(table)("reads %s", (text, value) => {
    expect(parseAllowEntry(text, "US")).toEqual({ ok: true, value });
  });

  test.each(wrong)("refuses %s", (text, reason) => {
    expect(parseAllowEntry(text, "US")).toEqual({ ok: false, reason });
  });
});

describe("parseTarget", () => {
  const table: readonly [string, object][] = [
    ...chats,
    ["+12024561111", handle("+12024561111", "sms")],
    ["imessage:+12024561111", handle("+12024561111", "imessage")],
    ["SMS:22000", handle("22000", "sms")],
    [" Auto:anna@b.c", handle("anna@b.c", "auto")],
    ["imessage:sms:anna@b.c", handle("anna@b.c", "imessage")],
    ["urn:biz:1-2", handle("urn:biz:1-2", "sms")],
    ["112", handle("112", "sms")],
    ["tel:+12024561111", handle("+12024561111", "sms")],
    ["mailto:anna@b.c", handle("anna@b.c", "sms")],
    ["iMessage;-;Anna@b.c", guid("iMessage;-;Anna@b.c")],
  ];
  test.each(table)("reads %s", (text, value) => {
    expect(parseTarget(text, "US", "sms")).toEqual({ ok: true, value });
  });

  const nobody: readonly [string, string][] = [
    ["*", "`*` names nobody in particular"],
    ["bogus:x", "begins with `bogus:`, which is not a known prefix"],
    ["bogus:+12024561111", "begins with `bogus:`, which is not a known prefix"],
    ["foo", "is neither a phone number nor an e-mail address"],
    ["sms:amazon", "is neither a phone number nor an e-mail address"],
    ["anna@", "is not an e-mail address"],
    ["12", "is too short for a phone number"],
    ["+1", "is too short for a phone number"],
  ];
  test.each([...wrong, ...nobody])("refuses %s", (text, reason) => {
    expect(parseTarget(text, "US", "auto")).toEqual({ ok: false, reason });
  });
});

describe("entryNamesChat", () => {
  const chat: ChatRef = {
    chatId: 7 as ChatId,
    chatGuid: "iMessage;-;anna@b.c" as ChatGuid,
    chatIdentifier: "anna@b.c",
    chatName: "",
    participants: ["anna@b.c"],
    isGroup: false,
  };
  const table: readonly [string, string, boolean][] = [
    ["its id", "chat_id:7", true],
    ["another id", "chat_id:8", false],
    ["its guid", "guid:iMessage;-;anna@b.c", true],
    ["its guid by another service", "guid:any;-;anna@b.c", true],
    ["a guid in another case", "guid:iMessage;-;Anna@b.c", false],
    ["a group's guid", "guid:iMessage;+;anna@b.c", false],
    ["its identifier", "chat_identifier:anna@b.c", true],
    ["an identifier in another case", "chat_identifier:ANNA@b.c", false],
    ["the handle", "anna@b.c", false],
    ["everybody", "*", false],
  ];
  test.each(table)("%s", (_, text, expected) => {
    const parsed = parseAllowEntry(text, "US");
    expect(parsed.ok && entryNamesChat(parsed.value, chat)).toBe(expected);
  });

  test("a chat without a guid is named by none", () => {
    const bare = { ...chat, chatGuid: "" as ChatGuid };
    expect(entryNamesChat({ kind: "chat_guid", guid: "" }, bare)).toBe(false);
  });
});

describe("renderEntry", () => {
  const text = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(..."0123456789+@aZ:; *".split("")), maxLength: 12 }),
    fc.integer({ min: 1 }).map((id) => `CHAT_id:${id}`),
    fc.string({ minLength: 1 }).map((rest) => `guid:iMessage;-;${rest}`),
    fc.string({ minLength: 1 }).map((rest) => `ChatIdent:${rest}`),
    fc.nat({ max: 9_999_999_999 }).map((number) => `sms:+1${number}`),
  );

  test("what an allow entry renders to is the same allow entry", () => {
    fc.assert(
      fc.property(text, (text) => {
        const parsed = parseAllowEntry(text, "US");
        if (!parsed.ok) return;
        const again = parseAllowEntry(renderEntry(parsed.value), "US");
        expect(again).toEqual<{ ok: true; value: AllowEntry }>(parsed);
      }),
      { numRuns: 2000 },
    );
  });

  test("what a target renders to is the same target", () => {
    fc.assert(
      fc.property(text, (text) => {
        const parsed = parseTarget(text, "US", "auto");
        if (!parsed.ok) return;
        const again = parseTarget(renderEntry(parsed.value), "US", "auto");
        expect(again).toEqual<{ ok: true; value: Target }>(parsed);
      }),
      { numRuns: 2000 },
    );
  });
});
