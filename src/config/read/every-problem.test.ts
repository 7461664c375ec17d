// However many things are wrong with a file, and of whatever kind: all of them are said at once, and nothing that only follows from them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../../test/config/compile-for-test.ts";

type Json = Record<string, never>;

/** A config without a fault; each entry below spoils another place of it. */
function soundConfig(): Json {
  return {
    channels: {
      imessage: {
        allowFrom: ["+14155550100", "+14155550101"],
        region: "US",
        accounts: { home: {}, work: { name: "Work", dbPath: "~/work.db" } },
        groups: { "42": { agentId: "main" }, "*": {} },
      },
    },
    agents: {
      list: [
        { id: "main", runtime: { type: "command", command: ["true"] } },
        { id: "code", runtime: { type: "acp", command: ["true"] } },
      ],
    },
    bindings: [
      { agentId: "main", match: { account: "home" } },
      { agentId: "code", match: {} },
    ],
    gateway: { bind: "127.0.0.1", port: 1234 },
    session: { reset: { mode: "daily", atHour: 4 } },
    messages: { groupChat: { mentionPatterns: ["claw"] } },
    logging: { level: "info" },
  } as unknown as Json;
}

/** Where, and what stands there instead; undefined: nothing does. */
const SPOILT: readonly (readonly [path: string, value: unknown, shown?: string])[] = [
  // Unknown keys.
  ["gateway.prot", 1],
  ["channels.imessage.accounts.home.fluffy", true],
  ["agents.list[1].runtime.comand", []],
  // Wrong types and values.
  ["gateway.port", "high"],
  ["gateway.bind", 7],
  ["channels.imessage.allowFrom[0]", { a: 1 }],
  ["channels.imessage.region", "USA"],
  ["channels.imessage.accounts.home.name", []],
  ["logging.level", "loud"],
  ["session.reset.atHour", 25],
  // Missing.
  ["agents.list[0].runtime.command", undefined],
  ["bindings[1].match", undefined],
  // What only the whole shows.
  ["channels.imessage.allowFrom[1]", "chat_id:x"],
  ['channels.imessage.groups["42"].agentId', "nobody"],
  ["messages.groupChat.mentionPatterns[0]", "("],
  ["bindings[0].match.account", "hoem"],
  ["channels.imessage.accounts.work.dbPath", "${NOT_SET}"],
];

function spoil(config: Json, path: string, value: unknown): void {
  const segments = [...path.matchAll(/[^.[\]"]+/gu)].map(([segment]) => segment);
  const last = segments.pop() ?? "";
  const parent = segments.reduce<Json>((at, segment) => at[segment] as unknown as Json, config);
  if (value === undefined) delete parent[last];
  else parent[last] = value as never;
}

function problemPaths(config: unknown): readonly string[] {
  const compiled = compile(JSON.stringify(config), {});
  return compiled.ok ? [] : compiled.problems.map(({ path }) => path);
}

test("a sound config has none", () => {
  expect(problemPaths(soundConfig())).toEqual([]);
});

test("any set of faults is shown whole, and nothing else is", () => {
  fc.assert(
    fc.property(fc.subarray([...SPOILT], { minLength: 1 }), (chosen) => {
      const config = soundConfig();
      for (const [path, value] of chosen) spoil(config, path, value);
      expect(problemPaths(config).toSorted()).toEqual(chosen.map(([path]) => path).toSorted());
    }),
    { numRuns: 300 },
  );
});

test("an agent without an id makes no name unknown", () => {
  const config = soundConfig();
  spoil(config, "agents.list[1].id", undefined);
  expect(problemPaths(config)).toEqual(["agents.list[1].id"]);
});
