// The config changed from chat: what is refused, what survives, and that no message is lost while it changes.
import { chmodSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { until, World } from "./world.ts";

const OWNER = "+14155550001";
const FRIEND = "+14155550002";
const DISABLED = "⚠️ /config is disabled. Set commands.config=true to enable.";
const READ_ONLY =
  "⚠️ Config writes are disabled for imessage. Set channels.imessage.configWrites=true to enable.";
const GATEWAY = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** What the owner asks and is answered. */
async function ask(world: World, text: string, from = OWNER): Promise<string> {
  const before = world.sentTo(from).length;
  await world.receive(from, text);
  return world.mac.nthSent(from, before + 1);
}

/** A config as a person writes it. */
async function writeByHand(world: World, more = ""): Promise<string> {
  const text = `// the family's gateway
{
  commands: { config: true }, // from the phone, too
  channels: {
    imessage: {
      cliPath: '${world.cli}', // do not touch
      dbPath: '${world.mac.dbPath}',
      /* everybody */
      dmPolicy: 'open',
      allowFrom: ["*", '${OWNER}',],
      historyLimit: 0x20,
    },
  },
  ${more}
}
`;
  await writeFile(world.configFile, text, { mode: 0o600 });
  return text;
}

function file(world: World): string {
  return readFileSync(world.configFile, "utf8");
}

test("off until commands.config is true, and the owner's alone", async () => {
  await using world = await World.create({ imessage: { allowFrom: ["*", OWNER] } });
  await world.start();
  const before = file(world);
  for (const text of [
    "/config show",
    "/config get channels",
    "/config set messages.responsePrefix x",
    "/config undo",
  ])
    expect(await ask(world, text)).toBe(DISABLED);
  expect(file(world)).toBe(before);
  await writeByHand(world);
  await until(
    () => world.lastLog().includes("config taken over"),
    () => world.lastLog(),
  );
  const guid = await world.receive(FRIEND, "/config set messages.responsePrefix x");
  expect((await world.decided(guid)).code).toBe("command.not-owner");
  expect(world.sentTo(FRIEND)).toEqual([]);
});

test("get, set, unset, undo: in force for the next message, and all else in the file stays as it was", async () => {
  await using world = await World.create();
  const written = await writeByHand(world);
  await world.start();
  expect(await ask(world, "/config get channels.imessage.dmPolicy")).toContain("open");
  expect(await ask(world, "/config get channels.imessage.historyLimit")).toContain("32");

  expect(await ask(world, '/config set channels.imessage.responsePrefix "bot: "')).toContain("bot: ");
  expect(await ask(world, "hello")).toBe("bot: You said: hello");
  const changed = file(world);
  expect(changed).toContain("bot: ");
  for (const kept of [
    "// the family's gateway",
    "// from the phone, too",
    "// do not touch",
    "/* everybody */",
    "0x20",
    `["*", '${OWNER}',]`,
  ])
    expect(changed).toContain(kept);
  expect(statSync(world.configFile).mode & 0o777).toBe(0o600);

  await ask(world, "/config undo");
  expect(file(world)).toBe(written);
  expect(await ask(world, "hello")).toBe("You said: hello");

  // PATH=VALUE, a bare string, a quoted segment, a colon behind the name.
  await ask(world, "/config: set channels.imessage.chunkMode=newline");
  await ask(world, '/CONFIG set channels.imessage.dms["anna@example.com"].historyLimit 3');
  expect(await ask(world, '/config get channels.imessage.dms["anna@example.com"].historyLimit')).toContain(
    "3",
  );
  const before = world.sentTo(OWNER).length;
  expect(await ask(world, "one\n\ntwo")).toBe("You said: one");
  expect(await world.mac.nthSent(OWNER, before + 2)).toBe("two");
  await ask(world, "/config unset channels.imessage.chunkMode");
  expect(file(world)).not.toContain("newline");
  expect(file(world)).toContain("anna@example.com");
});

test("the file is its owner's alone after a change, whatever it was before", async () => {
  await using world = await World.create();
  await writeByHand(world);
  chmodSync(world.configFile, 0o644);
  await world.start();
  await ask(world, "/config set channels.imessage.historyLimit 7");
  expect(statSync(world.configFile).mode & 0o777).toBe(0o600);
});

test("configWrites: the account over the channel over true; reading is always there", async () => {
  await using world = await World.create();
  const config = { commands: { config: true } };
  const imessage = { allowFrom: ["*", OWNER] };
  const set = "/config set channels.imessage.historyLimit 7";
  await world.configure({ imessage: { ...imessage, configWrites: false }, config });
  await world.start();
  expect(await ask(world, set)).toBe(READ_ONLY);
  expect(await ask(world, "/config unset channels.imessage.historyLimit")).toBe(READ_ONLY);
  expect(await ask(world, "/config undo")).toBe(READ_ONLY);
  expect(await ask(world, "/config get channels.imessage.historyLimit")).toContain("50");
  // From the chat it cannot be lifted either.
  expect(await ask(world, "/config set channels.imessage.configWrites true")).toBe(READ_ONLY);
  expect(file(world)).toContain('"configWrites": false');

  await world.reconfigure({
    imessage: { ...imessage, configWrites: false, accounts: { default: { configWrites: true } } },
    config,
  });
  expect(await ask(world, set)).toContain("7");
  await world.reconfigure({
    imessage: { ...imessage, configWrites: true, accounts: { default: { configWrites: false } } },
    config,
  });
  expect(await ask(world, set)).toBe(READ_ONLY);
});

/** What no chat may change: it runs programs, moves files or opens doors. */
const PROTECTED = [
  "channels.imessage.cliPath /bin/sh",
  "channels.imessage.dbPath=/tmp/other.db",
  'channels.imessage["cliPath"] /bin/sh',
  "channels.imessage.remoteHost a@b",
  'channels.imessage.attachmentRoots ["/"]',
  'channels.imessage.remoteAttachmentRoots ["/"]',
  "channels.imessage.accounts.default.cliPath /bin/sh",
  'channels.imessage.accounts.default {"cliPath":"/bin/sh"}',
  'channels.imessage {"cliPath":"/bin/sh","allowFrom":["*"],"dmPolicy":"open"}',
  'channels {"imessage":{"cliPath":"/bin/sh"}}',
  'agents {"defaults":{"runtime":{"type":"command","command":["sh"]}}}',
  'agents.defaults.runtime {"type":"command","command":["sh","-c","id"]}',
  "agents.defaults.workspace /",
  'agents.list [{"id":"main","runtime":{"type":"command","command":["sh"]}}]',
  'agents.list[0] {"id":"main","workspace":"/"}',
  "agents.list[0].workspace /",
  "agents.list[0].runtime.command[0] /bin/sh",
  "gateway.bind 0.0.0.0",
  "gateway.port 1",
  "gateway.token known",
  'gateway {"token":"known"}',
  "store.url sqlite:/tmp/x.db",
  'commands.ownerAllowFrom ["+14155550002"]',
  "commands.useAccessGroups false",
  "commands {}",
];

test("what runs programs, moves files or opens doors cannot be set or unset from a chat", async () => {
  await using world = await World.create();
  const before = await writeByHand(world, 'agents: { list: [{ id: "main" }] },');
  await world.start();
  for (const assignment of PROTECTED) {
    const reply = await ask(world, `/config set ${assignment}`);
    expect([assignment, reply]).toEqual([assignment, expect.stringMatching(/^⚠️ [^]+/)]);
    expect(file(world)).toBe(before);
  }
  for (const path of ["channels.imessage.cliPath", "channels.imessage", "commands", "channels"]) {
    expect([path, await ask(world, `/config unset ${path}`)]).toEqual([path, expect.stringMatching(/^⚠️ /)]);
    expect(file(world)).toBe(before);
  }
  // A value out of the gateway's environment could be read in a reply.
  expect(await ask(world, "/config set channels.imessage.responsePrefix ${HOME}")).toMatch(/^⚠️ /);
  expect(file(world)).toBe(before);
});

test("a value that is none is refused with its place, and so is a key that is none; nothing is written", async () => {
  await using world = await World.create();
  const before = await writeByHand(world);
  await world.start();
  const refusals: readonly (readonly [text: string, place: string])[] = [
    ["channels.imessage.dmPolicy everybody", "channels.imessage.dmPolicy"],
    ["channels.imessage.alowFrom x", "allowFrom"],
    ["channels.imessage.allowFrom []", "channels.imessage.allowFrom"],
    ['channels.imessage.allowFrom ["*","chat_id:12abc"]', "chat_id:12abc"],
    ['messages.groupChat.mentionPatterns ["(unclosed"]', "messages.groupChat.mentionPatterns[0]"],
    ["channels.imessage.historyLimit -1", "channels.imessage.historyLimit"],
    ["channels..imessage 1", "channels..imessage"],
    ["session.dmScope", "session.dmScope"],
  ];
  for (const [text, place] of refusals) {
    const reply = await ask(world, `/config set ${text}`);
    expect([text, reply]).toEqual([text, expect.stringContaining(place)]);
    expect(file(world)).toBe(before);
  }
  expect(await ask(world, "hello")).toBe("You said: hello");
});

test("23: show and get never print a secret, in chat, on the command line or in the log", async () => {
  await using world = await World.create();
  await writeByHand(
    world,
    'gateway: { token: "token-in-the-file" }, messages: { responsePrefix: "${PREFIX_SECRET}" },',
  );
  const setPrefix = 'data:text/javascript,process.env.PREFIX_SECRET="from-the-environment "';
  world.launch(["--import", setPrefix, GATEWAY, "gateway"]);
  await until(
    () => world.lastLog().includes("] watching,"),
    () => world.lastLog(),
  );
  const shown: string[] = [];
  for (const text of [
    "show",
    "show gateway",
    "get gateway.token",
    "get gateway",
    "get messages.responsePrefix",
    "get messages",
  ])
    shown.push((await ask(world, `/config ${text}`)).replace(/^from-the-environment /, ""));
  expect(shown.every((text) => text.includes("••••"))).toBe(true);
  for (const args of [["get"], ["get", "gateway.token"], ["get", "gateway", "--json"]])
    shown.push((await world.coderclaw("config", ...args)).stdout);
  for (const text of [...shown, world.lastLog()]) {
    expect(text).not.toContain("token-in-the-file");
    expect(text).not.toContain("from-the-environment");
  }
});

test("the config changes thirty times while messages flow in several conversations: each is answered once, none is lost", async () => {
  await using world = await World.create();
  await writeByHand(world, "limits: { turnsPerMinute: 100000 },");
  await world.start();
  const people = Array.from({ length: 4 }, (_, at) => `+1415555100${at}`);
  const written = new Map(people.map((person) => [person, [] as string[]]));
  const talk = { goesOn: true };
  const talking = (async () => {
    for (let at = 0; talk.goesOn; at += 1) {
      const person = people[at % people.length] ?? "";
      const text = `m${at}`;
      await world.receive(person, text);
      written.get(person)?.push(text);
    }
  })();
  for (let at = 0; at < 30; at += 1)
    expect(await ask(world, `/config set channels.imessage.responsePrefix "[${at}] "`)).toContain(`[${at}]`);
  talk.goesOn = false;
  await talking;
  const said = (person: string): string[] =>
    world.sentTo(person).flatMap((text) => text.replace(/^(?:\[\d+\] )?You said: /, "").split("\n"));
  for (const [person, texts] of written) {
    await until(
      () => said(person).length >= texts.length,
      () => `${JSON.stringify([texts, world.sentTo(person)])}\n${world.lastLog()}`,
    );
    expect(said(person)).toEqual(texts);
  }
  expect(file(world)).toContain("[29] ");
});
