// The contract of `Records` and `ProcessRegister`: stories as they were recorded, figures that agree with them.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountId, MessageGuid, RowId } from "../../src/model/ids.ts";
import {
  ANNA,
  BERT,
  CARL,
  HOLD,
  HOME,
  HOUR,
  only,
  sent,
  START,
  texts,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

const TOO_OLD = {
  outcome: { kind: "remember", code: "catchup.too-old", because: "missed too long ago" },
} as const;

export function describeRecords(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();

  describe("explain", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const story = async (guid: MessageGuid) => only(await world.store.records.explain({ guid }));

    test("knows nothing of a message that was never journaled", async () => {
      expect(await world.store.records.explain({ guid: "NONE" as MessageGuid })).toEqual([]);
      expect(await world.store.records.explain({ rowId: 9999 as RowId })).toEqual([]);
    });

    test("knows up to which row was read", async () => {
      const before = await world.store.records.newestRow();
      const row = world.message(ANNA, "one");
      await world.accept(row);
      expect([before, await world.store.records.newestRow()]).toEqual([100, row.rowId]);
    });

    test("follows a message from undecided to answered", async () => {
      const row = world.message(ANNA, "one");
      const entry = only(await world.accept(row));
      expect(await story(row.guid)).toEqual({
        entry,
        state: "undecided",
        decisions: [],
        turn: undefined,
        approvals: [],
        parts: [],
      });
      const decided = only(
        await world.store.inbox.decide(
          HOME,
          world.verdict(() => ({})),
        ),
      );
      expect(await story(row.guid)).toMatchObject({
        state: "waiting",
        decisions: [{ ...decided.decision, atMs: START }],
      });
      if (entry.conversationId === undefined) throw new Error("no conversation");
      const turn = await world.begin(entry.conversationId);
      expect(await story(row.guid)).toMatchObject({
        state: "taken",
        turn: { id: turn.id, state: "running", finishedAtMs: undefined, failure: undefined },
      });
      const group = world.group(turn.conversationId, "a", "b");
      await world.store.turns.finish(turn, { state: "answered", text: "a\nb" }, group, world.nowMs);
      const done = await story(row.guid);
      expect(done).toMatchObject({ state: "done", turn: { state: "answered", finishedAtMs: START } });
      expect(texts(done.parts)).toEqual(["a", "b"]);
      expect(done.parts[0]).toEqual(await world.store.outbox.find(done.parts[0]?.id as never));
    });

    test("keeps a decision whole", async () => {
      const row = world.message(ANNA, "one");
      const decision = {
        outcome: { kind: "ignore", code: "dm.not-allowed", because: "not listed", fix: "list it" },
        gates: [
          { name: "own row", saw: "no", passed: true },
          { name: "direct policy", saw: "allowlist", passed: false },
        ],
        handle: undefined,
        configVersion: "abc",
        mirrorStreak: 2,
      } as const;
      await world.decide([row], decision);
      const told = await story(row.guid);
      expect(told.state).toBe("done");
      expect(only(told.decisions)).toEqual({ ...decision, atMs: START });
    });

    test("shows the pairing reply that a message caused", async () => {
      const { entry } = only(await world.asks(ANNA, "AAAA"));
      const told = await story(entry.message.guid);
      expect(told.state).toBe("held");
      expect(texts(told.parts)).toEqual(["code AAAA"]);
    });

    test("counts attempts", async () => {
      const row = world.message(ANNA, "one");
      const { entry } = only(await world.decide([row]));
      const turn = await world.begin(entry.conversationId as never);
      await (await world.another()).turns.resume(turn, world.nowMs);
      expect((await story(row.guid)).turn?.attempts).toBe(2);
    });

    test("by row id answers for each account, with the newest of each", async () => {
      const rowId = 7 as RowId;
      const old = world.message(ANNA, "of a database since replaced", { rowId });
      const row = world.message(ANNA, "now", { rowId });
      const other = world.message(BERT, "work", { rowId, accountId: WORK });
      for (const one of [old, row, other]) await world.accept(one);
      const stories = await world.store.records.explain({ rowId });
      expect(stories.map(({ entry }) => entry.message)).toEqual([row, other]);
    });
  });

  describe("overview", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const overview = async (accountId: AccountId = HOME) =>
      world.store.records.overview(accountId, world.nowMs);

    test("of an account without a past is empty", async () => {
      expect(await overview("other" as AccountId)).toEqual({
        position: undefined,
        waiting: 0,
        held: 0,
        running: 0,
        queued: 0,
        unknown: 0,
        parked: 0,
        pendingPairings: 0,
        tooOld: 0,
        sends: { lastMinute: 0, lastHour: 0 },
        lastReceivedAtMs: undefined,
        lastSentAtMs: undefined,
        decisions: {},
      });
    });

    test("counts messages, turns and requests", async () => {
      await world.decide([world.message(CARL, "old")], TOO_OLD);
      await world.asks(ANNA, "AAAA");
      await world.decide([world.message(ANNA, "hello?")], { outcome: HOLD });
      await world.begin(await world.waits(BERT, "one"));
      await world.waits(BERT, "two");
      await world.waits(BERT, "three");
      expect(await overview()).toMatchObject({
        position: await world.store.inbox.position(HOME),
        waiting: 2,
        held: 2,
        running: 1,
        pendingPairings: 1,
        tooOld: 1,
        decisions: { turn: 3, "pairing.code-sent": 1, "pairing.code-pending": 1, "catchup.too-old": 1 },
      });
      expect(await overview(WORK)).toMatchObject({ waiting: 0, held: 0, running: 0, pendingPairings: 0 });
    });

    test("forgets decisions after a day and requests after their hour", async () => {
      await world.decide([world.message(CARL, "old")], TOO_OLD);
      await world.asks(ANNA, "AAAA");
      world.nowMs += HOUR;
      expect(await overview()).toMatchObject({ pendingPairings: 0, tooOld: 1 });
      world.nowMs += 23 * HOUR;
      expect(await overview()).toMatchObject({ tooOld: 0, decisions: {} });
    });

    test("counts parts on their way", async () => {
      const conversations = [
        await world.waits(ANNA, "x"),
        await world.waits(BERT, "x"),
        await world.waits(CARL, "x"),
      ];
      for (const id of conversations)
        await world.store.outbox.add(world.group(id, "first", "second"), world.nowMs);
      const [one, two, three] = await world.claim();
      if (!one || !two || !three) throw new Error("three parts were to be claimed");
      await world.settle(one, { state: "unknown", reason: "lost", checkAtMs: START });
      await world.settle(two, { state: "parked", reason: "refused" });
      await world.settle(three, sent("S"));
      expect(await overview()).toMatchObject({ queued: 3, unknown: 1, parked: 1 });
      expect(await overview(WORK)).toMatchObject({ queued: 0, unknown: 0, parked: 0 });
    });

    test("says when something last came in and went out", async () => {
      await world.answer(ANNA, "reply");
      expect(await overview()).toMatchObject({ lastReceivedAtMs: START, lastSentAtMs: undefined });
      world.nowMs += 10;
      await world.sendAll();
      world.nowMs += 10;
      await world.accept(world.message(ANNA, "reply", { isFromMe: true }));
      expect(await overview()).toMatchObject({ lastReceivedAtMs: START, lastSentAtMs: START + 10 });
      expect((await overview(WORK)).lastReceivedAtMs).toBeUndefined();
    });
  });

  describe("process register", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("remembers processes of an account until they are forgotten", async () => {
      const one = { pid: 12, started: "Mon 10:00" };
      const again = { pid: 12, started: "Mon 11:00" };
      const { processes } = world.store;
      await processes.record(HOME, one);
      await processes.record(HOME, one);
      await processes.record(HOME, again);
      await processes.record(WORK, one);
      const next = await world.another();
      expect(await next.processes.recorded(HOME)).toEqual(expect.arrayContaining([one, again]));
      expect(await next.processes.recorded(HOME)).toHaveLength(2);
      await next.processes.forget(HOME, one);
      expect(await processes.recorded(HOME)).toEqual([again]);
      expect(await processes.recorded(WORK)).toEqual([one]);
    });
  });
}
