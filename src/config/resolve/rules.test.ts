import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { imessage, problems, settings } from "../../../test/config/compile-for-test.ts";

describe("rules", () => {
  test.each<[string, unknown, string[]]>([
    [
      "open without *",
      imessage({ dmPolicy: "open", allowFrom: ["a@b.c"] }),
      ['channels.imessage.dmPolicy="open" requires channels.imessage.allowFrom to include "*"'],
    ],
    [
      "open without * on an account",
      imessage({ accounts: { work: { dmPolicy: "open" } } }),
      [
        'channels.imessage.accounts.work.dmPolicy="open" requires channels.imessage.accounts.work.allowFrom to include "*"',
      ],
    ],
    [
      "the channel's open, told once for accounts that inherit it",
      imessage({ dmPolicy: "open", accounts: { a: { dbPath: "/a" }, b: { dbPath: "/b" } } }),
      ['channels.imessage.dmPolicy="open" requires channels.imessage.allowFrom to include "*"'],
    ],
    [
      "an account takes the * away",
      imessage({ dmPolicy: "open", allowFrom: ["*"], accounts: { a: { allowFrom: [] } } }),
      [
        'channels.imessage.accounts.a.dmPolicy="open" requires channels.imessage.accounts.a.allowFrom to include "*"',
      ],
    ],
    ["open with *", imessage({ dmPolicy: "open", allowFrom: ["*"] }), []],
    [
      "the account's * serves its open",
      imessage({ dmPolicy: "open", accounts: { a: { allowFrom: ["*"] } } }),
      [],
    ],
    [
      "one database twice",
      imessage({ accounts: { a: { dbPath: "/x/../y" }, b: { dbPath: "/y" } } }),
      ["channels.imessage.accounts: a and b would read the same database"],
    ],
    [
      "imsg's own database twice, once by name",
      imessage({ accounts: { a: {}, b: { dbPath: join(homedir(), "Library/Messages/chat.db") } } }),
      ["channels.imessage.accounts: a and b would read the same database"],
    ],
    ["one database twice, one disabled", imessage({ accounts: { a: {}, b: { enabled: false } } }), []],
    ["two programs", imessage({ accounts: { a: {}, b: { cliPath: "/b" } } }), []],
    [
      "chat_id:12abc",
      imessage({ allowFrom: ["*", "chat_id:12abc"] }),
      [
        'channels.imessage.allowFrom[1] is "chat_id:12abc": `12abc` is not a chat row id (a whole number from 1)',
      ],
    ],
    [
      "an inherited entry is told once, at the channel",
      imessage({ allowFrom: ["chat_id:0"], accounts: { a: {}, b: { dbPath: "/b" } } }),
      ['channels.imessage.allowFrom[0] is "chat_id:0": `0` is not a chat row id (a whole number from 1)'],
    ],
    [
      "a chat among the owners",
      { ...imessage({}), commands: { ownerAllowFrom: ["chat_id:1", "*"] } },
      [
        'commands.ownerAllowFrom[0] is "chat_id:1": must be a handle',
        'commands.ownerAllowFrom[1] is "*": must be a handle',
      ],
    ],
    [
      "an account id",
      imessage({ accounts: { "A b": {} } }),
      ['channels.imessage.accounts["A b"]: the key "A b" cannot be an account id'],
    ],
    [
      "an unknown region",
      imessage({ region: "xx" }),
      ['channels.imessage.region is "XX": is no country whose numbers can be read'],
    ],
    [
      "agents",
      {
        agents: {
          list: [
            { id: "a:b" },
            { id: "x" },
            { id: "x" },
            { id: "y", default: true },
            { id: "z", default: true },
          ],
        },
      },
      [
        'agents.list[0].id is "a:b": cannot be an agent id',
        'agents.list[2].id is "x": another agent has this id',
        "agents.list[4].default is true: another agent is the default already",
      ],
    ],
    [
      "bindings",
      {
        ...imessage({ accounts: { work: {} } }),
        bindings: [
          { agentId: "mian", match: { account: "wrok" } },
          { agentId: "main", match: { chat: "a@b.c" } },
          { agentId: "main", match: { handle: "*" } },
          { agentId: "main", match: { handle: "a@b.c", chat: "chat_id:1" } },
        ],
      },
      [
        'bindings[0].agentId is "mian": there is no such agent',
        'bindings[0].match.account is "wrok": there is no such account',
        'bindings[1].match.chat is "a@b.c": must name a chat',
        'bindings[2].match.handle is "*": must be a handle',
        "bindings[3].match has both chat and handle",
      ],
    ],
    [
      "one database twice, whatever else the accounts say",
      imessage({
        dbPath: "/db",
        accounts: {
          a: { groupPolicy: "open" },
          b: { groups: { 12: {} }, allowTo: ["*"] },
          c: { dbPath: "/c" },
        },
      }),
      ["channels.imessage.accounts: a and b would read the same database"],
    ],
    [
      "entries of every list, at the path where they are written",
      imessage({
        groupAllowFrom: ["chat_id:0"],
        accounts: {
          a: { allowTo: ["sms:*"], dbPath: "/a" },
          b: { groupAllowFrom: ["chat_guid:"], dbPath: "/b" },
        },
      }),
      [
        'channels.imessage.groupAllowFrom[0] is "chat_id:0": `0` is not a chat row id (a whole number from 1)',
        'channels.imessage.accounts.a.allowTo[0] is "sms:*": takes no service prefix before `*`',
        'channels.imessage.accounts.b.groupAllowFrom[0] is "chat_guid:": has nothing after `chat_guid:`',
      ],
    ],
    [
      "identity links",
      {
        session: {
          identityLinks: { "A b": ["a@b.c"], anna: ["A@b.c", "d@e.f"], bob: ["*", "chat_id:1", "D@e.f"] },
        },
      },
      [
        'session.identityLinks["A b"]: the key "A b" cannot be the name of a link',
        'session.identityLinks.anna[0] is "A@b.c": is linked to A b already',
        'session.identityLinks.bob[0] is "*": must be a handle',
        'session.identityLinks.bob[1] is "chat_id:1": must be a handle',
        'session.identityLinks.bob[2] is "D@e.f": is linked to anna already',
      ],
    ],
    [
      "mention patterns, used or not",
      {
        messages: { groupChat: { mentionPatterns: ["claw", "(a+", " "] } },
        agents: { list: [{ id: "a", groupChat: { mentionPatterns: ["(?=x)", "小爪"] } }] },
      },
      [
        'messages.groupChat.mentionPatterns[1] is "(a+": is no regular expression: missing closing )',
        'messages.groupChat.mentionPatterns[2] is " ": is empty and would match everything',
        'agents.list[0].groupChat.mentionPatterns[0] is "(?=x)": is no regular expression: it looks ahead or behind (`(?=`, `(?!`, `(?<=`, `(?<!`)',
      ],
    ],
    ["store.url", { store: { url: "mysql:x" } }, ['store.url is "mysql:x": must be `sqlite:` and a path']],
  ])("%s", (_name, config, expected) => {
    expect(problems(config).map(({ message }) => message)).toEqual(expected);
  });

  test("allowlist with an empty list is a warning at the path that can mend it", () => {
    const warned = settings(
      imessage({ dmPolicy: "allowlist", accounts: { a: {}, b: { allowFrom: [], dbPath: "/b" } } }),
    );
    expect(warned.warnings.map(({ path }) => path)).toEqual([
      "channels.imessage.allowFrom",
      "channels.imessage.accounts.b.allowFrom",
    ]);
    expect(warned.warnings[0]?.message).toBe(
      'Nobody can reach account a: dmPolicy is "allowlist" and allowFrom is empty',
    );
    expect(warned.accounts).toHaveLength(2);
  });
});
