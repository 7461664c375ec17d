import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, settings } from "../../test/control/running-world.ts";
import { ANNA, HOME, WORK } from "../../test/contracts/store-world.ts";
import { errorOf, PageWorld, type Browser } from "../../test/server/page-world.ts";
import type { ActivityItem, AgentsAnswer, ConfigAnswer, ConfigPreviewAnswer, Page } from "./api.ts";

let page: PageWorld;
let browser: Browser;
beforeEach(async () => {
  page = await PageWorld.create();
  browser = await page.browser();
});
afterEach(async () => page.remove());

/** What the flows would do. */
const play = () => page.running.world;

async function activity(): Promise<string[]> {
  const { items } = await browser.json<Page<ActivityItem>>("/api/activity");
  return items.map(({ actor, text }) => `${actor}: ${text}`);
}

describe("agents", () => {
  beforeEach(() => {
    const agent = {
      id: "main" as never,
      name: "Main",
      runtime: { type: "echo" } as const,
      workspace: "/w",
      mentionPatterns: [],
      streaming: "off" as const,
      longTurnMs: 0,
    };
    page.running.settingsInForce = settings([account(HOME), account(WORK)], { agents: [agent] });
  });
  const OFFERS = {
    modes: [{ id: "plan", name: "Plan" }],
    mode: undefined,
    models: [],
    model: undefined,
    commands: [],
  };

  test("show what runs with what it said, and sessions with what they offer", async () => {
    page.running.offers = OFFERS;
    page.running.said = `${"x".repeat(9000)}the end`;
    const turn = await play().begin(await play().waits(ANNA, "one"));
    const { agents } = await browser.json<AgentsAnswer>("/api/agents");
    expect(agents).toMatchObject([
      {
        id: "main",
        running: [{ turnId: turn.id, outputChars: 9007, output: expect.stringMatching(/^x+the end$/) }],
        sessions: [{ key: turn.sessionKey, turns: 1, modes: [{ id: "plan" }] }],
      },
    ]);
    expect(agents[0]?.running[0]?.output.length).toBe(4000);
  });

  test("choose only what is offered", async () => {
    page.running.offers = OFFERS;
    const { sessionKey: key } = await play().begin(await play().waits(ANNA, "one"));
    const choose = async (body: object) =>
      browser.ask("/api/agents/main/choose", { key, what: "mode", ...body });
    expect((await choose({ choice: "plan" })).status).toBe(200);
    expect((await play().store.sessions.show(key, 1))?.choices.mode).toBe("plan");
    expect((await choose({ choice: "root" })).status).toBe(400);
    expect((await choose({})).status).toBe(200);
    expect((await play().store.sessions.show(key, 1))?.choices.mode).toBeUndefined();
    expect((await choose({ key: "nothing" })).status).toBe(404);
    expect((await browser.ask("/api/agents/other/choose", { key, what: "mode" })).status).toBe(404);
    expect((await choose({ what: "rights" })).status).toBe(400);
  });

  test("forget, are exported, and are tried", async () => {
    const { sessionKey: key, sessionId } = await play().begin(await play().waits(ANNA, "one"));
    const file = await browser.ask(`/api/agents/main/export?format=jsonl&key=${encodeURIComponent(key)}`);
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="session-${sessionId}.jsonl"`);
    expect(await file.text()).toContain('"text":"one"');
    expect((await browser.ask("/api/agents/main/export?key=../../etc/passwd")).status).toBe(404);
    expect((await browser.ask("/api/agents/main/reset", { key })).status).toBe(200);
    expect((await play().store.sessions.show(key, 1))?.sessionId).not.toBe(sessionId);
    expect(await browser.json("/api/agents/main/try", { text: "hello" })).toMatchObject({
      ok: true,
      text: "main: hello",
    });
  });
});

describe("the config", () => {
  const TEXT = `{
  // keep me
  channels: { imessage: { dmPolicy: "pairing", allowFrom: ["+15550000009"] } },
  gateway: { token: "a-secret-that-is-long", port: 0 },
  agents: { defaults: { runtime: { type: "acp", command: ["a"], env: { KEY: "k-e-y", OTHER: "\${HOME}" } } } },
}
`;
  beforeEach(() => page.configure(TEXT));
  const read = async () => browser.json<ConfigAnswer>("/api/config");

  test("is shown as it is written, its secrets replaced", async () => {
    const { text, keys, version, exists } = await read();
    expect(exists).toBe(true);
    expect(version).toMatch(/^[0-9a-f]{16}$/);
    expect(text).toBe(TEXT.replace('"a-secret-that-is-long"', '"••••"').replace('"k-e-y"', '"••••"'));
    expect(JSON.stringify(keys)).not.toMatch(/a-secret-that-is-long|k-e-y/);
    expect(keys.find(({ path }) => path === "channels.imessage.dmPolicy")).toMatchObject({
      isSet: true,
      value: "pairing",
      input: { kind: "choice", options: ["pairing", "allowlist", "open", "disabled"] },
    });
    expect(keys.find(({ path }) => path === "gateway.port")?.locked).toContain(
      "coderclaw config set gateway.port",
    );
  });

  test("is not shown where what in it is secret is not known", async () => {
    page.configure(`${TEXT.slice(0, -3)} oops`);
    const { text, keys, problems } = await read();
    expect(text).not.toContain("a-secret-that-is-long");
    expect(keys).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  test("is changed after a look at the diff, comments kept, and taken back", async () => {
    const { version } = await read();
    const edits = [
      { path: "messages.inbound.debounceMs", value: "700" },
      { path: "channels.imessage.dmPolicy" },
    ];
    const { diff, problems } = await browser.json<ConfigPreviewAnswer>("/api/config/preview", {
      version,
      edits,
    });
    expect(problems).toEqual([]);
    expect(diff.filter(({ kind }) => kind === "removed").map(({ text }) => text.trim())).toEqual([
      'channels: { imessage: { dmPolicy: "pairing", allowFrom: ["+15550000009"] } },',
    ]);
    expect(JSON.stringify(diff)).not.toContain("a-secret-that-is-long");
    expect(readFileSync(page.surroundingsFile, "utf8")).toBe(TEXT);
    const made = await browser.json<{ version: string; paths: string[] }>("/api/config/change", {
      version,
      edits,
    });
    expect(made.paths).toEqual(["channels.imessage.dmPolicy", "messages"]);
    const written = readFileSync(page.surroundingsFile, "utf8");
    expect(written).toContain("// keep me");
    expect(written).toContain("debounceMs: 700");
    const undo = { version: made.version, undo: true };
    expect((await browser.ask("/api/config/change", undo)).status).toBe(200);
    expect(readFileSync(page.surroundingsFile, "utf8")).toBe(TEXT);
    expect((await activity()).slice(0, 2)).toEqual([
      "page session 1: took the last config change back: channels.imessage.dmPolicy, messages",
      "page session 1: changed the config: channels.imessage.dmPolicy, messages",
    ]);
  });

  test("that is another by now is not changed", async () => {
    const { version } = await read();
    page.configure(`${TEXT}\n// changed at the desk`);
    const response = await browser.ask("/api/config/change", {
      version,
      edits: [{ path: "messages.inbound.debounceMs", value: "7" }],
    });
    expect([response.status, (await errorOf(response)).code]).toEqual([409, "config/changed-since"]);
    expect(readFileSync(page.surroundingsFile, "utf8")).toContain("changed at the desk");
  });

  test.each([
    ["a door", "gateway.bind", "0.0.0.0"],
    ["an address", "gateway.publicUrls", '["https://evil.example"]'],
    ["a program", "channels.imessage.cliPath", "/tmp/evil"],
    ["an agent's program", "agents.defaults.runtime", '{type:"command",command:["/tmp/evil"]}'],
    ["an owner", "commands.ownerAllowFrom", '["+15550000001"]'],
    ["a folder", "agents.defaults.workspace", "/"],
    ["the store", "store.url", "sqlite:/tmp/x"],
    ["a variable", "messages.responsePrefix", "${GATEWAY_TOKEN}"],
  ])("never changes %s from afar (%s)", async (_what, path, value) => {
    const { version } = await read();
    for (const verb of ["preview", "change"]) {
      const response = await browser.ask(`/api/config/${verb}`, { version, edits: [{ path, value }] });
      expect([response.status, (await errorOf(response)).code]).toEqual([403, "config/protected"]);
    }
    expect(readFileSync(page.surroundingsFile, "utf8")).toBe(TEXT);
  });

  test.each([
    ["no list", { edits: {} }, 400],
    ["nothing", { edits: [] }, 400],
    ["too much", { edits: Array.from({ length: 101 }, () => ({ path: "a" })) }, 400],
    ["no path", { edits: [{ value: "1" }] }, 400],
    ["no text", { edits: [{ path: "messages.inbound.debounceMs", value: 7 }] }, 400],
    ["an unknown key", { edits: [{ path: "nope", value: "1" }] }, 400],
    ["a prototype", { edits: [{ path: "__proto__.polluted", value: "1" }] }, 400],
  ])("refuses %s", async (_what, body, status) => {
    const { version } = await read();
    expect((await browser.ask("/api/config/change", { version, ...body })).status).toBe(status);
    expect(readFileSync(page.surroundingsFile, "utf8")).toBe(TEXT);
  });

  test("says what would not be valid, and writes nothing", async () => {
    const { version } = await read();
    const edits = [{ path: "messages.inbound.debounceMs", value: "-1" }];
    const { problems } = await browser.json<ConfigPreviewAnswer>("/api/config/preview", { version, edits });
    expect(problems).toMatchObject([{ message: "messages.inbound.debounceMs is -1: must be 0 or more" }]);
    expect((await browser.ask("/api/config/change", { version, edits })).status).toBe(422);
    expect(readFileSync(page.surroundingsFile, "utf8")).toBe(TEXT);
  });
});
