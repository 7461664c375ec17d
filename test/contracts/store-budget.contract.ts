// The contract of the send budget: what is over waits, in no minute and no hour more goes out, and nothing waits for longer than it says.
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountId } from "../../src/model/ids.ts";
import type { Claim, ClaimLimits } from "../../src/model/store.ts";
import {
  HOME,
  HOUR,
  MINUTE,
  only,
  part,
  sent,
  START,
  texts,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

const BUCKET = 10_000;

export function describeBudget(create: () => Promise<StateDatabase>): void {
  describe("send budget", () => {
    let world: World;
    let people = 0;
    beforeEach(async () => {
      world = await World.create(create);
    });
    afterEach(async () => world.database.remove());

    /** Parts to as many people, so that none holds back another. */
    const add = async (count: number, accountId: AccountId = HOME) => {
      for (let added = 0; added < count; added++) {
        const target = { kind: "chat_identifier", identifier: `${++people}` } as const;
        const parts = [part(`to ${people}`, { target, origin: "send" })];
        await world.store.outbox.add({ accountId, conversationId: undefined, parts }, world.nowMs);
      }
    };
    const claim = async (limits: Partial<ClaimLimits>, accountId: AccountId = HOME): Promise<Claim> =>
      world.store.outbox.claim(accountId, world.claimLimits(limits));
    const sends = async () => (await world.store.records.overview(HOME, world.nowMs)).sends;

    test("holds nothing while there is room", async () => {
      await add(3);
      expect((await claim({ perMinute: 3, perHour: 3 })).parts).toHaveLength(3);
      expect(await claim({ perMinute: 3, perHour: 3 })).toEqual({ parts: [], heldUntilMs: undefined });
    });

    test("of a minute holds what is over until there is room, oldest first", async () => {
      await add(5);
      const first = await claim({ perMinute: 2 });
      expect(first.parts).toHaveLength(2);
      expect(first.heldUntilMs).toBe(START + BUCKET + MINUTE);
      const [third] = (await world.store.outbox.list({ states: ["queued"], limit: 9 })).toReversed();
      world.nowMs = (first.heldUntilMs ?? 0) - 1;
      expect(await claim({ perMinute: 2 })).toEqual({ parts: [], heldUntilMs: first.heldUntilMs });
      world.nowMs += 1;
      const second = await claim({ perMinute: 2 });
      expect(second.parts).toHaveLength(2);
      expect(second.parts[0]?.id).toBe(third?.id);
      expect(second.heldUntilMs).toBe(world.nowMs + BUCKET + MINUTE);
    });

    test("of an hour holds beyond the minute", async () => {
      await add(3);
      await claim({ limit: 1, perMinute: 2, perHour: 2 });
      world.nowMs += 30 * MINUTE;
      const { parts, heldUntilMs } = await claim({ perMinute: 2, perHour: 2 });
      expect([parts.length, heldUntilMs]).toEqual([1, START + BUCKET + HOUR]);
      world.nowMs = START + BUCKET + HOUR;
      expect((await claim({ perMinute: 2, perHour: 2 })).parts).toHaveLength(1);
    });

    test("counts every attempt, whatever came of it", async () => {
      await add(2);
      const first = only((await claim({ limit: 1, perMinute: 2 })).parts);
      await world.settle(first, { state: "queued", reason: "busy", notBeforeMs: world.nowMs });
      const { parts, heldUntilMs } = await claim({ perMinute: 2 });
      expect(parts).toHaveLength(1);
      expect(heldUntilMs).toBeDefined();
      expect(await sends()).toEqual({ lastMinute: 2, lastHour: 2 });
    });

    test("is each account's own, and one for all processes", async () => {
      await add(2);
      await add(1, WORK);
      const second = await world.another();
      const limits = world.claimLimits({ limit: 1, perMinute: 1 });
      const both = await Promise.all([
        world.store.outbox.claim(HOME, limits),
        second.outbox.claim(HOME, limits),
      ]);
      expect(both.flatMap(({ parts }) => parts)).toHaveLength(1);
      expect((await claim({ perMinute: 1 }, WORK)).parts).toHaveLength(1);
    });

    test("holds nothing where nothing is due", async () => {
      await add(1);
      await claim({ perMinute: 1 });
      expect((await claim({ perMinute: 1 })).heldUntilMs).toBeUndefined();
    });

    test("does not change when something is due, only whether it may go", async () => {
      await add(2);
      await claim({ perMinute: 1 });
      expect(await world.store.outbox.nextDueMs(HOME)).toBe(START);
    });

    test("that was raised lets go at once", async () => {
      await add(3);
      expect((await claim({ perMinute: 1 })).parts).toHaveLength(1);
      expect((await claim({ perMinute: 3 })).parts).toHaveLength(2);
    });

    test("that was lowered below what went out holds until enough of it is past", async () => {
      await add(4);
      await claim({ limit: 1, perMinute: 9 });
      world.nowMs += 2 * BUCKET;
      await claim({ limit: 2, perMinute: 9 });
      const { parts, heldUntilMs } = await claim({ perMinute: 1 });
      expect(parts).toEqual([]);
      expect(heldUntilMs).toBe(START + 3 * BUCKET + MINUTE);
    });

    test("forgets what is older than an hour", async () => {
      for (let count = 0; count < 4; count++) {
        await add(1);
        await claim({});
        world.nowMs += 30 * MINUTE;
      }
      await add(1);
      await claim({});
      expect(await sends()).toEqual({ lastMinute: 1, lastHour: 3 });
      world.nowMs += 2 * HOUR;
      expect(await sends()).toEqual({ lastMinute: 0, lastHour: 0 });
    });

    test("is not held by a clock that was set back", async () => {
      await add(2);
      await claim({ limit: 1, perMinute: 1 });
      // The parts are due by the clock they were made by.
      await claim({ limit: 1, perMinute: 1 });
      world.nowMs -= 24 * HOUR;
      await add(1);
      expect((await claim({ perMinute: 1 })).parts).toHaveLength(1);
    });

    test("formatting goes with its part", async () => {
      const formatting = [{ start: 0, length: 4, styles: ["bold"] }] as const;
      const parts = [part("bold", { formatting }), part("plain")];
      await world.store.outbox.add({ accountId: HOME, conversationId: undefined, parts }, world.nowMs);
      const claimed = only((await claim({})).parts);
      expect(claimed).toMatchObject({ text: "bold", formatting, chat: undefined });
      await world.settle(claimed, sent("S"));
      const plain = only((await claim({})).parts);
      expect(plain.formatting).toEqual([]);
      expect(texts([plain])).toEqual(["plain"]);
    });
  });

  test("send budget: no minute and no hour has more, and the moment told is the moment", async () => {
    const steps = fc.array(
      fc.record({
        waitMs: fc.oneof(fc.integer({ min: 0, max: 3 * BUCKET }), fc.integer({ min: 0, max: 20 * MINUTE })),
        limit: fc.integer({ min: 1, max: 8 }),
      }),
      { minLength: 5, maxLength: 25 },
    );
    const budget = fc.record({
      perMinute: fc.integer({ min: 1, max: 6 }),
      perHour: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(steps, budget, async (taken, { perMinute, perHour }) => {
        const world = await World.create(create);
        try {
          await fill(
            world,
            taken.reduce((sum, { limit }) => sum + limit, 1),
          );
          await check(world, taken, { perMinute, perHour });
        } finally {
          await world.database.remove();
        }
      }),
      { numRuns: 12 },
    );
  });
}

async function fill(world: World, count: number): Promise<void> {
  const groups = Array.from({ length: count }, (_, index) => ({
    accountId: HOME,
    conversationId: undefined,
    parts: [part(`${index}`, { target: { kind: "chat_identifier", identifier: `${index}` } })],
  }));
  await Promise.all(groups.map(async (group) => world.store.outbox.add(group, world.nowMs)));
}

async function check(
  world: World,
  steps: readonly { waitMs: number; limit: number }[],
  budget: { perMinute: number; perHour: number },
): Promise<void> {
  const gone: number[] = [];
  const within = (windowMs: number) => gone.filter((atMs) => atMs > world.nowMs - windowMs).length;
  const claim = async (limit: number) => {
    const claimed = await world.store.outbox.claim(HOME, world.claimLimits({ limit, ...budget }));
    gone.push(...claimed.parts.map(() => world.nowMs));
    expect(within(MINUTE)).toBeLessThanOrEqual(budget.perMinute);
    expect(within(HOUR)).toBeLessThanOrEqual(budget.perHour);
    return claimed;
  };
  for (const { waitMs, limit } of steps) {
    world.nowMs += waitMs;
    const { heldUntilMs } = await claim(limit);
    if (heldUntilMs === undefined) continue;
    world.nowMs = heldUntilMs - 1;
    expect((await claim(1)).parts).toEqual([]);
    world.nowMs = heldUntilMs;
    expect((await claim(1)).parts).toHaveLength(1);
  }
}
