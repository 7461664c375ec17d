import { describe, expect, test } from "vitest";
import type { AccountSettings } from "../../model/settings.ts";
import { renderEntry } from "../../model/target.ts";
import { imessage, problems, settings } from "../../../test/config/compile-for-test.ts";

function account(section: object): AccountSettings {
  const [only] = settings({
    agents: { list: [{ id: "main" }, { id: "ops" }] },
    ...imessage(section),
  }).accounts;
  if (only === undefined) throw new Error("no account");
  return only;
}

/** What is wrong: path, message and hint. */
const faults = (section: object) =>
  problems(imessage(section)).map(({ path, message, hint }) => [path, message, hint]);

const KEY_HINT =
  'Name the group by its `chat_id` ("12"), by `chat_guid:G` or `chat_identifier:I`, or write "*"; `coderclaw chats` lists them.';

describe("groups", () => {
  test.each<[string, string]>([
    ["12", "chat_id:12"],
    ["chat_id:12", "chat_id:12"],
    ["CHAT:12", "chat_id:12"],
    ["chat_guid:iMessage;+;chat8", "chat_guid:iMessage;+;chat8"],
    ["chatidentifier:chat8", "chat_identifier:chat8"],
    ["*", "*"],
  ])("the key %s", (written, entry) => {
    expect(account({ groups: { [written]: {} } }).groups.map(({ key }) => renderEntry(key))).toEqual([entry]);
  });

  test.each<[string, string]>([
    ["12abc", "is not a chat row id (a whole number from 1)"],
    ["0", "`0` is not a chat row id (a whole number from 1)"],
    ["chat_id:12abc", "`12abc` is not a chat row id (a whole number from 1)"],
    ["1.5", "is not a chat row id (a whole number from 1)"],
    ["chat_guid:", "has nothing after `chat_guid:`"],
    ["", "is empty"],
    ["a@b.c", "names no chat"],
    ["+15551234567", "names no chat"],
    ["constructor", "names no chat"],
  ])("the key %j is refused where it stands", (written, reason) => {
    const path = /^[a-z]+$/.test(written)
      ? `channels.imessage.groups.${written}`
      : `channels.imessage.groups[${JSON.stringify(written)}]`;
    expect(faults({ groups: { [written]: {} } })).toEqual([
      [path, `${path}: the key ${JSON.stringify(written)} ${reason}`, KEY_HINT],
    ]);
  });

  test.each<[string, string, boolean]>([
    ["12", "chat_id:12", true],
    ["12", "012", true],
    ["chat_guid:iMessage;+;chat8", "guid:any;+;chat8", true],
    ["chat_identifier:x", "chatident:x", true],
    ["*", " *", true],
    ["chat_identifier:x", "chat_identifier:X", false],
    ["12", "chat_identifier:12", false],
    ["12", "chat_guid:12", false],
  ])("%s and %s name the same chat: %s", (one, other, isSame) => {
    const found = faults({ groups: { [one]: {}, [other]: {} } });
    expect(found.map(([, message, hint]) => [/names the same as/.test(message ?? ""), hint])).toEqual(
      isSame ? [[true, "Keep one of the two."]] : [],
    );
  });

  test("a field: the exact key over `*` over the default, historyLimit over the account's", () => {
    const star = {
      enabled: false,
      requireMention: false,
      allowFrom: ["a@b.c"],
      agentId: "ops",
      systemPrompt: "star",
      historyLimit: 3,
    };
    const exact = {
      enabled: true,
      requireMention: true,
      allowFrom: [],
      agentId: "main",
      systemPrompt: "",
      historyLimit: 0,
    };
    const of = (groups: object) =>
      account({ historyLimit: 7, groups }).groups.map(({ key, ...fields }) => (key ? fields : undefined));
    const defaults = {
      enabled: true,
      requireMention: true,
      allowFrom: undefined,
      agentId: undefined,
      systemPrompt: "",
      historyLimit: 7,
    };
    const resolved = { ...star, allowFrom: [{ kind: "handle", handle: "a@b.c" }] };
    expect(of({ 12: {} })).toEqual([defaults]);
    expect(of({ "*": {} })).toEqual([defaults]);
    expect(of({ 12: {}, "*": star })).toEqual([resolved, resolved]);
    expect(of({ 12: exact, "*": star })).toEqual([exact, resolved]);
    expect(of({ 12: star, "*": exact })).toEqual([resolved, exact]);
    for (const name of Object.keys(star)) {
      const [first] = of({ 12: { [name]: exact[name as keyof typeof exact] }, "*": star });
      expect(first).toEqual({ ...resolved, [name]: exact[name as keyof typeof exact] });
    }
  });

  test("guids first, then chat ids, identifiers, `*`", () => {
    const groups = { "*": {}, "chat_identifier:x": {}, "chat_id:9": {}, 12: {}, "chat_guid:g": {} };
    expect(account({ groups }).groups.map(({ key }) => key.kind)).toEqual([
      "chat_guid",
      "chat_id",
      "chat_id",
      "chat_identifier",
      "any",
    ]);
  });

  test.each<[string, object, string, string, string]>([
    ["an agent", { agentId: "mian" }, "agentId", 'is "mian": there is no such agent', 'Write "main".'],
    [
      "an entry",
      { allowFrom: ["chat_id:x"] },
      "allowFrom[0]",
      'is "chat_id:x": `x` is not a chat row id (a whole number from 1)',
      "Write `*`, a phone number, an e-mail, `chat_id:N`, `chat_guid:G` or `chat_identifier:I`.",
    ],
    [
      "a key",
      { requireMentions: false },
      "requireMentions",
      "is not a known key; the nearest known key is requireMention",
      "Write `requireMention`, or remove the key.",
    ],
    [
      "a type",
      { enabled: "no" },
      "enabled",
      'is "no": must be true or false',
      "Write `false`, without quotes.",
    ],
    [
      "a prompt",
      { systemPrompt: 7 },
      "systemPrompt",
      "is 7: must be a text in quotes",
      'Write it in quotes: `"7"`.',
    ],
    [
      "a number",
      { historyLimit: -1 },
      "historyLimit",
      "is -1: must be 0 or more",
      'Correct channels.imessage.groups["*"].historyLimit.',
    ],
  ])("%s that is wrong", (_name, fields, ...[at, message, hint]) => {
    const path = `channels.imessage.groups["*"].${at}`;
    expect(faults({ groups: { "*": fields, 12: {} } })).toEqual([[path, `${path} ${message}`, hint]]);
  });

  test("of an account they stand at the account's path, and are told once where accounts share them", () => {
    const wrong = { "12abc": {} };
    const accounts = { a: { dbPath: "/a" }, b: { dbPath: "/b" } };
    expect(faults({ groups: wrong, accounts }).map(([path]) => path)).toEqual([
      'channels.imessage.groups["12abc"]',
    ]);
    expect(faults({ groups: wrong, accounts: { a: { groups: wrong } } }).map(([path]) => path)).toEqual([
      'channels.imessage.accounts.a.groups["12abc"]',
    ]);
  });
});

describe("dms", () => {
  test("turns by handle, read by the region; an entry without a limit says nothing", () => {
    const dms = { "0171 1234567": { historyLimit: 3 }, "A@b.c": { historyLimit: 0 }, "x@y.z": {} };
    expect(account({ region: "DE", dms }).dmHistoryLimits).toEqual([
      { handle: "+491711234567", turns: 3 },
      { handle: "a@b.c", turns: 0 },
    ]);
  });

  test.each<[object, string, string, string]>([
    [
      { "chat_id:1": {} },
      'channels.imessage.dms["chat_id:1"]',
      ': the key "chat_id:1" must be a handle',
      "Write a phone number or an e-mail.",
    ],
    [
      { "*": {} },
      'channels.imessage.dms["*"]',
      ': the key "*" must be a handle',
      "Write a phone number or an e-mail.",
    ],
    [
      { "a@b.c": {}, "A@B.C": {} },
      'channels.imessage.dms["A@B.C"]',
      ' names the same as channels.imessage.dms["a@b.c"]',
      "Keep one of the two.",
    ],
    [
      { "a@b.c": { historyLimit: 1.5 } },
      'channels.imessage.dms["a@b.c"].historyLimit',
      " is 1.5: must be a whole number",
      'Correct channels.imessage.dms["a@b.c"].historyLimit.',
    ],
    [
      { "a@b.c": { limit: 1 } },
      'channels.imessage.dms["a@b.c"].limit',
      " is not a known key; the nearest known key is historyLimit",
      "Remove the key.",
    ],
  ])("%j is refused", (dms, path, ...[message, hint]) => {
    expect(faults({ dms })).toEqual([[path, path + message, hint]]);
  });
});
