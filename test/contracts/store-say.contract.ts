// The contract of what is said while a turn runs, and of what its agent may be told was said before.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Turn } from "../../src/model/turn.ts";
import { ANNA, BERT, only, START, texts, turnFor, World, type StateDatabase } from "./store-world.ts";

export function describeSay(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();
  const say = async (turn: Turn, said: { streamed: string } | "long", ...parts: string[]) =>
    world.store.turns.say(turn, said, world.group(turn.conversationId, ...parts), world.nowMs);
  const outbox = async () => texts(await world.store.outbox.list({ limit: 9 })).toReversed();

  describe("what is said while a turn runs", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("a turn begins with nothing said", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      expect(turn).toMatchObject({ streamed: "", saidLong: false });
      expect(turn.choices).toEqual({ mode: undefined, model: undefined });
    });

    test("paragraphs are put into the outbox, and the next attempt knows them", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      expect(await say(turn, { streamed: "a\n\n" }, "a")).toBe(true);
      expect(await say(turn, { streamed: "a\n\nb\n\n" }, "b")).toBe(true);
      const next = await world.another();
      expect(await next.turns.resume(turn, world.nowMs)).toMatchObject({
        attempt: 2,
        streamed: "a\n\nb\n\n",
      });
      expect(await outbox()).toEqual(["a", "b"]);
      const [item] = await world.store.outbox.list({ limit: 1 });
      expect(item).toMatchObject({ turnId: turn.id, conversationId: turn.conversationId, state: "queued" });
    });

    test("the same paragraphs are said once", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      expect(await say(turn, { streamed: "a" }, "a")).toBe(true);
      expect(await say(turn, { streamed: "a" }, "a")).toBe(false);
      expect(await outbox()).toEqual(["a"]);
    });

    test("that it takes long is said once a turn, whatever the attempt", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      expect(await say(turn, "long", "wait")).toBe(true);
      expect(await say(turn, "long", "wait")).toBe(false);
      const next = await world.another();
      const resumed = await next.turns.resume(turn, world.nowMs);
      expect(resumed).toMatchObject({ saidLong: true, streamed: "" });
      if (resumed) expect(await say(resumed, "long", "wait")).toBe(false);
      expect(await outbox()).toEqual(["wait"]);
    });

    test("an attempt that no longer runs says nothing", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      await (await world.another()).turns.resume(turn, world.nowMs);
      expect([await say(turn, "long", "x"), await say(turn, { streamed: "x" }, "x")]).toEqual([false, false]);
      const now = { ...turn, attempt: 2 };
      await world.store.turns.finish(
        now,
        { state: "answered", text: "a" },
        world.group(turn.conversationId),
        START,
      );
      expect([await say(now, "long", "x"), await say(now, { streamed: "x" }, "x")]).toEqual([false, false]);
      expect(await outbox()).toEqual([]);
    });
  });

  describe("the transcript of a turn's session", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("has its answered turns in all conversations, oldest first, the newest of them", async () => {
      for (const [who, text] of [
        [ANNA, "one"],
        [BERT, "two"],
        [ANNA, "three"],
      ] as const) {
        const turn = await world.begin(await world.waits(who, text));
        const end = { state: "answered", text: `to ${text}` } as const;
        await world.store.turns.finish(turn, end, world.group(turn.conversationId), world.nowMs);
        world.nowMs += 5;
      }
      const now = await world.begin(await world.waits(ANNA, "now"));
      const told = await world.store.turns.transcript(now, 9);
      expect(told).toEqual([
        { atMs: START, said: [{ sender: ANNA, text: "one" }], answered: "to one" },
        { atMs: START + 5, said: [{ sender: BERT, text: "two" }], answered: "to two" },
        { atMs: START + 10, said: [{ sender: ANNA, text: "three" }], answered: "to three" },
      ]);
      expect(await world.store.turns.transcript(now, 2)).toEqual(told.slice(1));
      expect(await world.store.turns.transcript(now, 0)).toEqual([]);
    });

    test("has none that failed, none of another session, none before a reset", async () => {
      const failed = await world.begin(await world.waits(ANNA, "one"));
      const end = { state: "failed", reason: "no", ref: "AB12" } as const;
      await world.store.turns.finish(failed, end, world.group(failed.conversationId), world.nowMs);
      const other = await world.begin(await world.waits(BERT, "two", turnFor("other")));
      const answered = { state: "answered", text: "yes" } as const;
      await world.store.turns.finish(other, answered, world.group(other.conversationId), world.nowMs);
      const now = await world.begin(await world.waits(ANNA, "three"));
      expect(await world.store.turns.transcript(now, 9)).toEqual([]);
      await world.store.turns.finish(now, answered, world.group(now.conversationId), world.nowMs);
      const next = await world.begin(await world.waits(ANNA, "four"));
      expect(only(await world.store.turns.transcript(next, 9)).answered).toBe("yes");
      await world.store.sessions.reset(next.sessionKey, world.nowMs);
      await world.store.turns.finish(next, answered, world.group(next.conversationId), world.nowMs);
      const after = await world.begin(await world.waits(ANNA, "five"));
      expect(await world.store.turns.transcript(after, 9)).toEqual([]);
    });
  });
}
