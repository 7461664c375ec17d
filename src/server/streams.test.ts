import { createParser, type EventSourceMessage } from "eventsource-parser";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HOME } from "../../test/contracts/store-world.ts";
import { errorOf, PageWorld, TOKEN, type Browser } from "../../test/server/page-world.ts";

let world: PageWorld;
let browser: Browser;
beforeEach(async () => {
  world = await PageWorld.create();
  browser = await world.browser();
});
afterEach(async () => world.remove());

/** Reads events until `enough` of them came, then goes away. */
async function read(response: Response, enough: number): Promise<readonly EventSourceMessage[]> {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    if (events.length >= enough) break;
  }
  return events;
}

function happens(count: number): void {
  for (let n = 0; n < count; n += 1) world.running.emit({ step: "rows.decided", accountId: HOME });
}

async function opens(lastSeen?: string): Promise<Response> {
  return browser.ask("/api/events", undefined, lastSeen === undefined ? {} : { "last-event-id": lastSeen });
}

describe("a reader", () => {
  test("is told the boot and the position first, then each event with topic and id", async () => {
    const response = await opens();
    happens(1);
    const [hello, event] = await read(response, 2);
    expect(hello).toMatchObject({ event: "hello", id: "boot-1:0" });
    expect(JSON.parse(hello?.data ?? "")).toMatchObject({ bootId: "boot-1", seq: 0, gap: false });
    expect(event).toMatchObject({ event: "rows.decided", id: "boot-1:1" });
    expect(JSON.parse(event?.data ?? "")).toMatchObject({ seq: 1, topic: "message", accountId: HOME });
  });

  test("that comes back is given what it missed, in order, and nothing twice", async () => {
    happens(3);
    const response = await opens("boot-1:1");
    happens(1);
    const events = await read(response, 4);
    expect(events.map(({ id }) => id)).toEqual(["boot-1:3", "boot-1:2", "boot-1:3", "boot-1:4"]);
    expect(JSON.parse(events[0]?.data ?? "")).toMatchObject({ gap: false });
  });

  test.each([
    ["slept too long", "boot-1:-5"],
    ["saw another start of the gateway", "boot-0:1"],
    ["is ahead of us", "boot-1:999"],
    ["says nonsense", "'; DROP TABLE"],
  ])("that %s is told of a gap", async (_name, lastSeen) => {
    happens(3);
    const [hello] = await read(await opens(lastSeen), 1);
    expect(JSON.parse(hello?.data ?? "")).toMatchObject({ gap: true, seq: 3 });
  });

  test("that does not read is let go, and leaves nothing behind", async () => {
    const response = await opens();
    happens(1500);
    expect(world.running.listeners.size).toBe(0);
    expect((await read(response, 5000)).length).toBeLessThan(1100);
  });

  test("that goes away leaves nothing behind", async () => {
    const response = await opens();
    expect(world.running.listeners.size).toBe(1);
    await response.body?.cancel();
    expect(world.running.listeners.size).toBe(0);
  });

  test("is sent nothing that ends a line but ours", async () => {
    const response = await opens();
    world.running.emit({
      step: "rows.decided",
      accountId: HOME,
      text: "a\n\nid: 7\nevent: hello\u2028\r\ndata: {}",
    });
    const events = await read(response, 2);
    expect(events.map(({ event }) => event)).toEqual(["hello", "rows.decided"]);
  });
});

describe("many streams", () => {
  test("of one browser are bounded, and the others have theirs", async () => {
    const other = await world.browser();
    const open = await Promise.all(Array.from({ length: 200 }, async () => opens()));
    expect(open.filter(({ status }) => status === 200)).toHaveLength(12);
    const refused = open.find(({ status }) => status === 503);
    expect(refused && (await errorOf(refused)).code).toBe("gateway/busy");
    expect((await other.ask("/api/events")).status).toBe(200);
    expect((await browser.ask("/api/home")).status).toBe(200);
    await Promise.all(open.filter(({ ok }) => ok).map(async ({ body }) => body?.cancel()));
    expect((await opens()).status).toBe(200);
  });

  test("of programs and browsers together are bounded", async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const open = await Promise.all(
      Array.from({ length: 200 }, async () => world.ask("/api/events", { headers })),
    );
    expect(open.filter(({ status }) => status === 200)).toHaveLength(64);
    expect(world.running.listeners.size).toBe(64);
  });
});
