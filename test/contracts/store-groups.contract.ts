// The contract of what is known of chats: names of groups, whether one is busy, chats by target, threads to be configured.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AccountId, ChatGuid, ChatId } from "../../src/model/ids.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import {
  ANNA,
  BERT,
  CARL,
  commandOutcome,
  HOME,
  HOUR,
  START,
  WORK,
  World,
  type MessageChanges,
  type StateDatabase,
} from "./store-world.ts";

export function describeGroups(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();
  const inGroup = (guid: string, chatId: number, changes: MessageChanges = {}) =>
    world.message(ANNA, "hi", {
      isGroup: true,
      chatGuid: `iMessage;+;${guid}` as ChatGuid,
      chatId: chatId as ChatId,
      ...changes,
    });
  const ask = async (row: InboundMessage) =>
    world.store.records.facts(row, { handle: ANNA, nowMs: world.nowMs });

  describe("the name of a group", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const nameOf = async (row: InboundMessage) => (await world.factsFor(row)).groupName;

    test("is its chat id, and stays so when the chat has another", async () => {
      expect(await nameOf(inGroup("a", 7))).toBe("7");
      expect(await nameOf(inGroup("a", 12))).toBe("7");
      const again = inGroup("a", 31, { chatGuid: "any;+;a" as ChatGuid });
      expect(await nameOf(again)).toBe("7");
    });

    test("is longer where another chat has it, of whichever account", async () => {
      expect(await nameOf(inGroup("a", 7))).toBe("7");
      expect(await nameOf(inGroup("b", 7, { accountId: WORK }))).toBe("7@work");
      expect(await nameOf(inGroup("c", 7, { accountId: WORK }))).toBe("7@work.2");
      expect(await nameOf(inGroup("d", 7, { accountId: WORK }))).toBe("7@work.3");
      expect(await nameOf(inGroup("e", 7))).toBe("7@home");
      expect(await nameOf(inGroup("c", 9, { accountId: WORK }))).toBe("7@work.2");
    });

    test("of chats in one batch is each its own", async () => {
      await world.accept(inGroup("a", 7), inGroup("b", 7));
      const seen: string[] = [];
      const look = world.verdict((_entry, facts) => {
        seen.push(facts.groupName);
        return {};
      });
      await world.store.inbox.decide(HOME, look);
      expect(seen).toEqual(["7", "7@home"]);
    });

    test("is taken when it is first asked for, not before", async () => {
      await world.decide([inGroup("a", 7)]);
      expect(await nameOf(inGroup("b", 7))).toBe("7");
      expect(await nameOf(inGroup("a", 8))).toBe("8");
    });

    test("is known to the next process", async () => {
      await nameOf(inGroup("a", 7));
      const next = await world.another();
      const facts = await next.records.facts(inGroup("a", 70), { handle: ANNA, nowMs: world.nowMs });
      expect(facts.groupName).toBe("7");
    });

    test("falls back on the guid where imsg gives no id", async () => {
      expect(await nameOf(inGroup("a", 0))).toBe("iMessage;+;a");
    });
  });

  describe("a conversation is busy", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const isBusy = async () => (await world.factsFor(world.message(ANNA, "x"))).busy;

    test("while messages of it wait or a turn of it runs", async () => {
      await world.waits(BERT, "elsewhere");
      expect(await isBusy()).toBe(false);
      const anna = await world.waits(ANNA, "one");
      expect(await isBusy()).toBe(true);
      const turn = await world.begin(anna);
      expect(await isBusy()).toBe(true);
      const end = { state: "answered", text: "" } as const;
      await world.store.turns.finish(turn, end, world.group(anna), world.nowMs);
      expect(await isBusy()).toBe(false);
    });

    test("for the decision after the one that made it so", async () => {
      await world.accept(
        world.message(ANNA, "one"),
        world.message(ANNA, "stop"),
        world.message(BERT, "stop"),
      );
      const seen: boolean[] = [];
      const look = world.verdict((_entry, facts) => {
        seen.push(facts.busy);
        return {};
      });
      await world.store.inbox.decide(HOME, look);
      expect(seen).toEqual([false, true, false]);
    });

    test("not by commands that are carried out at once", async () => {
      await world.decide([world.message(ANNA, "/help")], { outcome: commandOutcome({ name: "help" }) });
      expect(await isBusy()).toBe(false);
    });
  });

  describe("facts asked for without a decision", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("are those of the next decision", async () => {
      await world.answer(ANNA, "reply");
      await world.sendAll();
      await world.asks(BERT, "AAAA");
      for (const from of [ANNA, BERT, CARL]) {
        const row = world.message(from, "hi");
        const asked = { handle: from, nowMs: world.nowMs };
        const facts = await world.store.records.facts(row, asked);
        expect(facts).toEqual(await world.factsFor(row));
      }
    });

    test("change nothing: no chat is made, no name is given", async () => {
      expect(await ask(inGroup("a", 7))).toMatchObject({ groupName: "7", busy: false, firstStartMs: START });
      expect(await world.store.records.chat(HOME, { kind: "chat_id", chatId: 7 })).toBeUndefined();
      await world.decide([inGroup("a", 7)]);
      expect((await ask(inGroup("a", 7))).groupName).toBe("7");
      expect((await world.factsFor(inGroup("b", 7))).groupName).toBe("7");
      expect((await ask(inGroup("a", 8))).groupName).toBe("8");
    });

    test("of an account that never started are empty", async () => {
      const row = world.message(ANNA, "hi", { accountId: "other" as AccountId });
      expect(await ask(row)).toMatchObject({
        paired: false,
        request: "none",
        firstStartMs: 0,
        lastReply: [],
      });
    });
  });

  describe("chats", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("are found by every target that names them", async () => {
      await world.waits(ANNA, "hi");
      const known = {
        chatId: 1,
        chatGuid: `iMessage;-;${ANNA}`,
        chatIdentifier: ANNA,
        isGroup: false,
        peer: ANNA,
      };
      for (const target of [
        { kind: "chat_id", chatId: 1 },
        { kind: "chat_guid", guid: `any;-;${ANNA}` },
        { kind: "chat_identifier", identifier: ANNA },
        { kind: "handle", handle: ANNA, service: "sms" },
      ] as const) {
        expect(await world.store.records.chat(HOME, target)).toEqual(known);
        expect(await world.store.records.chat(WORK, target)).toBeUndefined();
      }
      expect(await world.store.records.chat(HOME, { kind: "chat_id", chatId: 2 })).toBeUndefined();
    });

    test("that are groups have no peer", async () => {
      await world.decide([inGroup("a", 7)]);
      expect(await world.store.records.chat(HOME, { kind: "chat_id", chatId: 7 })).toMatchObject({
        chatGuid: "iMessage;+;a",
        isGroup: true,
        peer: undefined,
      });
    });
  });

  describe("threads to be configured", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const held = async (guid: string, chatId: number, changes: MessageChanges = {}) => {
      const row = inGroup(guid, chatId, { isGroup: false, participants: [ANNA, BERT], ...changes });
      await world.decide([row], {
        outcome: { kind: "ignore", code: "groupish.unconfigured", because: "two people", fix: "add a key" },
      });
      world.nowMs += HOUR;
    };
    const unconfigured = async (sinceMs: number) => world.store.records.unconfigured(HOME, sinceMs);

    test("are listed once each, newest first, as they are now", async () => {
      await held("a", 7);
      await held("b", 8);
      await held("a", 9, { participants: [ANNA, BERT, CARL] });
      await held("w", 10, { accountId: WORK });
      await world.decide([inGroup("other", 11)]);
      expect(await unconfigured(START)).toEqual([
        {
          chatId: 9,
          chatGuid: "iMessage;+;a",
          chatIdentifier: ANNA,
          participants: [ANNA, BERT, CARL],
          lastAtMs: START + 2 * HOUR,
        },
        {
          chatId: 8,
          chatGuid: "iMessage;+;b",
          chatIdentifier: ANNA,
          participants: [ANNA, BERT],
          lastAtMs: START + HOUR,
        },
      ]);
    });

    test("are forgotten with time", async () => {
      await held("a", 7);
      expect(await unconfigured(START)).toHaveLength(1);
      expect(await unconfigured(START + 1)).toEqual([]);
    });
  });
}
