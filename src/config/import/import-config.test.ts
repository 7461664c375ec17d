import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readEnvironment } from "../env.ts";
import { importConfig, type Import } from "./import-config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "import-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function take(
  theirs: string,
  mine?: string,
  isDryRun = false,
): Promise<Import & { readonly text: string }> {
  const [source, configPath] = [join(folder, "theirs.json"), join(folder, "coderclaw.json")];
  writeFileSync(source, theirs);
  if (mine !== undefined) writeFileSync(configPath, mine);
  const environment = readEnvironment({ CODERCLAW_STATE_DIR: folder });
  const done = await importConfig(source, isDryRun, { configPath, environment });
  return { ...done, text: done.changed ? readFileSync(configPath, "utf8") : "" };
}

function becomes({ taken, translated, left }: Import): Record<string, string | undefined> {
  return Object.fromEntries([...taken, ...translated, ...left].map(({ from, to }) => [from, to]));
}

/** Invented, in the manner of the published examples. */
const SMALL = `// my assistant
{
  agents: { defaults: { workspace: "~/assistant/workspace", model: { primary: "vendor/model-1" } } },
  channels: {
    imessage: {
      enabled: true,
      cliPath: "imsg",
      dmPolicy: "pairing",
      allowFrom: ["+15550001111"],
      groups: { "*": { requireMention: true } },
      blockStreaming: true,
      mediaMaxMb: 8,
      includeAttachments: true,
    },
    telegram: { botToken: "123:secret" },
  },
  messages: { groupChat: { mentionPatterns: ["@bot"] }, ackReaction: "eyes" },
  gateway: { port: 18789, bind: "loopback", auth: { mode: "token", token: "0123456789abcdef0123" } },
}`;

describe("a config of another gateway", () => {
  test("what is known is taken, what has another name is translated, the rest is named with a reason", async () => {
    const done = await take(SMALL);
    expect(becomes(done)).toEqual({
      "agents.defaults.workspace": "agents.defaults.workspace",
      "agents.defaults.model": undefined,
      "channels.imessage.enabled": "channels.imessage.enabled",
      "channels.imessage.cliPath": "channels.imessage.cliPath",
      "channels.imessage.dmPolicy": "channels.imessage.dmPolicy",
      "channels.imessage.allowFrom": "channels.imessage.allowFrom",
      'channels.imessage.groups["*"].requireMention': 'channels.imessage.groups["*"].requireMention',
      "channels.imessage.blockStreaming": "agents.defaults.streaming",
      "channels.imessage.mediaMaxMb": "channels.imessage.mediaMaxMb",
      "channels.imessage.includeAttachments": "channels.imessage.includeAttachments",
      "channels.telegram": undefined,
      "messages.groupChat.mentionPatterns": "messages.groupChat.mentionPatterns",
      "messages.ackReaction": undefined,
      "gateway.port": "gateway.port",
      "gateway.bind": "gateway.bind",
      "gateway.auth.mode": undefined,
      "gateway.auth.token": "gateway.token",
    });
    for (const { note } of done.left) expect(note).not.toBe("");
    expect(done.text).toContain('streaming: "paragraphs"');
    expect(done.text).not.toContain("123:secret");
  });

  test("agents keep what exists here, bindings speak of accounts, chats and handles", async () => {
    const done = await take(`{
      channels: { imessage: { cliPath: "imsg" } },
      agents: { list: [
        { id: "main", default: true, identity: { name: "Clawd" }, model: "x/y", workspace: "~/a" },
        { id: "work", name: "Work", groupChat: { mentionPatterns: ["work"] }, sandbox: { mode: "all" } },
      ] },
      bindings: [
        { agentId: "work", match: { channel: "imessage", peer: { kind: "direct", id: "+15550002222" } } },
        { agentId: "work", match: { channel: "imessage", accountId: "*", peer: { kind: "group", id: "42" } } },
        { agentId: "main", match: { channel: "whatsapp" } },
      ],
    }`);
    expect(done.text).toMatch(/id: "main",\s+default: true,\s+name: "Clawd",\s+workspace: "~\/a"/u);
    expect(done.text).toContain('handle: "+15550002222"');
    expect(done.text).toContain('chat: "chat_id:42"');
    expect(done.left.map(({ from }) => from).toSorted()).toEqual([
      "agents.list[0].model",
      "agents.list[1].sandbox",
      "bindings[2]",
    ]);
  });

  test("addresses of other channels are taken out of a person's links", async () => {
    const done = await take(`{ channels: { imessage: { cliPath: "imsg" } },
      session: { identityLinks: { anna: ["imessage:+15550001111", "telegram:1"], ben: ["discord:2"] } } }`);
    expect(done.text).toContain('anna: ["imessage:+15550001111"]');
    expect(done.left.map(({ from }) => from)).toEqual(["session.identityLinks.ben"]);
  });

  test("sections of the earliest versions are found under their names of today", async () => {
    const done = await take(`{
      agent: { workspace: "~/clawd", model: "x/y" },
      imessage: { enabled: true, allowFrom: ["+15550001111"] },
      routing: { groupChat: { mentionPatterns: ["clawd"] }, queue: { mode: "collect" } },
    }`);
    expect(becomes(done)).toMatchObject({
      "agent.workspace": "agents.defaults.workspace",
      "imessage.allowFrom": "channels.imessage.allowFrom",
      "routing.groupChat.mentionPatterns": "messages.groupChat.mentionPatterns",
      "agent.model": undefined,
    });
  });

  test("a value that is not valid here is left out with the reason, the rest is taken", async () => {
    const done = await take(
      `{ channels: { imessage: { cliPath: "imsg", dmPolicy: "open", textChunkLimit: "many" } } }`,
    );
    expect(done.taken.map(({ from }) => from)).toContain("channels.imessage.cliPath");
    const notes = Object.fromEntries(done.left.map(({ from, note }) => [from, note]));
    expect(Object.keys(notes).toSorted()).toEqual([
      "channels.imessage.dmPolicy",
      "channels.imessage.textChunkLimit",
    ]);
    expect(notes["channels.imessage.dmPolicy"]).toContain('to include "*"');
  });
});

test("what this config says stays, with its comments", async () => {
  const mine = `{\n  // the office Mac\n  channels: { imessage: { cliPath: "ssh://bot@mac" } },\n}\n`;
  const done = await take(SMALL, mine);
  expect(done.kept.map(({ from }) => from)).toEqual(["channels.imessage.cliPath"]);
  expect(done.text).toContain("// the office Mac");
  expect(done.text).toContain('cliPath: "ssh://bot@mac"');
  expect(done.backup).toBe(join(folder, "coderclaw.json.bak"));
});

test("a dry run writes nothing", async () => {
  const done = await take(SMALL, undefined, true);
  expect(done.changed).toBe(false);
  expect(done.taken.length).toBeGreaterThan(3);
  expect(() => readFileSync(join(folder, "coderclaw.json"))).toThrow("ENOENT");
});

test.each([
  ["not JSON5", "{ channels: ", "config/invalid"],
  ["a list", "[1, 2]", undefined],
  ["nothing", "", undefined],
  ["hostile keys", '{ "__proto__": { polluted: true }, "constructor": { x: 1 }, "a.b[c": 2 }', undefined],
])("%s does no harm", async (_, theirs, code) => {
  const taking = take(theirs);
  if (code !== undefined) await expect(taking).rejects.toMatchObject({ code });
  else expect((await taking).changed).toBe(false);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("a missing file says what to name", async () => {
  await expect(
    importConfig("/no/such/file", false, { environment: readEnvironment({ CODERCLAW_STATE_DIR: folder }) }),
  ).rejects.toMatchObject({
    code: "config/unreadable",
    message: '"/no/such/file" could not be read (ENOENT)',
  });
});
