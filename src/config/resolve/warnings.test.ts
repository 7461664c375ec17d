import { describe, expect, test } from "vitest";
import { imessage, settings } from "../../../test/config/compile-for-test.ts";

const warned = (config: unknown) => settings(config).warnings.map(({ path, message }) => [path, message]);

const EMPTY = (id: string) =>
  `Nobody can reach account ${id} in groups: groupPolicy is "allowlist", and groupAllowFrom and allowFrom are empty`;
const UNGATED = (id: string) =>
  `Mention gating cannot be enforced for agent ${id}: it has no mention patterns, so it answers everything in its groups`;
const SHARED = "messages.groupChat.mentionPatterns";
const named = { messages: { groupChat: { mentionPatterns: ["claw"] } } };

describe("who can be reached in groups", () => {
  test.each<[string, object, [string, string][]]>([
    ["nothing is said of groups", {}, []],
    [
      "the policy alone",
      { groupPolicy: "allowlist" },
      [["channels.imessage.groupAllowFrom", EMPTY("default")]],
    ],
    ["groups alone", { groups: { 12: {} } }, [["channels.imessage.groupAllowFrom", EMPTY("default")]]],
    ["an empty list", { groupAllowFrom: [] }, [["channels.imessage.groupAllowFrom", EMPTY("default")]]],
    ["a list to fall back on", { groupPolicy: "allowlist", allowFrom: ["a@b.c"] }, []],
    [
      "the fallback cut off",
      { allowFrom: ["a@b.c"], groupAllowFrom: [] },
      [["channels.imessage.groupAllowFrom", EMPTY("default")]],
    ],
    ["open", { groupPolicy: "open" }, []],
    ["one group has a list", { groups: { 12: { allowFrom: ["a@b.c"] }, 13: {} } }, []],
    ["each group is closed by name", { groups: { 12: { allowFrom: [] }, 13: { enabled: false } } }, []],
    [
      "the account's own",
      { groupPolicy: "open", accounts: { a: { groupPolicy: "allowlist" } } },
      [["channels.imessage.accounts.a.groupAllowFrom", EMPTY("a")]],
    ],
    [
      "disabled, with groups",
      { groupPolicy: "disabled", groups: { 12: {} } },
      [
        [
          "channels.imessage.groups",
          'The groups of account default are not answered: groupPolicy is "disabled"',
        ],
      ],
    ],
    [
      "disabled by the account",
      { groups: { 12: {} }, accounts: { a: { groupPolicy: "disabled" } } },
      [["channels.imessage.groups", 'The groups of account a are not answered: groupPolicy is "disabled"']],
    ],
    ["disabled, without groups", { groupPolicy: "disabled" }, []],
  ])("%s", (_name, section, expected) => {
    expect(warned({ ...named, ...imessage(section) })).toEqual(expected);
  });
});

describe("mention gating that cannot be enforced", () => {
  const open = { groupPolicy: "open" };
  const agents = (...list: object[]) => ({ agents: { list } });
  test.each<[string, object, [string, string][]]>([
    ["no patterns", imessage(open), [[SHARED, UNGATED("main")]]],
    ["shared patterns", { ...named, ...imessage(open) }, []],
    ["nothing is said of groups", imessage({}), []],
    ["disabled", imessage({ groupPolicy: "disabled" }), []],
    ["no mention needed", imessage({ ...open, groups: { "*": { requireMention: false } } }), []],
    [
      "one group needs it",
      imessage({ ...open, groups: { "*": { requireMention: false }, 12: { requireMention: true } } }),
      [[SHARED, UNGATED("main")]],
    ],
    [
      "only of a group that is off",
      imessage({ ...open, groups: { 12: { enabled: false }, 13: { requireMention: false } } }),
      [],
    ],
    [
      "an agent's explicit [] stops the fallback",
      { ...named, ...agents({ id: "x", groupChat: { mentionPatterns: [] } }), ...imessage(open) },
      [["agents.list[0].groupChat.mentionPatterns", UNGATED("x")]],
    ],
    [
      "another agent's patterns do not help",
      { ...agents({ id: "x" }, { id: "y", groupChat: { mentionPatterns: ["y"] } }), ...imessage(open) },
      [[SHARED, UNGATED("x")]],
    ],
    [
      "the group's own agent has patterns",
      {
        ...agents({ id: "x" }, { id: "y", groupChat: { mentionPatterns: ["y"] } }),
        ...imessage({ ...open, groups: { "*": { agentId: "y" } } }),
      },
      [],
    ],
    [
      "the agent of a binding",
      {
        ...agents({ id: "x", groupChat: { mentionPatterns: ["x"] } }, { id: "y" }),
        ...imessage(open),
        bindings: [{ agentId: "y", match: { chat: "chat_id:3" } }],
      },
      [[SHARED, UNGATED("y")]],
    ],
    [
      "a binding takes all, the default agent nothing",
      {
        ...agents({ id: "x" }, { id: "y", groupChat: { mentionPatterns: ["y"] } }),
        ...imessage(open),
        bindings: [{ agentId: "y", match: {} }],
      },
      [],
    ],
  ])("%s", (_name, config, expected) => {
    expect(warned(config)).toEqual(expected);
  });
});

test("an account that may send nowhere", () => {
  expect(warned(imessage({ allowTo: [] }))).toEqual([
    ["channels.imessage.allowTo", "Account default can answer nobody: allowTo is empty"],
  ]);
});

test("paragraphs of an agent that gives its answer whole", () => {
  const runtime = { type: "command", command: ["answer"] };
  const list = [
    { id: "one", runtime, streaming: "paragraphs" },
    { id: "two", runtime, streaming: "off" },
    { id: "three", runtime: { type: "acp", command: ["agent"] }, streaming: "paragraphs" },
  ];
  expect(warned({ ...imessage({ allowFrom: ["+14155550001"] }), agents: { list } })).toEqual([
    [
      "agents.list[0].streaming",
      "agents.list[0].streaming does nothing: a command agent gives its answer whole",
    ],
  ]);
});
