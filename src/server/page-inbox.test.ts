import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, settings } from "../../test/control/running-world.ts";
import { ANNA, BERT, HOME, HOUR, part, WORK } from "../../test/contracts/store-world.ts";
import { errorOf, PageWorld, type Browser } from "../../test/server/page-world.ts";
import type { ActivityItem, DoneAnswer, HomeAnswer, InboxAnswer, LogItem, Page } from "./api.ts";

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
