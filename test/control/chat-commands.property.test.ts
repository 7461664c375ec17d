// 5,000 commands that nobody in their senses would send: none ends badly, changes what chat may not change, or tells a secret.
import fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AgentOffers } from "../../src/model/agent-session.ts";
import { getConfig, validateConfig } from "../../src/config/edit/operations.ts";
import { ANNA, BERT } from "../contracts/store-world.ts";
import { ChatWorld, SECRETS } from "./chat-world.ts";

const CONFIG = `{
  channels: { imessage: {
    cliPath: "imsg", allowFrom: ["${ANNA}"],
    accounts: { home: { dbPath: "/home.db" }, work: { cliPath: "/opt/imsg", groups: { "*": {} } } },
  } },
  agents: { defaults: { workspace: "/w" }, list: [{ id: "main", runtime: { type: "acp", command: ["cat"] } }, { id: "b" }] },
  messages: { responsePrefix: "\${SECRET}" },
  gateway: { token: "${SECRETS.token}", port: 1 },
  store: { url: "sqlite:/tmp/never" },
  commands: { config: true, ownerAllowFrom: ["${ANNA}"] },
}
`;

let chat: ChatWorld;
beforeAll(async () => {
  chat = await ChatWorld.create(CONFIG);
  chat.running.offers = OFFERS;
});
afterAll(async () => chat.remove());

/** What chat may never change, picked out of the whole file by name, wherever it stands. */
function protectedParts(config: unknown): unknown {
  const root = config as Record<string, unknown>;
  const agents = root["agents"] as
    | { defaults?: object; list?: readonly Record<string, unknown>[] }
    | undefined;
  return {
    sections: [root["gateway"], root["store"], root["commands"]],
    channels: pick(root["channels"], /^(?:cliPath|dbPath|remoteHost|.*Roots)$/, []),
    defaults: pick(agents?.defaults, /^(?:runtime|workspace)$/, []),
    list: agents?.list?.map(({ id, runtime, workspace }) => [id, runtime, workspace]),
  };
}

function pick(value: unknown, name: RegExp, path: readonly string[]): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .flatMap(([key, member]) =>
      name.test(key) ? [[...path, key, member]] : pick(member, name, [...path, key]),
    )
    .toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));
}

const KEYS = [
  "channels imessage accounts home work new cliPath dbPath remoteHost dmPolicy allowFrom groups 42 * requireMention",
  "configWrites attachmentRoots dms a@b.c agents list defaults runtime workspace id main commands config ownerAllowFrom",
  "gateway token bind store url messages responsePrefix session dmScope limits name historyLimit mentionPatterns groupChat",
  "__proto__ constructor toString",
].flatMap((line) => line.split(" "));

const quoted = (key: string): fc.Arbitrary<string> =>
  fc.constantFrom(key, `"${key}"`, `["${key}"]`, `['${key}']`, `[“${key}”]`, `[${key}]`, key.toUpperCase());
const segment = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...KEYS).chain(quoted) },
  { weight: 2, arbitrary: fc.nat(3).map((index) => `[${index}]`) },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
);
/** Joined as a person would, or not. */
const anyPath = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 6 }), fc.constantFrom(".", ".", "", " ", ".."))
  .map(([segments, dot]) => segments.join(dot).replaceAll(".[", "["));
const knownPath = fc.constantFrom(
  "channels.imessage.cliPath",
  'channels["imessage"].cliPath',
  "channels['imessage']['dbPath']",
  "channels.imessage.accounts.home.dbPath",
  "channels.imessage.accounts.new",
  "channels.imessage.accounts.work",
  "channels.imessage.accounts",
  "channels.imessage",
  "channels",
  "agents.list[0].runtime",
  "agents.list[0].runtime.command[0]",
  "agents.list[0]",
  "agents.list[2]",
  "agents.list[1].id",
  "agents.list",
  "agents.defaults",
  "agents.defaults.maxConcurrent",
  "agents",
  "gateway.token",
  "gateway",
  "store.url",
  "commands.config",
  "commands",
  "channels.imessage.name",
  "channels.imessage.dmPolicy",
  "channels.imessage.allowFrom",
  "channels.imessage.allowFrom[1]",
  "channels.imessage.groups",
  "channels.imessage.configWrites",
  "messages.responsePrefix",
  "messages.groupChat.mentionPatterns",
  "session.dmScope",
  "limits.turnsPerMinute",
);
const path = fc.oneof({ weight: 3, arbitrary: knownPath }, { weight: 1, arbitrary: anyPath });

const value = fc.oneof(
  fc.constantFrom(
    "allowlist",
    "open",
    "true",
    "false",
    "0",
    "7",
    "-1",
    "1e999",
    "null",
    "{}",
    "[]",
    '["*"]',
    `["${ANNA}", "${BERT}"]`,
    "[“+15550000007”]",
    "per-peer",
    "${SECRET}",
    "$${SECRET}",
    '{name: "${SECRET}"}',
    '{cliPath: "/bin/sh"}',
    '{imessage: {cliPath: "/bin/sh"}}',
    '{imessage: {allowFrom: ["+15550000001"]}}',
    '{home: {dbPath: "/home.db"}}',
    '{id: "x", runtime: {type: "command", command: ["sh"]}}',
    '[{id: "main"}]',
    '{"__proto__": {config: false}}',
    '["(a+)+$", "cl[a"]',
    "{a: 1, a: 2}",
    "a\nb",
    '"unfinished',
    "}}}",
    "1,x:2",
    "/* */",
    "x".repeat(5000),
  ),
  fc.json(),
  fc.string({ unit: "grapheme", maxLength: 30 }),
);

const set = fc
  .tuple(fc.constantFrom("set", "SET", "Set"), path, fc.constantFrom(" ", "=", " = ", "\n", "  "), value)
  .map(([verb, at, between, what]) => `/config ${verb} ${at}${between}${what}`);
const config = fc.oneof(
  { weight: 6, arbitrary: set },
  { weight: 2, arbitrary: path.map((at) => `/config unset ${at}`) },
  { weight: 2, arbitrary: path.map((at) => `/config get ${at}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "/config undo",
      "/config: undo",
      "/config show",
      "/CONFIG",
      "/config show gateway",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme" }).map((text) => `/config ${text}`) },
);
const pairing = fc
  .tuple(
    fc.constantFrom("approve", "deny", "list", "revoke", "", "Approve imessage"),
    fc.oneof(
      fc.constantFrom("ABCD2345", "abcd2345", "'; DROP TABLE pairing_request; --", "*", "__proto__"),
      fc.string(),
    ),
  )
  .map(([verb, code]) => `/pairing ${verb} ${code}`);

const CHOICES = [
  { id: "plan", name: "Plan\n/stop\u202e" },
  { id: "default", name: "Always ask" },
  { id: "x".repeat(500), name: "y".repeat(500) },
  { id: "", name: "" },
];
/** What an agent may say of itself, which is anything. */
const OFFERS: AgentOffers = {
  modes: CHOICES,
  mode: "plan",
  models: Array.from({ length: 500 }, (_, index) => ({ id: `model-${index}`, name: "\u0000".repeat(index) })),
  model: "gone",
  commands: ["help", "compact", "a b", "x\n/stop", "y".repeat(500)].map((name) => ({
    name,
    description: name,
  })),
};
const choice = fc
  .tuple(
    fc.constantFrom("/mode", "/model", "/MODE:", "/agent", "/help"),
    fc.oneof(
      fc.constantFrom(
        "",
        "plan",
        "PL",
        "default",
        "Default",
        "model-7",
        "model",
        "gone",
        "__proto__",
        "x",
        "*",
      ),
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "grapheme", minLength: 3000, maxLength: 5000 }),
    ),
  )
  .map(([name, args]) => `${name} ${args}`);

const command = fc.oneof(
  { weight: 6, arbitrary: config },
  { weight: 1, arbitrary: pairing },
  { weight: 1, arbitrary: choice },
);

/** A refusal names the place in the config, the code, or quotes what it could not read. */
function namesPlace(reply: string, text: string): boolean {
  const known =
    /channels|agents|gateway|store|commands|messages|session|limits|for code: |earlier configuration/;
  const [, , rest = ""] = /^\/\S+\s+(\S+)\s+([^]*)$/.exec(text) ?? [];
  const [first = ""] = rest.split(/[\s=.[\]"'“”‘’]+/u).filter(Boolean);
  return known.test(reply) || reply.includes(first) || reply.includes(JSON.stringify(first).slice(1, -1));
}

test("5,000 commands", { timeout: 240_000 }, async () => {
  const options = { configPath: chat.configFile, environment: chat.environment };
  const wholeFile = async () => (await getConfig(undefined, { ...options, reveal: true })).value;
  const guarded = protectedParts(await wholeFile());
  let written = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(command, async (text) => {
      const before = chat.read();
      const reply = await chat.ask(text);
      expect(chat.errors).toEqual([]);
      expect(reply).not.toBe("");
      expect(reply.length).toBeLessThan(3500);
      expect(reply).not.toMatch(/\n {4}at /);
      for (const secret of Object.values(SECRETS)) expect(reply).not.toContain(secret);
      if (reply.startsWith("⚠️ ")) {
        refused += 1;
        expect(namesPlace(reply, text), `${text}\n→ ${reply}`).toBe(true);
        expect(chat.read()).toBe(before);
      }
      if (chat.read() === before) return;
      written += 1;
      expect((await validateConfig(undefined, options)).problems).toEqual([]);
      expect(isDeepStrictEqual(protectedParts(await wholeFile()), guarded)).toBe(true);
    }),
    { numRuns: 5000 },
  );
  // A run in which everything is refused, or nothing is, proves nothing.
  expect(written).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(1000);
});
