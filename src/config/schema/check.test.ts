import { describe, expect, test } from "vitest";
import { problems } from "../../../test/config/compile-for-test.ts";

test("what is not supported yet is an error, never ignored", () => {
  expect(problems({ store: { url: "postgres://h/d" } })).toMatchObject([
    {
      message: "store.url with a postgres: URL is not supported yet by this version",
      unsupported: true,
    },
  ]);
});

describe("positions, values, nearest keys", () => {
  const at = (text: string) =>
    problems(text).map(({ line, column, path, message, hint }) => [line, column, path, message, hint]);

  test("every problem of a file, in its order", () => {
    expect(
      at(`{
  channels: { imessage: {
    dmPolcy: "open", // a slip
    textChunkLimit: 0,
    dmPolicy: 'opne',
    accounts: { "work": { enabled: "yes" } },
  } },
  gateway: { token: 7, zzz: 1 },
  agents: { list: [{ name: "x", runtime: { type: "command" } }] },
}`),
    ).toEqual([
      [
        3,
        5,
        "channels.imessage.dmPolcy",
        "channels.imessage.dmPolcy is not a known key; the nearest known key is dmPolicy",
        "Write `dmPolicy`, or remove the key.",
      ],
      [
        4,
        21,
        "channels.imessage.textChunkLimit",
        "channels.imessage.textChunkLimit is 0: must be 1 or more",
        "Correct channels.imessage.textChunkLimit.",
      ],
      [
        5,
        15,
        "channels.imessage.dmPolicy",
        'channels.imessage.dmPolicy is "opne": must be one of "pairing", "allowlist", "open", "disabled"',
        'Write "open".',
      ],
      [
        6,
        36,
        "channels.imessage.accounts.work.enabled",
        'channels.imessage.accounts.work.enabled is "yes": must be true or false',
        "Write `true`, without quotes.",
      ],
      [8, 21, "gateway.token", "gateway.token is ••••: must be a text in quotes", "Correct gateway.token."],
      [
        8,
        24,
        "gateway.zzz",
        "gateway.zzz is not a known key; the nearest known key is bind",
        "Remove the key.",
      ],
      [
        9,
        20,
        "agents.list[0].id",
        "agents.list[0].id is missing",
        "Add agents.list[0].id: names the agent in bindings and session keys: `a-z`, `0-9`, `_`, `-`.",
      ],
      [
        9,
        42,
        "agents.list[0].runtime.command",
        "agents.list[0].runtime.command is missing",
        "Add agents.list[0].runtime.command: program and its arguments.",
      ],
    ]);
  });

  test.each([
    ["{ a: 1 b: 2 }", 1, 8, "The file is not valid JSON5: unexpected token Identifier found"],
    ["{\n a: [1,,2] }", 2, 8, "The file is not valid JSON5: unexpected token Comma found"],
    ["{ a: 'x", 1, 8, "The file is not valid JSON5: unexpected end of input found"],
    ["{ a: 'x\\", 1, 9, "The file is not valid JSON5: unexpected end of input found"],
    ["{ a: 1\n", 1, 7, "The file is not valid JSON5: unexpected end of input found"],
    ["{ gateway: {}, gateway: {} }", 1, 16, "gateway is written twice"],
    ["{ gateway: {\n __proto__: {} } }", 2, 2, "`__proto__` is not a key"],
    ["[]", 1, 1, "The configuration is a list: must be an object"],
    ["7", 1, 1, "The configuration is 7: must be an object"],
    ["{ gateway: null }", 1, 12, "gateway is null: must be an object"],
    ["{ gateway: { port: 70000 } }", 1, 20, "gateway.port is 70000: must be 65535 or less"],
    ["{ gateway: { port: 1.5 } }", 1, 20, "gateway.port is 1.5: must be a whole number"],
    ["{ gateway: { port: NaN } }", 1, 20, "gateway.port is NaN: must be a number"],
    ["{ gateway: { bind: '' } }", 1, 20, 'gateway.bind is "": must not be empty'],
    ["{ gateway: { bind: [] } }", 1, 20, "gateway.bind is a list: must be a text in quotes"],
    [
      "{ agents: { defaults: { runtime: { type: 'comand' } } } }",
      1,
      42,
      'agents.defaults.runtime.type is "comand": must be one of "echo", "command", "acp", "model"',
    ],
    [
      "{ agents: { defaults: { runtime: { type: 'command', command: ['a', 2] } } } }",
      1,
      68,
      "agents.defaults.runtime.command[1] is 2: must be a text in quotes",
    ],
    [
      "{ agents: { defaults: { runtime: { type: 'echo', comand: 1 } } } }",
      1,
      50,
      "agents.defaults.runtime.comand is not a known key; the nearest known key is type",
    ],
    [
      "{ channels: { imessage: { region: 'USA' } } }",
      1,
      35,
      'channels.imessage.region is "USA": must be a two-letter country code (ISO 3166)',
    ],
  ])("%s", (text, line, ...[column, message]) => {
    expect(problems(text)).toMatchObject([{ line, column, message }]);
  });

  test.each([
    ["{ channels: { imessage: { allowFrom: '+15551234567' } } }", 'Write a list: `["+15551234567"]`.'],
    ["{ channels: { imessage: { allowFrom: [15551234567] } } }", 'Write it in quotes: `"15551234567"`.'],
    ["{ channels: { imessage: { textChunkLimit: '4000' } } }", "Write it without quotes: `4000`."],
    ["{ channels: { imessage: { textChunkLimit: 'many' } } }", "Correct channels.imessage.textChunkLimit."],
    ["{ channels: { imessage: { enabled: 'off' } } }", "Write `false`, without quotes."],
    ["{ channels: { imessage: { catchup: 60 } } }", "Write its keys in braces: `{ key: value }`."],
    ["{ channels: { imessage: { groupAllowFrom: 'a@b.c' } } }", 'Write a list: `["a@b.c"]`.'],
    ["{ channels: { imessage: { allowTo: '*' } } }", 'Write a list: `["*"]`.'],
    ["{ channels: { imessage: { groups: ['12'] } } }", "Write its keys in braces: `{ key: value }`."],
    ["{ channels: { imessage: { dms: 5 } } }", "Write its keys in braces: `{ key: value }`."],
    ["{ session: { identityLinks: [] } }", "Write its keys in braces: `{ key: value }`."],
    ["{ session: { identityLinks: { anna: 'a@b.c' } } }", 'Write a list: `["a@b.c"]`.'],
    ["{ messages: { groupChat: { mentionPatterns: 'claw' } } }", 'Write a list: `["claw"]`.'],
    [
      "{ messages: { groupChat: { mentionPatterns: [''] } } }",
      "Correct messages.groupChat.mentionPatterns[0].",
    ],
    ["{ agents: { list: [{ id: 'a', groupChat: 'claw' }] } }", "Write its keys in braces: `{ key: value }`."],
    ["{ agents: { defaults: { groupChat: {} } } }", "Remove the key."],
    ["{ commands: { config: 'yes' } }", "Write `true`, without quotes."],
    ["{ commands: { useAccessGroups: 0 } }", "Write `false`, without quotes."],
    ["{ channels: { imessage: { configWrites: 'false' } } }", "Write `false`, without quotes."],
    ["{ channels: { imessage: { groupPolicy: 'opne' } } }", 'Write "open".'],
    ["{ channels: { imessage: { historyLimit: '50' } } }", "Write it without quotes: `50`."],
    ["{ channels: { imessage: { dmHistoryLimit: -1 } } }", "Correct channels.imessage.dmHistoryLimit."],
    ["{ limits: { sendsPerMinute: 0 } }", "Correct limits.sendsPerMinute."],
    [
      "{ channels: { imessage: { limits: { sendsPerHour: 1.5 } } } }",
      "Correct channels.imessage.limits.sendsPerHour.",
    ],
    ["{ logging: { level: 'verbose' } }", "Write one of them."],
    ["{ gateway: { token: 12345678 } }", "Correct gateway.token."],
    [
      "{ agents: { defaults: { runtime: { type: 'command', command: 'claude -p' } } } }",
      'Write a list: `["claude", "-p"]`.',
    ],
    [
      "{ agents: { defaults: { runtime: { type: 'acp' } } } }",
      "Add agents.defaults.runtime.command: program and its arguments.",
    ],
    ["{ agents: { defaults: { runtime: { type: 'modell' } } } }", 'Write "model".'],
    ["{ session: { reset: 'daily' } }", "Write its keys in braces: `{ key: value }`."],
    ["{ session: { reset: { mode: 'dayly' } } }", 'Write "daily".'],
    ["{ session: { reset: { mode: 'daily', atHour: 24 } } }", "Correct session.reset.atHour."],
    ["{ agents: { defaults: { streaming: true } } }", "Write one of them."],
    ["{ agents: { defaults: { longTurnSeconds: '60' } } }", "Write it without quotes: `60`."],
    ["{ store: { url: 'postgres://h/db' } }", 'Write "sqlite:~/.coderclaw/state.db", or remove the key.'],
    ["{ channels: { imessage: { groups: { 12: {} } } } }", 'Put a key that is a number in quotes: `"12"`.'],
    ["[]", "Write the whole file as one object: `{ … }`."],
  ])("%s: %s", (text, hint) => {
    expect(problems(text)).toMatchObject([{ hint }]);
  });

  test.each([
    ["chanels", "channels"],
    ["agnets", "agents"],
    ["message", "messages"],
    ["LOGGING", "logging"],
  ])("%s: did you mean %s", (written, nearest) => {
    expect(problems({ [written]: {} })).toMatchObject([
      { path: written, hint: `Write \`${nearest}\`, or remove the key.` },
    ]);
  });
});
