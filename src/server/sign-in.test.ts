import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COOKIE, errorOf, PageWorld, PORT } from "../../test/server/page-world.ts";
import { MINUTE } from "../../test/contracts/store-world.ts";

const DAY = 24 * 60 * MINUTE;

let world: PageWorld;
beforeEach(async () => {
  world = await PageWorld.create();
});
afterEach(async () => world.remove());

async function tryCode(code: string, headers: Record<string, string> = {}): Promise<Response> {
  const own = { origin: `http://127.0.0.1:${PORT}`, "sec-fetch-site": "same-origin" };
  return world.ask("/api/sign-in", { body: { code }, headers: { ...own, ...headers } });
}

async function activity(): Promise<string[]> {
  const { items } = await world.program<{ items: { text: string }[] }>("/api/activity?kind=sign-in");
  return items.map(({ text }) => text);
}

describe("a link", () => {
  test("signs one browser in, which is then known by its cookie alone", async () => {
    const browser = await world.browser();
    const { session } = await browser.json<{ session: { device: string; linkFrom: string } }>("/api/session");
    expect(session).toMatchObject({ device: "Safari on iPhone", linkFrom: "a program" });
    expect((await browser.ask("/api/home")).status).toBe(200);
    browser.cookie = "";
    expect((await browser.ask("/api/home")).status).toBe(401);
  });

  test("is a fragment: no server and no log ever sees its code", async () => {
    const link = await world.program<{ here: string }>("/api/page-links", {});
    expect(link.here).toMatch(/^http:\/\/127\.0\.0\.1:18789\/#sign-in=[\w-]{32}$/);
  });

  test("is good once, however many try it at the same time", async () => {
    const code = await world.code();
    const answers = await Promise.all(Array.from({ length: 8 }, async () => tryCode(code)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array<number>(7).fill(403),
    ]);
    expect((await errorOf(await tryCode(code))).code).toBe("page/link-over");
    expect(await activity()).toContainEqual(
      expect.stringContaining("tried a link to the control page that had been used"),
    );
  });

  test("is good for five minutes", async () => {
    const [late, intime] = [await world.code(), await world.code()];
    world.running.world.nowMs += 5 * MINUTE - 1;
    expect((await tryCode(intime)).status).toBe(200);
    world.running.world.nowMs += 1;
    const error = await errorOf(await tryCode(late));
    expect(error).toMatchObject({ code: "page/link-over", message: expect.stringContaining("expired") });
  });

  test("of 51 that were made the oldest is good no more", async () => {
    const first = await world.code();
    for (let made = 0; made < 50; made += 1) {
      world.running.world.nowMs += 1;
      await world.code();
    }
    expect((await errorOf(await tryCode(first))).code).toBe("page/link-unknown");
  });

  test.each([
    ["guessed", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["empty", ""],
    ["the gateway's own token", "correct-horse-battery-staple"],
    ["long", "x".repeat(10_000)],
    ["SQL", "' OR 1=1 --"],
    ["control characters", "\u0000\r\nSet-Cookie: a=b"],
  ])("with a code that is %s signs nobody in", async (_name, code) => {
    const response = await tryCode(code);
    expect(response.status).toBe(403);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect((await errorOf(response)).code).toBe("page/link-unknown");
  });

  test.each([
    ["a number", 7],
    ["nothing", undefined],
    ["a list", ["a"]],
  ])("with a code that is %s is no request at all", async (_name, code) => {
    const headers = { origin: `http://127.0.0.1:${PORT}` };
    expect((await world.ask("/api/sign-in", { body: { code }, headers })).status).toBe(400);
  });
});

describe("the cookie", () => {
  const cookieOf = async (origin: string): Promise<string> => {
    const { host } = new URL(origin);
    const response = await tryCode(await world.code(), { origin, host });
    return response.headers.get("set-cookie") ?? "";
  };

  test("is kept from scripts and other sites, for 30 days", async () => {
    expect(await cookieOf(`http://127.0.0.1:${PORT}`)).toMatch(
      new RegExp(`^${COOKIE}=[\\w-]{43}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$`),
    );
  });

  test("is Secure where the browser came by https, and belongs to the public address's path", async () => {
    world.publish("https://mac.example/claw/");
    expect(await cookieOf("https://mac.example")).toContain("; Path=/claw/; ");
    expect(await cookieOf("https://mac.example")).toMatch(/; Secure$/);
  });

  test("is kept in the state database as a hash only", async () => {
    const browser = await world.browser();
    const [sessions] = [await world.running.store.pageSessions.list(world.running.world.nowMs)];
    expect(JSON.stringify(sessions)).not.toContain(browser.cookie.split("=")[1]);
  });

  test.each([
    ["another's", `${COOKIE}=${"x".repeat(43)}`],
    ["a part of it", undefined],
    ["of another gateway", "coderclaw_other=abc"],
    ["long", `${COOKIE}=${"x".repeat(5000)}`],
    ["empty", `${COOKIE}=`],
  ])("that is %s lets nobody in", async (_name, cookie) => {
    const browser = await world.browser();
    browser.cookie = cookie ?? browser.cookie.slice(0, -1);
    const response = await browser.ask("/api/home");
    expect(response.status).toBe(401);
    expect((await errorOf(response)).code).toBe("page/not-signed-in");
  });
});

describe("a session", () => {
  test("ends after 30 days", async () => {
    const browser = await world.browser();
    world.running.world.nowMs += 30 * DAY - 1;
    expect((await browser.ask("/api/session")).status).toBe(200);
    world.running.world.nowMs += 1;
    expect((await browser.ask("/api/session")).status).toBe(401);
  });

  test("is listed with device and last use, the one that asks marked", async () => {
    const first = await world.browser();
    world.running.world.nowMs += 2 * MINUTE;
    const second = await world.browser();
    world.running.world.nowMs += 2 * MINUTE;
    await first.ask("/api/home");
    const { sessions, current } = await second.json<{
      sessions: { id: number; lastUsedAtMs: number }[];
      current: number;
    }>("/api/sessions");
    expect(sessions.map(({ id }) => id)).toEqual([2, 1]);
    expect(sessions[1]?.lastUsedAtMs).toBe(world.running.world.nowMs);
    expect(current).toBe(2);
  });

  test("that is revoked is over at once, with its open streams", async () => {
    const [lost, mine] = [await world.browser(), await world.browser()];
    const stream = await lost.ask("/api/events");
    expect((await mine.ask("/api/sessions/1/revoke", {})).status).toBe(200);
    expect((await lost.ask("/api/home")).status).toBe(401);
    expect(await stream.text()).toContain("event: hello");
    expect(world.running.listeners.size).toBe(0);
    expect((await mine.ask("/api/home")).status).toBe(200);
    expect(await activity()).toContainEqual(
      "Safari on iPhone was signed out of the control page (session 1)",
    );
  });

  test("that the command line revoked is over at the next request, and its streams soon", async () => {
    const browser = await world.browser();
    const stream = await browser.ask("/api/events");
    const other = await world.running.world.another();
    await other.pageSessions.revoke(1 as never, { by: "command line", nowMs: world.running.world.nowMs });
    expect((await browser.ask("/api/home")).status).toBe(401);
    await stream.text();
    expect(world.running.listeners.size).toBe(0);
  });

  test.each(["99", "0", "x", "1e3", "-1", "1%00"])("%s is none to revoke", async (id) => {
    const browser = await world.browser();
    const response = await browser.ask(`/api/sessions/${id}/revoke`, {});
    expect(response.status).toBe(404);
    expect((await browser.ask("/api/session")).status).toBe(200);
  });

  test("signs out", async () => {
    const browser = await world.browser();
    const response = await browser.ask("/api/sign-out", {});
    expect(response.headers.get("set-cookie")).toMatch(/^coderclaw_test=; Path=\/; Max-Age=0; /);
    expect((await browser.ask("/api/session")).status).toBe(401);
  });
});

describe("attempts to sign in", () => {
  test("are ten a minute for one address, then wait", async () => {
    const code = await world.code();
    for (let tries = 0; tries < 10; tries += 1) expect((await tryCode("guess")).status).toBe(403);
    const refused = await tryCode(code);
    expect(refused.status).toBe(429);
    expect(await errorOf(refused)).toMatchObject({
      code: "page/too-many-tries",
      hint: expect.stringContaining("60 seconds"),
    });
    world.running.world.nowMs += MINUTE;
    expect((await tryCode(code)).status).toBe(200);
  });

  test("of one address keep nobody else out", async () => {
    for (let tries = 0; tries < 11; tries += 1) await tryCode("guess", { "x-forwarded-for": "203.0.113.9" });
    const claimed = { "x-forwarded-for": "198.51.100.1, 203.0.113.9" };
    expect((await tryCode("guess", claimed)).status).toBe(429);
    expect(
      (await tryCode(await world.code(), { "x-forwarded-for": "203.0.113.9, 198.51.100.1" })).status,
    ).toBe(200);
  });

  test("from ever new addresses take a bounded room", async () => {
    for (let tries = 0; tries < 3000; tries += 1)
      await tryCode("guess", { "x-forwarded-for": `address-${tries}` });
    expect((await tryCode(await world.code())).status).toBe(200);
  });
});
