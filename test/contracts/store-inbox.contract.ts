// The contract of `Inbox`: positions, accepting once, deciding in order, rows without a chat.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountId, ChatGuid, ChatId, EntryId, MessageGuid, RowId } from "../../src/model/ids.ts";
import {
  ANNA,
  BERT,
  conversationOf,
  HOME,
  only,
  START,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

const UNJOINED = { chatId: 0 as ChatId, chatGuid: "" as ChatGuid, chatIdentifier: "", participants: [] };

export function describeInbox(create: () => Promise<StateDatabase>): void {
  describe("inbox", () => {
    let world: World;
    beforeEach(async () => {
      world = await World.create(create);
    });
    afterEach(async () => world.database.remove());
    const position = async () => world.store.inbox.position(HOME);

    test("an account that never started has no position", async () => {
      expect(await world.store.inbox.position("other" as AccountId)).toBeUndefined();
    });

    test("begin sets the position anew and keeps the first start", async () => {
      const anchor = { rowId: 4 as RowId, guid: "G4" as MessageGuid, chatId: 1, createdAtMs: START - 1 };
      await world.store.inbox.begin(HOME, { cursor: 7 as RowId, anchor, startedAtMs: START + 99 });
      expect(await position()).toEqual({ cursor: 7, anchor, startedAtMs: START });
    });

    test("accept journals rows in order and moves the cursor", async () => {
      const rows = [world.message(ANNA, "one"), world.message(BERT, "two"), world.message(ANNA, "three")];
      const entries = await world.store.inbox.accept(HOME, {
        ...world.batch(rows, 120),
        missed: true,
      });
      expect(entries.map((entry) => entry.message)).toEqual(rows);
      expect(entries[0]).toMatchObject({ receivedAtMs: START, missed: true, healthyAtMs: START - 5 });
      expect(entries[0]?.conversationId).toBe(entries[2]?.conversationId);
      expect(entries[0]?.conversationId).not.toBe(entries[1]?.conversationId);
      expect((await position())?.cursor).toBe(120);
    });

    test("accept without a position is refused", async () => {
      const accountId = "other" as AccountId;
      const row = world.message(ANNA, "hello", { accountId });
      await expect(world.store.inbox.accept(accountId, world.batch([row], row.rowId))).rejects.toThrow(
        "other",
      );
    });

    test("the same rows may be given again: one entry each", async () => {
      const rows = [world.message(ANNA, "one"), world.message(ANNA, "two")];
      await world.accept(...rows);
      const more = world.message(ANNA, "three");
      const again = await world.accept(...rows, more, more);
      expect(only(again).message).toEqual(more);
    });

    test("a guid is known per account", async () => {
      const row = world.message(ANNA, "one");
      await world.accept(row);
      const other = only(await world.accept({ ...row, accountId: WORK }));
      expect(other.message.accountId).toBe(WORK);
      expect(await world.store.records.explain({ guid: row.guid })).toHaveLength(2);
    });

    test("two stores given the same row at once journal it once", async () => {
      const second = await world.another();
      const row = world.message(ANNA, "one");
      const both = await Promise.all([
        world.store.inbox.accept(HOME, world.batch([row], row.rowId)),
        second.inbox.accept(HOME, world.batch([row], row.rowId)),
      ]);
      expect(both.flat()).toHaveLength(1);
    });

    test("the cursor moves without rows and never back", async () => {
      await world.store.inbox.accept(HOME, world.batch([], 500));
      await world.store.inbox.accept(HOME, world.batch([], 400));
      const late = world.message(ANNA, "late");
      await world.store.inbox.accept(HOME, world.batch([late], late.rowId));
      expect((await position())?.cursor).toBe(500);
    });

    test("cursor and rows survive a process that ends without closing", async () => {
      const row = world.message(ANNA, "one");
      await world.accept(row);
      const next = await world.another();
      expect((await next.inbox.position(HOME))?.cursor).toBe(row.rowId);
      expect(await next.inbox.accept(HOME, world.batch([row], row.rowId))).toEqual([]);
      expect(
        await next.inbox.decide(
          HOME,
          world.verdict(() => ({})),
        ),
      ).toHaveLength(1);
    });

    test("the anchor is the newest row that has a chat", async () => {
      const rows = [world.message(ANNA, "one"), world.message(BERT, "two")];
      const unjoined = world.message(ANNA, "three", UNJOINED);
      await world.accept(...rows, unjoined);
      const two = rows[1];
      expect((await position())?.anchor).toEqual({
        rowId: two?.rowId,
        guid: two?.guid,
        chatId: two?.chatId,
        createdAtMs: two?.createdAtMs,
      });
    });

    test("the anchor does not go back to an older row", async () => {
      const older = world.message(ANNA, "one");
      const newer = world.message(ANNA, "two");
      await world.accept(newer);
      await world.accept(older);
      expect((await position())?.anchor?.guid).toBe(newer.guid);
    });

    test("a conversation outlives service names and a replaced database", async () => {
      const first = only(await world.accept(world.message(ANNA, "one")));
      const same = only(
        await world.accept(
          world.message(ANNA, "two", { chatGuid: `any;-;${ANNA}` as ChatGuid, chatId: 77 as ChatId }),
        ),
      );
      expect(same.conversationId).toBe(first.conversationId);
      const work = only(await world.accept(world.message(ANNA, "three", { accountId: WORK })));
      expect(work.conversationId).not.toBe(first.conversationId);
    });

    test("decide takes undecided entries in journal order, once", async () => {
      await world.accept(world.message(ANNA, "one"), world.message(BERT, "two"));
      await world.accept(world.message(ANNA, "elsewhere", { accountId: WORK }));
      const order: string[] = [];
      const verdict = world.verdict((entry) => {
        order.push(entry.message.text);
        return {};
      });
      const decided = await world.store.inbox.decide(HOME, verdict);
      expect(order).toEqual(["one", "two"]);
      expect(decided.map(({ decision }) => decision.handle)).toEqual([ANNA, BERT]);
      expect(await world.store.inbox.decide(HOME, verdict)).toEqual([]);
    });

    test("the newest date is that of what somebody else wrote", async () => {
      expect(await world.store.inbox.newestDateMs(HOME)).toBeUndefined();
      const at = (createdAtMs: number, over = {}) => ({ createdAtMs, ...over });
      await world.accept(
        world.message(ANNA, "newer", at(2000)),
        world.message(BERT, "older", at(1000)),
        world.message(ANNA, "mine", at(3000, { isFromMe: true })),
      );
      await world.accept(world.message(ANNA, "elsewhere", at(4000, { accountId: WORK })));
      expect(await world.store.inbox.newestDateMs(HOME)).toBe(2000);
    });

    test("an entry that is deferred stays undecided, and is decided in its place later", async () => {
      const [first, second] = await world.accept(world.message(ANNA, ""), world.message(ANNA, "two"));
      await world.accept(world.message(BERT, "three"));
      const asked: [string, number][] = [];
      const verdict = world.verdict(() => ({}));
      const decided = await world.store.inbox.decide(HOME, {
        ...verdict,
        defer: ({ message }, before) => {
          asked.push([message.text, before.length]);
          return message.sender === ANNA;
        },
      });
      expect(asked).toEqual([
        ["", 0],
        ["two", 1],
        ["three", 0],
      ]);
      expect(decided.map(({ entry }) => entry.message.text)).toEqual(["three"]);
      if (!first || !second) throw new Error("not journaled");
      await world.store.inbox.refresh(first.id, { ...first.message, text: "one" });
      const later = await world.store.inbox.decide(HOME, verdict);
      expect(later.map(({ entry }) => entry.message.text)).toEqual(["one", "two"]);
      await world.store.inbox.refresh(first.id, { ...first.message, text: "too late" });
      const [story] = await world.store.records.explain({ guid: first.message.guid });
      expect(story?.entry.message.text).toBe("one");
    });

    test("a row without a sender is decided without a handle", async () => {
      const decided = only(await world.decide([world.message(ANNA, "one", { sender: "" })]));
      expect(decided.decision.handle).toBeUndefined();
    });

    test("a decision that throws leaves everything undecided", async () => {
      await world.accept(world.message(ANNA, "one"), world.message(ANNA, "two"));
      const breaking = world.verdict((entry) => {
        if (entry.message.text === "two") throw new Error("rule is broken");
        return { notice: "told" };
      });
      await expect(world.store.inbox.decide(HOME, { ...breaking, owners: [BERT] })).rejects.toThrow(
        "rule is broken",
      );
      expect(await world.store.outbox.list({ limit: 9 })).toEqual([]);
      expect(
        await world.store.inbox.decide(
          HOME,
          world.verdict(() => ({})),
        ),
      ).toHaveLength(2);
    });

    test("two stores that decide at once decide each entry once", async () => {
      await world.accept(world.message(ANNA, "one"), world.message(ANNA, "two"));
      const second = await world.another();
      const verdict = world.verdict(() => ({}));
      const both = await Promise.all([
        world.store.inbox.decide(HOME, verdict),
        second.inbox.decide(HOME, verdict),
      ]);
      expect(both.flat()).toHaveLength(2);
    });

    describe("rows without a chat", () => {
      test("are listed, and not decided", async () => {
        await world.accept(world.message(ANNA, "lost", UNJOINED), world.message(ANNA, "one"));
        const unjoined = only(await world.store.inbox.unjoined(HOME));
        expect(unjoined).toMatchObject({ conversationId: undefined, message: { text: "lost" } });
        expect(await world.store.inbox.unjoined(WORK)).toEqual([]);
        const decided = await world.store.inbox.decide(
          HOME,
          world.verdict(() => ({})),
        );
        expect(only(decided).entry.message.text).toBe("one");
      });

      test("are decided in their old place once joined", async () => {
        const lost = world.message(ANNA, "lost", UNJOINED);
        const entries = await world.accept(lost, world.message(ANNA, "one"));
        const found = { ...world.message(ANNA, "lost"), rowId: lost.rowId, guid: lost.guid };
        await world.store.inbox.join(entries[0]?.id as EntryId, found);
        expect(await world.store.inbox.unjoined(HOME)).toEqual([]);
        const decided = await world.store.inbox.decide(
          HOME,
          world.verdict(() => ({})),
        );
        expect(decided.map(({ entry }) => entry.message.text)).toEqual(["lost", "one"]);
        expect(decided[0]?.entry.message).toEqual(found);
        expect(decided[0]?.entry.conversationId).toBe(entries[1]?.conversationId);
      });

      test("become the anchor when joined, if they are the newest", async () => {
        const lost = world.message(ANNA, "lost", UNJOINED);
        const entry = only(await world.accept(lost));
        expect((await position())?.anchor).toBeUndefined();
        await world.store.inbox.join(entry.id, {
          ...world.message(ANNA, "lost"),
          rowId: lost.rowId,
          guid: lost.guid,
        });
        expect((await position())?.anchor?.guid).toBe(lost.guid);
      });

      test("of a database that was replaced since do not become the anchor", async () => {
        const lost = world.message(ANNA, "lost", UNJOINED);
        const entry = only(await world.accept(lost));
        await world.store.inbox.begin(HOME, { cursor: 3 as RowId, anchor: undefined, startedAtMs: START });
        await world.store.inbox.join(entry.id, { ...world.message(ANNA, "lost"), rowId: lost.rowId });
        expect((await position())?.anchor).toBeUndefined();
      });

      test("are recorded as ignored when given up", async () => {
        const entry = only(await world.accept(world.message(ANNA, "lost", UNJOINED)));
        world.nowMs += 1000;
        await world.store.inbox.expire(entry.id);
        expect(await world.store.inbox.unjoined(HOME)).toEqual([]);
        const story = only(await world.store.records.explain({ guid: entry.message.guid }));
        expect(story.state).toBe("done");
        expect(only(story.decisions)).toMatchObject({
          outcome: { kind: "ignore", code: "unjoined.expired" },
          atMs: START + 1000,
        });
      });

      test("that were joined or given up stay so", async () => {
        const entry = only(await world.accept(world.message(ANNA, "lost", UNJOINED)));
        await world.store.inbox.expire(entry.id);
        await world.store.inbox.join(entry.id, world.message(ANNA, "lost"));
        expect(
          await world.store.inbox.decide(
            HOME,
            world.verdict(() => ({})),
          ),
        ).toEqual([]);
        const joined = only(await world.accept(world.message(ANNA, "lost again", UNJOINED)));
        await world.store.inbox.join(joined.id, { ...world.message(ANNA, "x"), guid: joined.message.guid });
        await world.store.inbox.expire(joined.id);
        conversationOf(
          await world.store.inbox.decide(
            HOME,
            world.verdict(() => ({})),
          ),
        );
      });
    });
  });
}
