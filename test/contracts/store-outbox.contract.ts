// The contract of `Outbox`: the order of parts, one attempt at a time, nothing of unknown fate forgotten.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChatGuid, ChatId, ConversationId, MessageGuid, PartId } from "../../src/model/ids.ts";
import {
  ANNA,
  BERT,
  CARL,
  HOME,
  HOUR,
  only,
  part,
  sent,
  START,
  texts,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function describeOutbox(create: () => Promise<StateDatabase>): void {
  describe("outbox", () => {
    let world: World;
    let anna: ConversationId;
    beforeEach(async () => {
      world = await World.create(create);
      anna = await world.waits(ANNA, "hello");
    });
    afterEach(async () => world.database.remove());
    const add = async (...words: string[]) =>
      world.store.outbox.add(world.group(anna, ...words), world.nowMs);
    const nextDueMs = async () => world.store.outbox.nextDueMs(HOME);
    const park = async () => {
      const parked = only(await world.claim());
      await world.settle(parked, { state: "parked", reason: "refused" });
      return parked;
    };

    test("add answers with the ids, in order", async () => {
      const ids = await add("a", "b");
      const items = await Promise.all(ids.map(async (id) => world.store.outbox.find(id)));
      expect(items.map((item) => item?.text)).toEqual(["a", "b"]);
      expect(items[0]).toEqual({
        id: ids[0],
        accountId: HOME,
        conversationId: anna,
        turnId: undefined,
        origin: "turn",
        target: { kind: "chat_id", chatId: 1 },
        expectedGuid: `iMessage;-;${ANNA}`,
        text: "a",
        formatting: [],
        file: undefined,
        chat: {
          chatId: 1,
          chatGuid: `iMessage;-;${ANNA}`,
          chatIdentifier: ANNA,
          isGroup: false,
          peer: ANNA,
        },
        attempts: 0,
        state: "queued",
        reason: undefined,
        createdAtMs: START,
        notBeforeMs: START,
        sentGuid: undefined,
        sentAtMs: undefined,
      });
      expect(await world.store.outbox.add(world.group(anna), world.nowMs)).toEqual([]);
      expect(await world.store.outbox.find(999 as PartId)).toBeUndefined();
    });

    test("a text survives as it is", async () => {
      const odd = "line\u2028sep \u{1f469}\u200d\u{1f4bb} 'quote' \"double\" \\ end\n";
      await add(odd);
      expect(only(await world.claim()).text).toBe(odd);
    });

    describe("claim", () => {
      test("gives an attempt: its number, its id, the newest row known", async () => {
        await add("a");
        const row = world.message(BERT, "newest");
        await world.accept(row);
        world.nowMs += 3;
        const claimed = only(await world.claim());
        expect(claimed).toMatchObject({
          attempts: 1,
          anchorRow: row.rowId,
          claimedAtMs: START + 3,
          attemptId: expect.stringMatching(UUID),
        });
        await world.settle(claimed, { state: "queued", reason: "no", notBeforeMs: world.nowMs });
        const second = only(await world.claim());
        expect(second).toMatchObject({ id: claimed.id, attempts: 2 });
        expect(second.attemptId).not.toBe(claimed.attemptId);
      });

      test("takes the oldest of each conversation, one at a time", async () => {
        const bert = await world.waits(BERT, "hello");
        await add("a1", "a2");
        await world.store.outbox.add(world.group(bert, "b1"), world.nowMs);
        await add("a3");
        const first = await world.claim();
        expect(texts(first)).toEqual(["a1", "b1"]);
        expect(await world.claim()).toEqual([]);
        for (const claimed of first) await world.settle(claimed, sent(undefined));
        expect(await world.sendAll()).toEqual(["a2", "a3"]);
      });

      test("keeps to its limit, oldest first", async () => {
        for (const who of [BERT, CARL]) {
          const conversation = await world.waits(who, "hello");
          await world.store.outbox.add(world.group(conversation, who), world.nowMs);
        }
        await add("a");
        expect(texts(await world.claim(2))).toEqual([BERT, CARL]);
        expect(texts(await world.claim(2))).toEqual(["a"]);
      });

      test("keeps accounts apart", async () => {
        await add("a");
        expect((await world.store.outbox.claim(WORK, world.claimLimits())).parts).toEqual([]);
      });

      test("orders parts without a conversation by target", async () => {
        const to = (handle: typeof BERT, text: string) => ({
          accountId: HOME,
          conversationId: undefined,
          parts: [part(text, { target: { kind: "handle", handle, service: "auto" } as const })],
        });
        for (const [who, text] of [
          [BERT, "b1"],
          [BERT, "b2"],
          [CARL, "c1"],
        ] as const)
          await world.store.outbox.add(to(who, text), world.nowMs);
        expect(texts(await world.claim())).toEqual(["b1", "c1"]);
      });

      test("puts a part to a known chat into its conversation", async () => {
        await add("a");
        for (const target of [
          { kind: "chat_id", chatId: 1 },
          { kind: "chat_guid", guid: `any;-;${ANNA}` },
          { kind: "chat_identifier", identifier: ANNA },
          { kind: "handle", handle: ANNA, service: "auto" },
        ] as const)
          await world.store.outbox.add(
            { accountId: HOME, conversationId: undefined, parts: [part(target.kind, { target })] },
            world.nowMs,
          );
        const items = await world.store.outbox.list({ limit: 9 });
        expect(items.map((item) => item.conversationId)).toEqual([anna, anna, anna, anna, anna]);
        expect(texts(await world.claim())).toEqual(["a"]);
      });

      test("says which guid a chat id must still have, and none where it does not apply", async () => {
        await add("by id");
        expect(only(await world.claim()).expectedGuid).toBe(`iMessage;-;${ANNA}`);
        const unknown = part("unknown", { target: { kind: "chat_id", chatId: 4242 } });
        const byHandle = part("handle", { target: { kind: "handle", handle: BERT, service: "sms" } });
        for (const one of [unknown, byHandle])
          await world.store.outbox.add(
            { accountId: HOME, conversationId: undefined, parts: [one] },
            world.nowMs,
          );
        const claimed = await world.claim();
        expect(claimed.map(({ expectedGuid }) => expectedGuid)).toEqual([undefined, undefined]);
      });

      test("a chat id that another chat has now does not name the old conversation", async () => {
        await world.accept(world.message(BERT, "new database", { chatId: 1 as ChatId }));
        await world.store.outbox.add(
          { accountId: HOME, conversationId: undefined, parts: [part("to chat 1")] },
          world.nowMs,
        );
        expect(only(await world.claim()).expectedGuid).toBe(`iMessage;-;${BERT}`);
      });

      test("the expected guid follows the chat", async () => {
        await world.accept(world.message(ANNA, "x", { chatGuid: `any;-;${ANNA}` as ChatGuid }));
        await add("a");
        expect(only(await world.claim()).expectedGuid).toBe(`any;-;${ANNA}`);
      });

      test("waits for a part that is not yet due, and for those before it", async () => {
        await add("a", "b");
        const first = only(await world.claim());
        await world.settle(first, { state: "queued", reason: "later", notBeforeMs: START + 500 });
        expect(await world.claim()).toEqual([]);
        world.nowMs = START + 500;
        expect(texts(await world.claim())).toEqual(["a"]);
      });

      test("waits for a part of unknown fate", async () => {
        await add("a", "b");
        const first = only(await world.claim());
        await world.settle(first, { state: "unknown", reason: "lost", checkAtMs: START });
        expect(await world.claim()).toEqual([]);
        await world.settle(first, sent("S"));
        expect(texts(await world.claim())).toEqual(["b"]);
      });

      test("the first reason stays beside the last, until it is queued by hand again", async () => {
        await add("a");
        const reasons = async () => {
          const { reason, firstReason } = only(await world.store.outbox.list({ limit: 1 }));
          return [reason, firstReason];
        };
        expect(await reasons()).toEqual([undefined, undefined]);
        const claimed = only(await world.claim());
        await world.settle(claimed, { state: "unknown", reason: "no answer", checkAtMs: world.nowMs });
        expect(await reasons()).toEqual(["no answer", "no answer"]);
        await world.settle(claimed, { state: "queued", reason: "not there", notBeforeMs: world.nowMs });
        await park();
        expect(await reasons()).toEqual(["refused", "no answer"]);
        await world.store.outbox.retry(claimed.id, world.nowMs);
        expect(await reasons()).toEqual([undefined, undefined]);
        await world.claim();
        await world.store.outbox.abandon(HOME, world.nowMs, world.nowMs);
        const [reason, first] = await reasons();
        expect(reason).toContain("the gateway stopped");
        expect(first).toBe(reason);
      });

      test("a list says which message goes before a queued one", async () => {
        const [one, two] = await add("a", "b");
        const [other] = await add("c");
        const before = async () =>
          (await world.store.outbox.list({ limit: 9 })).map(({ waitsFor }) => waitsFor).toReversed();
        expect(await before()).toEqual([undefined, one, one]);
        const claimed = only(await world.claim());
        expect(await before()).toEqual([undefined, one, one]);
        await world.settle(claimed, { state: "parked", reason: "refused" });
        expect(await before()).toEqual([undefined, one, two]);
        await world.store.outbox.drop(one as PartId, world.nowMs);
        expect(await before()).toEqual([undefined, undefined, two]);
        expect(other).toBeDefined();
      });

      test("a parked part holds back its own group only", async () => {
        await add("a1", "a2", "a3");
        await add("b1");
        const parked = await park();
        expect(await world.sendAll()).toEqual(["b1"]);
        expect(await world.store.outbox.retry(parked.id, world.nowMs)).toBe(true);
        expect(await world.sendAll()).toEqual(["a1", "a2", "a3"]);
      });

      test("a dropped part lets those behind it go on", async () => {
        await add("a1", "a2");
        const parked = await park();
        expect(await world.store.outbox.drop(parked.id, world.nowMs)).toBe(true);
        expect(await world.sendAll()).toEqual(["a2"]);
        expect(await world.state(parked.id)).toBe("dropped");
      });

      test("two stores that claim at once claim each part once", async () => {
        const second = await world.another();
        await add("a");
        const both = await Promise.all([world.claim(9), world.claim(9, second)]);
        expect(both.flat()).toHaveLength(1);
      });
    });

    describe("settle", () => {
      test("sent is told with its proof", async () => {
        await add("a");
        const claimed = only(await world.claim());
        world.nowMs += 9;
        expect(await world.settle(claimed, sent("OURS", 120))).toBe(true);
        expect(await world.store.outbox.find(claimed.id)).toMatchObject({
          state: "sent",
          sentGuid: "OURS",
          sentAtMs: START + 9,
          attempts: 1,
          reason: undefined,
        });
      });

      test.each([
        { state: "queued", reason: "busy", notBeforeMs: START + 50 },
        { state: "unknown", reason: "lost", checkAtMs: START + 50 },
        { state: "parked", reason: "refused" },
      ] as const)("$state is told with its reason", async (settlement) => {
        await add("a");
        const claimed = only(await world.claim());
        expect(await world.settle(claimed, settlement)).toBe(true);
        expect(await world.store.outbox.find(claimed.id)).toMatchObject({
          state: settlement.state,
          reason: settlement.reason,
        });
      });

      test("an attempt that is over writes nothing", async () => {
        await add("a");
        const first = only(await world.claim());
        await world.settle(first, { state: "queued", reason: "no", notBeforeMs: START });
        expect(await world.settle(first, sent("S"))).toBe(false);
        const second = only(await world.claim());
        expect(await world.settle(first, sent("S"))).toBe(false);
        expect(await world.settle(second, sent("S2"))).toBe(true);
        expect(await world.settle(second, { state: "parked", reason: "late" })).toBe(false);
        expect((await world.store.outbox.find(first.id))?.sentGuid).toBe("S2");
      });

      test("the answer may come after the process was given up", async () => {
        await add("a");
        const claimed = only(await world.claim());
        await world.store.outbox.abandon(HOME, START, START);
        expect(await world.settle(claimed, sent("S"))).toBe(true);
      });
    });

    describe("unknown fate", () => {
      test("abandon marks what a dead process was sending", async () => {
        await add("a", "b");
        const claimed = only(await world.claim());
        const next = await world.another();
        expect(await next.outbox.abandon(WORK, START + 15, START)).toBe(0);
        expect(await next.outbox.abandon(HOME, START + 15, START)).toBe(1);
        expect(await next.outbox.abandon(HOME, START + 15, START)).toBe(0);
        expect(await world.state(claimed.id)).toBe("unknown");
        expect(await world.claim()).toEqual([]);
      });

      test("is listed when the time to look has come, with its attempt", async () => {
        await add("a");
        const claimed = only(await world.claim());
        await world.settle(claimed, { state: "unknown", reason: "lost", checkAtMs: START + 50 });
        expect(await world.store.outbox.unsettled(HOME, START + 49)).toEqual([]);
        const found = { ...claimed, unknownSinceMs: world.nowMs };
        expect(await world.store.outbox.unsettled(HOME, START + 50)).toEqual([found]);
        expect(await world.store.outbox.unsettled(WORK, START + 50)).toEqual([]);
      });

      test("keeps when the attempt ended, and whether Messages has it, until the next attempt ends so", async () => {
        await add("a");
        const claimed = only(await world.claim());
        const lost = { state: "unknown", reason: "lost", checkAtMs: START } as const;
        await world.settle(claimed, { ...lost, handedOver: true });
        world.nowMs += 7;
        await world.settle(claimed, lost);
        const found = async () => only(await world.store.outbox.unsettled(HOME, START));
        expect(await found()).toMatchObject({ handedOver: true, unknownSinceMs: START });
        await world.settle(claimed, { state: "queued", reason: "absent", notBeforeMs: START });
        await world.settle(only(await world.claim()), lost);
        expect(await found()).toMatchObject({ handedOver: false, unknownSinceMs: START + 7 });
      });

      test("of what a dead process was sending begins when that is noticed", async () => {
        await add("a");
        await world.claim();
        await world.store.outbox.abandon(HOME, START, START + 9);
        const found = only(await world.store.outbox.unsettled(HOME, START));
        expect(found).toMatchObject({ handedOver: false, unknownSinceMs: START + 9 });
      });

      test("is not that of a row that a person wrote in a note to self", async () => {
        const note = world.message(ANNA, "note", { guid: "NOTE" as MessageGuid, isFromMe: true });
        const other = world.message(ANNA, "other", { guid: "OTHER" as MessageGuid, isFromMe: true });
        await world.decide([note], {});
        await world.decide([other], { outcome: { kind: "remember", code: "own.row", because: "x" } });
        await add("a");
        await world.settle(only(await world.claim()), sent("SENT"));
        const guids = ["NOTE", "OTHER", "SENT"] as MessageGuid[];
        expect(await world.store.outbox.knownGuids(HOME, guids)).toEqual(new Set(["NOTE", "SENT"]));
      });

      test("stays looked for until it is settled", async () => {
        await add("a");
        const claimed = only(await world.claim());
        await world.settle(claimed, { state: "unknown", reason: "lost", checkAtMs: START });
        await world.settle(claimed, { state: "unknown", reason: "unclear", checkAtMs: START + 20 });
        expect(await world.store.outbox.unsettled(HOME, START)).toEqual([]);
        expect(only(await world.store.outbox.unsettled(HOME, START + 20)).id).toBe(claimed.id);
      });
    });

    describe("nextDueMs", () => {
      test("is undefined where nothing is on its way", async () => {
        expect(await nextDueMs()).toBeUndefined();
        await add("a");
        await world.sendAll();
        expect(await nextDueMs()).toBeUndefined();
      });

      test("is the earliest moment at which something can be done", async () => {
        const bert = await world.waits(BERT, "hello");
        await add("a1", "a2");
        await world.store.outbox.add(world.group(bert, "b1"), world.nowMs);
        expect(await nextDueMs()).toBe(START);
        const [first, second] = await world.claim();
        expect(await nextDueMs()).toBeUndefined();
        if (!first || !second) throw new Error("two parts were to be claimed");
        await world.settle(first, { state: "unknown", reason: "lost", checkAtMs: START + 70 });
        expect(await nextDueMs()).toBe(START + 70);
        await world.settle(second, { state: "queued", reason: "later", notBeforeMs: START + 60 });
        expect(await nextDueMs()).toBe(START + 60);
        expect(await world.store.outbox.nextDueMs(WORK)).toBeUndefined();
      });

      test("does not count what a parked part holds back", async () => {
        await add("a1", "a2");
        await park();
        expect(await nextDueMs()).toBeUndefined();
      });
    });

    test("a file goes with its part, and own rows can be matched with it", async () => {
      const file = { path: "/state/media/ab.png", name: "Café.png", mimeType: "image/png", bytes: 7 };
      const parts = [part("before"), part("", { file })];
      await world.store.outbox.add({ accountId: HOME, conversationId: anna, parts }, world.nowMs);
      const before = only(await world.claim());
      expect(before.file).toBeUndefined();
      await world.settle(before, sent("G-1"));
      const claimed = only(await world.claim());
      expect(claimed).toMatchObject({ text: "", file });
      expect(await world.store.outbox.find(claimed.id)).toMatchObject({ state: "sending", file });
      const { ownRecent } = await world.factsFor(world.message(ANNA, "next"));
      expect(ownRecent.map((own) => own.file)).toEqual([undefined, file]);
    });

    test("knownGuids picks the guids of parts that are sent", async () => {
      await add("a");
      await world.settle(only(await world.claim()), sent("OURS"));
      const guids = ["OURS", "THEIRS"] as MessageGuid[];
      expect([...(await world.store.outbox.knownGuids(HOME, guids))]).toEqual(["OURS"]);
      expect([...(await world.store.outbox.knownGuids(WORK, guids))]).toEqual([]);
    });

    test("list filters by state, newest first, up to a limit", async () => {
      await add("a");
      await park();
      await add("b");
      await park();
      await add("c");
      expect(texts(await world.store.outbox.list({ limit: 9 }))).toEqual(["c", "b", "a"]);
      expect(texts(await world.store.outbox.list({ limit: 2 }))).toEqual(["c", "b"]);
      expect(texts(await world.store.outbox.list({ states: ["parked"], limit: 9 }))).toEqual(["b", "a"]);
      expect(texts(await world.store.outbox.list({ states: ["parked", "queued"], limit: 2 }))).toEqual([
        "c",
        "b",
      ]);
      expect(await world.store.outbox.list({ states: [], limit: 9 })).toEqual([]);
    });

    test("retry is for parked parts", async () => {
      const id = only(await add("a"));
      expect(await world.store.outbox.retry(id, world.nowMs)).toBe(false);
      const parked = await park();
      world.nowMs += HOUR;
      expect(await world.store.outbox.retry(id, world.nowMs)).toBe(true);
      expect(await world.store.outbox.find(id)).toMatchObject({
        state: "queued",
        reason: undefined,
        notBeforeMs: world.nowMs,
      });
      expect(only(await world.claim())).toMatchObject({ id: parked.id, attempts: 2 });
      expect(await world.store.outbox.retry(999 as PartId, world.nowMs)).toBe(false);
    });

    test("drop is for parts that are neither sent nor being sent", async () => {
      const [first, second] = await add("a", "b");
      await world.claim();
      expect(await world.store.outbox.drop(first as PartId, world.nowMs)).toBe(false);
      expect(await world.store.outbox.drop(second as PartId, world.nowMs)).toBe(true);
      expect(await world.store.outbox.drop(second as PartId, world.nowMs)).toBe(false);
      await world.store.outbox.abandon(HOME, START, START);
      expect(await world.store.outbox.drop(first as PartId, world.nowMs)).toBe(true);
      expect(await world.store.outbox.unsettled(HOME, START)).toEqual([]);
      expect(await world.store.outbox.drop(999 as PartId, world.nowMs)).toBe(false);
    });

    test("what one process adds the other claims", async () => {
      const cli = await world.another();
      await cli.outbox.add(world.group(anna, "from the command line"), world.nowMs);
      expect(texts(await world.claim())).toEqual(["from the command line"]);
    });
  });
}
