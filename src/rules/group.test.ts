// Which messages are of a group, and what of `groups` holds for them.
import { describe, expect, test } from "vitest";
import { parseHandle, type Handle } from "../model/handle.ts";
import { asId, type ChatGuid, type ChatId } from "../model/ids.ts";
import type { ChatRef } from "../model/message.ts";
import type { AccountSettings, GroupSettings } from "../model/settings.ts";
import type { AllowEntry } from "../model/target.ts";
import { contextLimits, groupOf, isListed } from "./group.ts";

const ANNA = parseHandle("+14155550001", "US") as Handle;

function chat(over: Partial<ChatRef> = {}): ChatRef {
  return {
    chatId: asId<ChatId>(7),
    chatGuid: asId<ChatGuid>("iMessage;+;chat7"),
    chatIdentifier: "chat7",
    chatName: "",
    participants: [],
    isGroup: true,
    ...over,
  };
}

function entry(key: GroupSettings["key"], over: Partial<GroupSettings> = {}): GroupSettings {
  return {
    key,
    enabled: true,
    requireMention: true,
    allowFrom: undefined,
    agentId: undefined,
    systemPrompt: "",
    historyLimit: 50,
    ...over,
  };
}

function account(groups: readonly GroupSettings[], over: Partial<AccountSettings> = {}): AccountSettings {
  return {
    groups,
    groupAllowFrom: [],
    historyLimit: 9,
    dmHistoryLimit: 2,
    dmHistoryLimits: [{ handle: ANNA, turns: 5 }],
    ...over,
  } as AccountSettings;
}

const STAR = entry({ kind: "any" }, { historyLimit: 3 });

describe("what is a group", () => {
  test.each<[string, readonly GroupSettings[], Partial<ChatRef>, string | undefined]>([
    ["is_group, no groups", [], {}, "no settings"],
    ["direct, no groups", [], { isGroup: false }, undefined],
    ["direct, star", [STAR], { isGroup: false }, undefined],
    ["is_group, star", [STAR], {}, "star"],
    ["by id", [entry({ kind: "chat_id", chatId: 7 }), STAR], { isGroup: false }, "7"],
    ["by another id", [entry({ kind: "chat_id", chatId: 8 }), STAR], { isGroup: false }, undefined],
    [
      "by guid, another service",
      [entry({ kind: "chat_guid", guid: "any;+;chat7" })],
      { isGroup: false },
      "chat_guid:any;+;chat7",
    ],
    [
      "by identifier",
      [entry({ kind: "chat_identifier", identifier: "chat7" })],
      { isGroup: false },
      "chat_identifier:chat7",
    ],
    [
      "identifiers keep their case",
      [entry({ kind: "chat_identifier", identifier: "Chat7" })],
      { isGroup: false },
      undefined,
    ],
  ])("%s", (_, groups, over, expected) => {
    const group = groupOf(account(groups), chat(over));
    const found = group && (group.exactKey ?? (group.settings ? "star" : "no settings"));
    expect(found).toBe(expected);
  });
  test("of several keys the surest counts", () => {
    const groups = [
      entry({ kind: "chat_id", chatId: 7 }),
      entry({ kind: "chat_identifier", identifier: "chat7" }),
      entry({ kind: "chat_guid", guid: "iMessage;+;chat7" }),
    ];
    expect(groupOf(account(groups), chat())?.exactKey).toBe("chat_guid:iMessage;+;chat7");
    expect(groupOf(account(groups.slice(0, 2)), chat())?.exactKey).toBe("chat_identifier:chat7");
  });
});

test("the group's own list, else the account's", () => {
  const [own, general] = [{ kind: "any" } as const, { kind: "handle", handle: ANNA } as const];
  const at = (allowFrom: readonly AllowEntry[] | undefined) =>
    groupOf(account([entry({ kind: "any" }, { allowFrom })], { groupAllowFrom: [general] }), chat())
      ?.allowFrom;
  expect(at([own])).toEqual([own]);
  expect(at([])).toEqual([]);
  expect(at(undefined)).toEqual([general]);
});

test("entries match the sender or the chat", () => {
  expect(isListed([{ kind: "handle", handle: ANNA }], chat(), ANNA)).toBe(true);
  expect(isListed([{ kind: "chat_id", chatId: 7 }], chat(), ANNA)).toBe(true);
  expect(isListed([{ kind: "chat_id", chatId: 8 }], chat(), ANNA)).toBe(false);
  expect(isListed([], chat(), ANNA)).toBe(false);
});

test.each<[string, readonly GroupSettings[], Partial<ChatRef>, Handle, number, number]>([
  ["a group without settings", [], {}, ANNA, 9, 0],
  ["a group by star", [STAR], {}, ANNA, 3, 0],
  ["a group by key", [entry({ kind: "chat_id", chatId: 7 }, { historyLimit: 0 }), STAR], {}, ANNA, 0, 0],
  ["a direct chat with its own limit", [STAR], { isGroup: false }, ANNA, 0, 5],
  ["another direct chat", [STAR], { isGroup: false }, "b@c.d" as Handle, 0, 2],
])("context of %s", (_, groups, over, ...[handle, messages, turns]) => {
  expect(contextLimits(account(groups), { message: chat(over), handle })).toEqual({ messages, turns });
});
