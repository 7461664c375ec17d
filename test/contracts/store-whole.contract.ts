// The contract of `Store` as a whole: verbs asked for together, other processes, closing.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountId } from "../../src/model/ids.ts";
import { ANNA, BERT, HOME, only, texts, World, type StateDatabase } from "./store-world.ts";

export function describeWhole(create: () => Promise<StateDatabase>): void {
  describe("as a whole", () => {
    let world: World;
    beforeEach(async () => {
      world = await World.create(create);
    });
    afterEach(async () => world.database.remove());

    test("verbs asked for without waiting take effect in that order, and reads see them", async () => {
      const row = world.message(ANNA, "one");
      const { inbox, records } = world.store;
      const done: string[] = [];
      const steps = [
        inbox.accept(HOME, world.batch([row], row.rowId)).then(() => done.push("accepted")),
        inbox
          .decide(
            HOME,
            world.verdict(() => ({})),
          )
          .then((decided) => done.push(`decided ${decided.length}`)),
        records.explain({ guid: row.guid }).then((stories) => done.push(only(stories).state)),
        inbox.position(HOME).then((position) => done.push(`cursor ${position?.cursor}`)),
      ];
      await Promise.all(steps);
      expect(done).toEqual(["accepted", "decided 1", "waiting", `cursor ${row.rowId}`]);
    });

    test("a verb that fails fails alone", async () => {
      const anna = await world.waits(ANNA, "one");
      const other = "other" as AccountId;
      const row = world.message(BERT, "two", { accountId: other });
      const results = await Promise.allSettled([
        world.store.outbox.add(world.group(anna, "before"), world.nowMs),
        world.store.inbox.accept(other, world.batch([row], row.rowId)),
        world.store.outbox.add(world.group(anna, "after"), world.nowMs),
      ]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await world.sendAll()).toEqual(["before", "after"]);
      expect(await world.store.records.explain({ guid: row.guid })).toEqual([]);
    });

    test("two stores that write at the same time both get through, whole", async () => {
      const anna = await world.waits(ANNA, "one");
      const second = await world.another();
      const write = async (store: typeof second, name: string) => {
        for (let index = 0; index < 40; index++)
          await store.outbox.add(world.group(anna, `${name} ${index} a`, `${name} ${index} b`), world.nowMs);
      };
      await Promise.all([write(world.store, "one"), write(second, "two")]);
      const gone = await world.sendAll();
      expect(gone).toHaveLength(160);
      for (let index = 0; index < gone.length; index += 2)
        expect(gone[index + 1]).toBe(gone[index]?.replace(/ a$/, " b"));
    });

    test("what another process changes is heard of within 300 ms, what this one changes is not", async () => {
      let heard = 0;
      let firstHeardAt: number | undefined;
      const stop = world.store.onForeignChange(() => {
        heard += 1;
        firstHeardAt ??= performance.now();
      });
      const anna = await world.waits(ANNA, "one");
      const deaf = await world.another();
      await new Promise((resolve) => setTimeout(resolve, 450));
      expect(heard).toBe(0);
      const changedAt = performance.now();
      await deaf.outbox.add(world.group(anna, "from elsewhere"), world.nowMs);
      await expect.poll(() => heard, { timeout: 2000, interval: 10 }).toBe(1);
      // The promise is 300 ms; a machine that runs other tests as well gets some more.
      expect((firstHeardAt ?? Infinity) - changedAt).toBeLessThan(600);
      stop();
      const second = world.store.onForeignChange(() => {});
      await deaf.outbox.add(world.group(anna, "unheard"), world.nowMs);
      await new Promise((resolve) => setTimeout(resolve, 450));
      expect(heard).toBe(1);
      second();
    });

    test("close writes what was asked before and refuses what comes after", async () => {
      const anna = await world.waits(ANNA, "one");
      const adding = world.store.outbox.add(world.group(anna, "last words"), world.nowMs);
      await Promise.all([world.store.close(), world.store.close()]);
      expect(await adding).toHaveLength(1);
      await expect(world.store.outbox.list({ limit: 1 })).rejects.toMatchObject({ code: "store/unusable" });
      const next = await world.another();
      expect(texts(await next.outbox.list({ limit: 1 }))).toEqual(["last words"]);
    });
  });
}
