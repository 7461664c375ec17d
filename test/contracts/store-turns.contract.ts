// The contract of `Turns`: one at a time a conversation, fenced, taken over after a crash.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConversationId, SessionKey } from "../../src/model/ids.ts";
import type { Store } from "../../src/model/store.ts";
import type { Turn } from "../../src/model/turn.ts";
import {
  ANNA,
  BERT,
  CARL,
  HOME,
  MINUTE,
  only,
  START,
  texts,
  turnFor,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

const MAIN = "agent:main:main" as SessionKey;

export function describeTurns(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();
  const waiting = async () => world.store.turns.waiting(HOME);
  const begin = async (id: ConversationId, maxPerMinute = 20) =>
    world.store.turns.begin(id, world.limits({ maxPerMinute }));
  const finish = async (turn: Awaited<ReturnType<World["begin"]>>, ...parts: string[]) =>
    world.store.turns.finish(
      turn,
      { state: "answered", text: parts.join("\n") },
      world.group(turn.conversationId, ...parts),
      world.nowMs,
    );

  describe("turns", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("conversations with messages that wait are listed, longest waiting first", async () => {
      const bert = await world.waits(BERT, "one");
      const anna = await world.waits(ANNA, "two");
      await world.waits(BERT, "three");
      await world.decide([world.message(CARL, "four")], {
        outcome: { kind: "remember", code: "reaction", because: "" },
      });
      expect(await waiting()).toEqual([bert, anna]);
      expect(await world.store.turns.waiting(WORK)).toEqual([]);
    });

    test("a conversation with a running turn is not listed, and is again after it", async () => {
      const anna = await world.waits(ANNA, "one");
      const turn = await world.begin(anna);
      await world.waits(ANNA, "two");
      expect(await waiting()).toEqual([]);
      await finish(turn, "reply");
      expect(await waiting()).toEqual([anna]);
    });

    test("a turn takes everything that waits, oldest first", async () => {
      const row = world.message(ANNA, "one");
      await world.decide([row]);
      const anna = await world.waits(ANNA, "two");
      await world.waits(BERT, "elsewhere");
      const turn = await world.begin(anna);
      expect(turn).toMatchObject({
        accountId: HOME,
        conversationId: anna,
        agentId: "main",
        sessionKey: MAIN,
        attempt: 1,
      });
      expect(texts(turn.messages.map(({ message }) => message))).toEqual(["one", "two"]);
      expect(turn.messages[0]).toMatchObject({ handle: ANNA, message: row });
    });

    test("a turn ends before the first message of another agent or session", async () => {
      const anna = await world.waits(ANNA, "one", turnFor("s1"));
      await world.waits(ANNA, "two", turnFor("s1"));
      await world.waits(ANNA, "three", turnFor("s2"));
      await world.waits(ANNA, "four", turnFor("s1"));
      await world.waits(ANNA, "five", turnFor("s1", "coder"));
      const taken: string[][] = [];
      for (let turn = await begin(anna); turn && "id" in turn; turn = await begin(anna)) {
        taken.push(texts(turn.messages.map(({ message }) => message)));
        await finish(turn);
      }
      expect(taken).toEqual([["one", "two"], ["three"], ["four"], ["five"]]);
    });

    test("none begins when nothing waits, one runs, or the conversation is unknown", async () => {
      const anna = await world.waits(ANNA, "one");
      const turn = await world.begin(anna);
      await world.waits(ANNA, "two");
      expect(await begin(anna)).toBeUndefined();
      await finish(turn);
      await finish(await world.begin(anna));
      expect(await begin(anna)).toBeUndefined();
      expect(await begin(999 as ConversationId)).toBeUndefined();
    });

    test("two stores that begin at once begin one turn", async () => {
      const anna = await world.waits(ANNA, "one");
      const second = await world.another();
      const limits = world.limits();
      const both = await Promise.all([
        world.store.turns.begin(anna, limits),
        second.turns.begin(anna, limits),
      ]);
      expect(both.filter((turn) => turn !== undefined)).toHaveLength(1);
    });

    test("the limit of a minute is told with the moment it ends, per conversation", async () => {
      const anna = await world.waits(ANNA, "one");
      await finish(await world.begin(anna, 2));
      world.nowMs += 10_000;
      await world.waits(ANNA, "two");
      await finish(await world.begin(anna, 2));
      await world.waits(ANNA, "three");
      await world.begin(await world.waits(BERT, "elsewhere"), 2);
      expect(await begin(anna, 2)).toEqual({ retryAtMs: START + MINUTE });
      world.nowMs = START + MINUTE - 1;
      expect(await begin(anna, 2)).toEqual({ retryAtMs: START + MINUTE });
      world.nowMs = START + MINUTE;
      await world.begin(anna, 2);
    });

    test("a clock that was set back holds no conversation until it is where it was", async () => {
      const anna = await world.waits(ANNA, "one");
      await finish(await world.begin(anna, 1));
      await world.waits(ANNA, "two");
      world.nowMs -= 24 * 60 * MINUTE;
      await world.begin(anna, 1);
    });

    test("the limit is not told when nothing waits", async () => {
      const anna = await world.waits(ANNA, "one");
      await finish(await world.begin(anna, 1));
      expect(await begin(anna, 1)).toBeUndefined();
    });

    test("ids are unique, sort by time and are safe in file names", async () => {
      const ids: string[] = [];
      for (let index = 0; index < 20; index++) {
        const turn = await world.begin(await world.waits(ANNA, `${index}`));
        ids.push(turn.id);
        await finish(turn);
        world.nowMs += 1;
      }
      expect(ids.toSorted()).toEqual(ids);
      expect(new Set(ids).size).toBe(20);
      for (const id of ids) expect(id).toMatch(/^[0-9a-z]{8,24}$/);
    });

    test("finish puts the answer into the outbox, in order", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      expect(await finish(turn, "a", "b")).toBe(true);
      const items = await world.store.outbox.list({ limit: 9 });
      expect(texts(items)).toEqual(["b", "a"]);
      expect(items[0]).toMatchObject({
        turnId: turn.id,
        conversationId: turn.conversationId,
        state: "queued",
        attempts: 0,
      });
    });

    test("finish of an attempt that no longer runs writes nothing", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      expect(await finish({ ...turn, attempt: 2 }, "wrong")).toBe(false);
      expect(await finish(turn, "right")).toBe(true);
      expect(await finish(turn, "again")).toBe(false);
      expect(texts(await world.store.outbox.list({ limit: 9 }))).toEqual(["right"]);
    });

    test.each(["failed", "stopped"] as const)("a turn that %s is over, and says why", async (state) => {
      const row = world.message(ANNA, "one");
      const turn = await world.begin((await world.decide([row]))[0]?.entry.conversationId as ConversationId);
      const end =
        state === "failed" ? ({ state, reason: "no", ref: "AB12" } as const) : { state, reason: "no" };
      world.nowMs += 7;
      expect(await world.store.turns.finish(turn, end, world.group(turn.conversationId), world.nowMs)).toBe(
        true,
      );
      const story = only(await world.store.records.explain({ guid: row.guid }));
      expect(story.state).toBe("done");
      expect(story.turn).toEqual({
        id: turn.id,
        agentId: "main",
        sessionKey: MAIN,
        attempts: 1,
        state,
        startedAtMs: START,
        finishedAtMs: START + 7,
        failure: "no",
        ref: state === "failed" ? "AB12" : undefined,
        resumed: [],
      });
    });

    test("a turn that was run again says when, and whether its gateway was killed or stopped in order", async () => {
      const row = world.message(ANNA, "one");
      const turn = await world.begin((await world.decide([row]))[0]?.entry.conversationId as ConversationId);
      const resumedIn = async (store: Store, atMs: number): Promise<Turn> => {
        const again = await store.turns.resume(only(await store.turns.interrupted(HOME)), atMs);
        if (again === undefined) throw new Error("it was not run again");
        return again;
      };
      const second = await world.another();
      await second.turns.suspend(await resumedIn(second, START + 5));
      const third = await world.another();
      await resumedIn(third, START + 9);
      const story = only(await world.store.records.explain({ guid: row.guid }));
      expect(story.turn).toMatchObject({
        id: turn.id,
        attempts: 2,
        resumed: [
          { atMs: START + 5, wasKilled: true },
          { atMs: START + 9, wasKilled: false },
        ],
      });
    });

    test("turns of a live process are no interrupted ones to itself, but to the next process", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      expect(await world.store.turns.interrupted(HOME)).toEqual([]);
      const next = await world.another();
      expect(await next.turns.interrupted(HOME)).toEqual([turn]);
      expect(await next.turns.interrupted(WORK)).toEqual([]);
    });

    test("resume begins the next attempt and fences the one before", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      const next = await world.another();
      const resumed = await next.turns.resume(turn, world.nowMs);
      expect(resumed).toEqual({ ...turn, attempt: 2 });
      expect(await finish(turn, "late")).toBe(false);
      expect(await next.turns.resume(turn, world.nowMs)).toBeUndefined();
      expect(await next.turns.interrupted(HOME)).toEqual([]);
      expect(await finish({ ...turn, attempt: 2 }, "right")).toBe(true);
      expect(await next.turns.resume({ ...turn, attempt: 2 }, world.nowMs)).toBeUndefined();
    });

    test("two stores that resume at once resume once", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      const [one, other] = [await world.another(), await world.another()];
      const both = await Promise.all([
        one.turns.resume(turn, world.nowMs),
        other.turns.resume(turn, world.nowMs),
      ]);
      expect(both.filter((resumed) => resumed !== undefined)).toHaveLength(1);
    });

    test("an interrupted turn may be finished without another attempt", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      const next = await world.another();
      const interrupted = only(await next.turns.interrupted(HOME));
      const end = { state: "failed", reason: "twice", ref: "AB12" } as const;
      const group = world.group(turn.conversationId, "sorry");
      expect(await next.turns.finish(interrupted, end, group, world.nowMs)).toBe(true);
      expect(await finish(turn, "late")).toBe(false);
    });

    test("a suspended turn is interrupted, and its attempt does not count", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      await world.store.turns.suspend(turn);
      const interrupted = only(await world.store.turns.interrupted(HOME));
      expect(interrupted.messages).toEqual(turn.messages);
      expect(await finish(turn, "late")).toBe(false);
      const next = await world.another();
      const listed = only(await next.turns.interrupted(HOME));
      expect(await next.turns.resume(listed, world.nowMs)).toEqual(turn);
    });

    test("a turn that is over cannot be suspended", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      await finish(turn, "reply");
      await world.store.turns.suspend(turn);
      expect(await world.store.turns.interrupted(HOME)).toEqual([]);
    });
  });
}
