import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, settings } from "../../test/control/running-world.ts";
import { ANNA, BERT, HOME, HOUR, MINUTE, part, WORK } from "../../test/contracts/store-world.ts";
import { errorOf, PageWorld, type Browser } from "../../test/server/page-world.ts";
import type { Handle } from "../model/handle.ts";
import type {
  ActivityItem,
  AgentsAnswer,
  ConfigAnswer,
  ConfigPreviewAnswer,
  ConversationAnswer,
  ConversationItem,
  DoneAnswer,
  HomeAnswer,
  InboxAnswer,
  LogItem,
  Page,
  TimelineRow,
} from "./api.ts";

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

describe("home", () => {
  test("has the status, a strip of 24 hours and the agents", async () => {
    await play().waits(ANNA, "hello");
    await play().decide([play().message(BERT, "hi")], {
      outcome: { kind: "ignore", code: "dm.not-allowed", because: "no", fix: "add" },
    });
    await play().decide([play().message(ANNA, "mine", { isFromMe: true })], {
      outcome: { kind: "remember", code: "own.row", because: "ours" },
    });
    const home = await browser.json<HomeAnswer>("/api/home");
    expect(home.status.accounts.map(({ id }) => id)).toEqual([HOME, WORK]);
    expect(home.strip).toHaveLength(24);
    expect(home.strip.at(-1)).toMatchObject({ received: 2, answered: 1, refused: 1 });
    expect(home.strip[0]?.hourMs).toBe((home.strip[23]?.hourMs ?? 0) - 23 * HOUR);
  });
});

describe("the inbox", () => {
  const inbox = async () => browser.json<InboxAnswer>("/api/inbox");

  test("is empty where nothing waits", async () => {
    expect(await inbox()).toEqual({ items: [], more: 0 });
  });

  test("has strangers with what they wrote first, who are let in and answered", async () => {
    await play().asks(ANNA, "AAAA2222");
    const { items } = await inbox();
    expect(items).toMatchObject([
      { kind: "pairing", handle: ANNA, code: "AAAA2222", firstText: `hello from ${ANNA}`, canBeOwner: true },
    ]);
    const body = { account: HOME };
    const { done } = await browser.json<DoneAnswer>("/api/pairings/AAAA2222/approve", body);
    expect(done).toBe(`${ANNA} is let in; 1 held message will be answered`);
    expect(page.running.nudged).toEqual([HOME]);
    expect((await inbox()).items).toEqual([]);
    const again = await browser.ask("/api/pairings/AAAA2222/approve", body);
    expect([again.status, (await errorOf(again)).code]).toEqual([404, "pairing/unknown-code"]);
    expect(await activity()).toContainEqual(`page session 1: let ${ANNA} in`);
  });

  test("denies a stranger", async () => {
    await play().asks(ANNA, "AAAA2222");
    await browser.json<DoneAnswer>("/api/pairings/AAAA2222/deny", { account: HOME });
    expect((await inbox()).items).toEqual([]);
    expect(await play().store.pairings.approved()).toEqual([]);
  });

  test("makes the first owner and no second one", async () => {
    page.running.settingsInForce = settings([account(HOME, { owners: [BERT] }), account(WORK)]);
    await play().asks(ANNA, "AAAA2222");
    const [item] = (await inbox()).items;
    expect(item).toMatchObject({ canBeOwner: false });
    const refused = await browser.ask("/api/pairings/AAAA2222/approve", { account: HOME, owner: true });
    expect([refused.status, (await errorOf(refused)).code]).toEqual([403, "config/protected"]);
    expect(await play().store.pairings.approved()).toEqual([]);
  });

  test("has parked messages, each decided by the id it was drawn for", async () => {
    await play().store.outbox.add({ accountId: HOME, conversationId: undefined, parts: [part("hi")] }, 1);
    const [sent] = await play().claim();
    if (sent === undefined) throw new Error("nothing to send");
    await play().settle(sent, { state: "parked", reason: "no such chat" });
    expect((await inbox()).items).toMatchObject([
      { kind: "parked", partId: sent.id, reason: "no such chat", text: "hi" },
    ]);
    await browser.json(`/api/outbox/${sent.id}/retry`, {});
    expect((await inbox()).items).toEqual([]);
    const outdated = await browser.ask(`/api/outbox/${sent.id}/retry`, {});
    expect(outdated.status).toBe(404);
    expect((await errorOf(outdated)).message).toContain("queued");
    expect((await browser.ask(`/api/outbox/${sent.id}/drop`, {})).status).toBe(200);
    expect((await browser.ask("/api/outbox/999/drop", {})).status).toBe(404);
  });

  test("says what it leaves out", async () => {
    const parts = Array.from({ length: 40 }, () => part("hi"));
    for (const one of parts)
      await play().store.outbox.add({ accountId: HOME, conversationId: undefined, parts: [one] }, 1);
    for (const sent of await play().claim(40)) await play().settle(sent, { state: "parked", reason: "no" });
    // One lane: only the first of it is parked.
    const { items, more } = await inbox();
    expect(items.length + more).toBeGreaterThan(0);
  });
});

describe("conversations", () => {
  test("are listed, searched, and shown with their people", async () => {
    await play().waits(ANNA, "hello");
    await play().asks(BERT, "BBBB2222");
    const { items } = await browser.json<Page<ConversationItem>>("/api/conversations");
    expect(items).toMatchObject([
      { peer: BERT, lastText: `hello from ${BERT}` },
      { peer: ANNA, waiting: 1 },
    ]);
    const found = await browser.json<Page<ConversationItem>>(
      `/api/conversations?search=${encodeURIComponent(ANNA)}`,
    );
    expect(found.items).toHaveLength(1);
    const shown = await browser.json<ConversationAnswer>(`/api/conversations/${items[0]?.id}`);
    expect(shown.people).toEqual([{ handle: BERT, access: "asked" }]);
    expect(shown.agent.id).toBe("main");
  });

  test.each(["0", "99", "x", "1.5", "-1", "99999999999999999999", "1%27"])("%s is none", async (id) => {
    for (const path of ["", "/timeline"]) {
      const response = await browser.ask(`/api/conversations/${id}${path}`);
      expect([response.status, (await errorOf(response)).code]).toEqual([404, "conversation/unknown"]);
    }
    for (const act of ["stop", "new-session", "mute", "allow", "block", "send"]) {
      const body = { text: "x", muted: true, handle: ANNA };
      expect((await browser.ask(`/api/conversations/${id}/${act}`, body)).status).toBe(404);
    }
  });

  test("have a timeline with verdicts, paged", async () => {
    const id = await play().waits(ANNA, "one");
    await play().decide([play().message(ANNA, "two")], {
      outcome: { kind: "ignore", code: "dm.not-allowed", because: "nobody lets them", fix: "Add them" },
    });
    const first = await browser.json<Page<TimelineRow>>(`/api/conversations/${id}/timeline?limit=1`);
    expect(first.items).toMatchObject([
      {
        kind: "message",
        text: "two",
        verdict: { code: "dm.not-allowed", because: "nobody lets them", fix: "Add them" },
      },
    ]);
    const rest = await browser.json<Page<TimelineRow>>(
      `/api/conversations/${id}/timeline?before=${encodeURIComponent(first.next ?? "")}`,
    );
    expect(rest).toMatchObject({ items: [{ text: "one", verdict: { outcome: "turn" } }] });
    expect(rest.next).toBeUndefined();
  });

  test.each(["x", "1.message", "1.message.x'", "1.other.1", "9".repeat(40)])(
    "there is no place %s",
    async (before) => {
      const id = await play().waits(ANNA, "one");
      const response = await browser.ask(
        `/api/conversations/${id}/timeline?before=${encodeURIComponent(before)}`,
      );
      expect([response.status, (await errorOf(response)).code]).toEqual([400, "cli/usage"]);
    },
  );

  test("are written in, as ours, by text alone", async () => {
    const id = await play().waits(ANNA, "one");
    const { partIds } = await browser.json<{ partIds: number[] }>(`/api/conversations/${id}/send`, {
      text: "hi there",
    });
    const [sent] = await play().claim();
    expect(sent).toMatchObject({ id: partIds[0], text: "hi there", origin: "send", conversationId: id });
    const file = { target: ANNA, account: HOME, text: "x", file: "/etc/passwd" };
    const refused = await browser.ask("/api/send", file);
    expect([refused.status, (await errorOf(refused)).message]).toEqual([
      403,
      "The page cannot send files from the gateway's disk.",
    ]);
    expect(page.running.taken).toEqual([]);
  });

  test("are stopped, and the agent that runs there is ended", async () => {
    const turn = await play().begin(await play().waits(ANNA, "one"));
    const { done } = await browser.json<DoneAnswer>(`/api/conversations/${turn.conversationId}/stop`, {});
    expect(done).toBe("Stopped");
    expect(page.running.ended).toEqual([turn.id]);
    const again = await browser.json<DoneAnswer>(`/api/conversations/${turn.conversationId}/stop`, {});
    expect(again.done).toBe("Nothing was running");
  });

  test("get a new session", async () => {
    const turn = await play().begin(await play().waits(ANNA, "one"));
    await browser.json(`/api/conversations/${turn.conversationId}/new-session`, {});
    const session = await play().store.sessions.show(turn.sessionKey, 1);
    expect(session?.sessionId).not.toBe(turn.sessionId);
    const silent = await play().decide([play().message(BERT, "x")], {
      outcome: { kind: "ignore", code: "dm.disabled", because: "", fix: "" },
    });
    const id = silent[0]?.entry.conversationId;
    expect((await browser.ask(`/api/conversations/${id}/new-session`, {})).status).toBe(404);
  });

  test("are muted and unmuted", async () => {
    const id = await play().waits(ANNA, "one");
    const muted = async () =>
      (await browser.json<ConversationAnswer>(`/api/conversations/${id}`)).conversation.isMuted;
    await browser.json(`/api/conversations/${id}/mute`, { muted: true });
    expect(await muted()).toBe(true);
    await browser.json(`/api/conversations/${id}/mute`, { muted: false });
    expect(await muted()).toBe(false);
    expect((await browser.ask(`/api/conversations/${id}/mute`, { muted: "yes" })).status).toBe(400);
  });

  test("let a sender in by a pairing where the account pairs, and shut them out again", async () => {
    const { entry } = (await play().asks(ANNA, "AAAA2222"))[0] ?? {};
    const path = `/api/conversations/${entry?.conversationId}`;
    const { done } = await browser.json<DoneAnswer>(`${path}/allow`, { handle: ANNA });
    expect(done).toBe(`${ANNA} is let in; 1 held message will be answered`);
    expect(await play().store.pairings.approved()).toMatchObject([{ handle: ANNA }]);
    await browser.json(`${path}/allow`, { handle: BERT });
    expect(await play().store.pairings.approved()).toHaveLength(2);
    await browser.json(`${path}/block`, { handle: ANNA });
    expect((await play().store.pairings.approved()).map(({ handle }) => handle)).toEqual([BERT]);
  });

  test("let a sender in by the config elsewhere, and make no owner by it", async () => {
    const owner = "+15550000009" as Handle;
    page.configure(`{ channels: { imessage: { dmPolicy: "allowlist", allowFrom: ["${owner}"] } } } // mine`);
    page.running.settingsInForce = settings([
      account(HOME, {
        dmPolicy: "allowlist",
        allowFrom: [{ kind: "handle", handle: owner }],
        owners: [owner],
      }),
    ]);
    const id = await play().waits(ANNA, "one");
    await browser.json(`/api/conversations/${id}/allow`, { handle: ANNA });
    const text = readFileSync(page.surroundingsFile, "utf8");
    expect(text).toContain(`allowFrom: ["${owner}", "${ANNA}"]`);
    expect(text).toMatch(/ownerAllowFrom: \["\+15550000009"\]/);
    expect(text).toContain("// mine");
    const refused = await browser.ask(`/api/conversations/${id}/block`, { handle: owner });
    expect(refused.status).toBe(400);
  });

  test.each(["", "nobody", "+1", "a@b@c", "*", "+1555000000๑"])("%j is nobody to let in", async (handle) => {
    const id = await play().waits(ANNA, "one");
    expect((await browser.ask(`/api/conversations/${id}/allow`, { handle })).status).toBe(400);
    expect(await play().store.pairings.approved()).toEqual([]);
  });
});

describe("the log", () => {
  test("goes backward and forward from a place", async () => {
    for (const text of ["one", "two", "three"]) await play().waits(ANNA, text);
    const newest = await browser.json<Page<LogItem>>("/api/log?limit=2");
    expect(newest.items.map(({ text }) => text)).toEqual(["three", "two"]);
    const older = await browser.json<Page<LogItem>>(`/api/log?before=${newest.next}`);
    expect(older.items.map(({ text }) => text)).toEqual(["one"]);
    const after = await browser.json<Page<LogItem>>("/api/log?after=1");
    expect(after.items.map(({ text }) => text)).toEqual(["two", "three"]);
    expect((await browser.ask("/api/log?account=nobody")).status).toBe(404);
    expect((await browser.ask("/api/log?before=x")).status).toBe(400);
    expect((await browser.ask("/api/log?limit=101")).status).toBe(400);
  });
});

describe("activity", () => {
  test("is given whole as JSON lines", async () => {
    for (let n = 0; n < 1100; n += 1)
      await play().store.activity.note({ atMs: 1, kind: "config", actor: "test", text: `change ${n}` });
    const response = await browser.ask("/api/activity/export?kind=config");
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="activity.jsonl"');
    const lines = (await response.text()).trimEnd().split("\n");
    expect(lines).toHaveLength(1100);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ text: "change 1099" });
    expect((await browser.ask("/api/activity/export?kind=nothing")).status).toBe(400);
  });
});

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

describe("hostile and long texts", () => {
  const HOSTILE = `<img src=x onerror=alert(1)>\u202e\u0000\u001b]0;x\u0007${"𝕏".repeat(300_000)}`;

  test("are clipped between characters, and no answer is larger than a phone takes", async () => {
    const id = await play().waits(ANNA, "hi");
    for (let n = 0; n < 60; n += 1) {
      play().nowMs += MINUTE;
      await play().decide([
        play().message(ANNA, n % 10 === 0 ? HOSTILE : `${n} ${"ü".repeat(3000)}`, {
          senderName: HOSTILE.slice(0, 3000),
          chatName: HOSTILE.slice(0, 3000),
        }),
      ]);
    }
    for (const path of [
      "/api/conversations",
      `/api/conversations/${id}`,
      `/api/conversations/${id}/timeline`,
      "/api/log",
      "/api/inbox",
      "/api/home",
    ]) {
      const text = await (await browser.ask(path)).text();
      expect([path, Buffer.byteLength(text) <= 200_000]).toEqual([path, true]);
      expect(text.isWellFormed()).toBe(true);
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    }
    let seen = 0;
    for (let before: string | undefined; ;) {
      const query = before === undefined ? "" : `?before=${before}`;
      const { items, next } = await browser.json<Page<TimelineRow>>(
        `/api/conversations/${id}/timeline${query}`,
      );
      seen += items.length;
      before = next;
      if (before === undefined) break;
    }
    expect(seen).toBe(61);
  });
});
