import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GatewayError } from "../../model/errors.ts";
import { compileConfig } from "../read/compile.ts";
import { readEnvironment } from "../env.ts";
import { setConfig, undoConfig, unsetConfig } from "./operations.ts";
import { isUnder, parsePath } from "../read/path.ts";
import { findPlaces } from "../places.ts";

/** Each comment names the path that it stands in. */
const BASE = `{ //@
  channels: { //@channels
    imessage: { //@channels.imessage
      cliPath: "imsg", dbPath: '/db', /*@channels.imessage*/
      region: 'US', allowFrom: [ //@channels.imessage.allowFrom
        "a@b.c", "*",
      ],
      groups: { "*": { requireMention: true /*@channels.imessage.groups["*"]*/ }, "12": { enabled: true } },
      accounts: { //@channels.imessage.accounts
        work: { name: "Work", cliPath: '/work', /*@channels.imessage.accounts.work*/ },
        home: { dbPath: '/home', dms: { "a@b.c": { historyLimit: 3 } } },
      },
    },
  },
  agents: { //@agents
    defaults: { runtime: { type: "echo" /*@agents.defaults.runtime*/ }, maxConcurrent: 3 },
    list: [ //@agents.list
      { id: 'a', default: true, runtime: { type: 'command', command: ['cat'] } },
      { id: 'b', workspace: '/b' }, // @agents.list
    ],
  },
  messages: { groupChat: { mentionPatterns: ['claw'] } }, //@
  gateway: { token: '\${SECRET}', port: 0 /*@gateway*/ },
  store: { url: 'sqlite:/db/state' },
  commands: { config: true, ownerAllowFrom: ["a@b.c"] },
}
`;

const environment = readEnvironment({ CODERCLAW_STATE_DIR: "/state", SECRET: "s3cret@mail.example" });
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-"));
  file = join(folder, "c.json");
});
afterAll(async () => rm(folder, { recursive: true }));

const SECTIONS = ["channels.imessage", "channels.imessage.accounts.work", "channels.imessage.accounts.home"];
const KEYS = `
cliPath dbPath remoteHost attachmentRoots remoteAttachmentRoots region name enabled allowFrom allowFrom[0] allowFrom[1]
groups groups.12 groups.12.agentId groups.13.enabled groups["*"].systemPrompt dms dms["a@b.c"].historyLimit
limits.sendsPerHour`;
const PATHS = `
channels channels.imessage channels.imessage.accounts channels.imessage.accounts.new channels.imessage.accounts.work
agents agents.defaults agents.defaults.runtime agents.defaults.maxConcurrent agents.list agents.list[0] agents.list[1]
agents.list[2] agents.list[0].runtime.command[0] agents.list[0].name agents.list[1].id agents.list[1].default
agents.list[1].groupChat gateway gateway.token gateway.port store store.url commands commands.ownerAllowFrom[1] bindings
messages.responsePrefix session session.dmScope session.identityLinks logging $schema __proto__ constructor.x`;
const VALUES = `
true
false
0
x@y.z
*
b
per-peer
/evil
null
\${SECRET}
'\\x24{SECRET}'
[]
['x@y.z',]
[{ id: 'a' }]
{}
{ '*': {} }
{ name: 'n', cliPath: '/evil' }
{ cliPath: 'imsg', dbPath: '/db' }
{ name: 'x', cliPath: '/work' }
{ dbPath: '/home' }
{ id: 'b', workspace: '/b', name: 'B' }
{ id: 'c' }
{ mentionPatterns: ['^b'] }
{ imessage: {} }
{ type: 'echo' }
{ runtime: { type: 'echo' } }
'} // x
}, gateway: {`;
const oneOf = (text: string, separator: RegExp) => fc.constantFrom(...text.trim().split(separator));

const path = fc.oneof(
  fc.tuple(fc.constantFrom(...SECTIONS), oneOf(KEYS, /\s+/)).map(([section, key]) => `${section}.${key}`),
  oneOf(PATHS, /\s+/),
  fc.string({ maxLength: 12 }),
);
const value = fc.oneof(oneOf(VALUES, /\n/), fc.string({ maxLength: 12, unit: "binary" }));
/** Writes that are right by themselves. */
const right = fc.tuple(
  fc.constantFrom(...SECTIONS),
  fc.constantFrom(
    ["name", "a b"],
    ["region", "'FR'"],
    ["allowFrom", "['*', 'x@y.z']"],
    ["allowFrom[0]", "x@y.z"],
    ["groups", "{ '*': {}, '7': { historyLimit: 1 } }"],
    ["groups.13.enabled", "false"],
    ['groups["*"].systemPrompt', 'it\'s \u2028 "so" // no comment'],
    ['dms["+15551234567"].historyLimit', "0x10"],
    ["limits.sendsPerHour", "7"],
    ["enabled", "false"],
    ["allowTo", "[]"],
  ),
);
const command = fc.oneof(
  {
    arbitrary: right.map(([section, [key = "", text = ""]]) => ({
      verb: "set" as const,
      path: `${section}.${key}`,
      value: text,
    })),
    weight: 4,
  },
  { arbitrary: fc.record({ verb: fc.constant("set" as const), path, value }), weight: 6 },
  { arbitrary: fc.record({ verb: fc.constant("unset" as const), path, value }), weight: 2 },
  { arbitrary: fc.record({ verb: fc.constant("undo" as const), path, value }), weight: 1 },
);

const options = () => ({ configPath: file, environment, fromChat: true });

async function run({ verb, path: at, value: text }: { verb: string; path: string; value: string }) {
  if (verb === "undo") return undoConfig(options());
  return verb === "set" ? setConfig(at, text, options()) : unsetConfig(at, options());
}

/** What chat must never change, as the gateway would run by it. */
async function inForce(text: string) {
  const compiled = await compileConfig(text, findPlaces(file, environment), environment);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  const { settings } = compiled;
  const transports = settings.accounts.map(({ id, transport, owners }) => [id, { transport, owners }]);
  return {
    ids: [...settings.accounts, ...settings.stoppedAccounts].map(({ id }) => id).toSorted(),
    /** Of the accounts that run: whether they do is no secret of theirs. */
    transports: Object.fromEntries(transports) as Record<string, unknown>,
    agents: settings.agents.map(({ id, runtime, workspace }) => ({ id, runtime, workspace })),
    rest: [settings.defaultAgentId, settings.gateway, settings.storePath, settings.commands],
  };
}

const commentsOf = (text: string) =>
  [...text.matchAll(/(?:\/\/ ?|\/\*)@(\S*?)(?:\*\/|\s)/g)].map((found) => found[1] ?? "");

test("1,000 generated writes from chat: nothing protected changes, comments of the rest stay, refusals say what to do", async () => {
  let written = 0;
  const refused = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 4, maxLength: 4 }), async (commands) => {
      await writeFile(file, BASE);
      await rm(`${file}.bak`, { force: true });
      const before = await inForce(BASE);
      for (const each of commands) {
        const old = await readFile(file, "utf8");
        const made = await run(each).catch((error: unknown) => error);
        const now = await readFile(file, "utf8");
        if (made instanceof GatewayError) {
          expect(made.code).toMatch(/^(?:config\/(?:protected|invalid|unsupported|no-undo)|cli\/usage)$/);
          expect(made.hint).toMatch(/\.$/);
          expect(made.message).not.toContain("s3cret");
          expect(now).toBe(old);
          refused.set(made.code, (refused.get(made.code) ?? 0) + 1);
          continue;
        }
        if (made instanceof Error) throw made;
        expect(JSON.stringify(made)).not.toContain("s3cret");
        const after = await inForce(now);
        const running = Object.keys(after.transports).map((id) => [id, before.transports[id]]);
        expect(after).toEqual({ ...before, transports: Object.fromEntries(running) as object });
        if (each.verb !== "undo") {
          const named = parsePath(each.path.trim()) ?? [];
          const kept = commentsOf(old).filter((at) => at === "" || !isUnder(parsePath(at) ?? [], named));
          expect(commentsOf(now)).toEqual(expect.arrayContaining(kept));
        }
        if (now !== old) written++;
      }
    }),
    { numRuns: 250 },
  );
  expect(written).toBeGreaterThan(100);
  expect(Math.min(refused.get("config/protected") ?? 0, refused.get("config/invalid") ?? 0)).toBeGreaterThan(
    50,
  );
});
