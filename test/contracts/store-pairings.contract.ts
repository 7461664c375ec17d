// The contract of `Pairings`: codes that expire, approvals that release what was held, denials.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentId, SessionKey } from "../../src/model/ids.ts";
import type { MessageStory, PairingApproval } from "../../src/model/store.ts";
import {
  ANNA,
  BERT,
  CARL,
  HOLD,
  HOME,
  HOUR,
  MINUTE,
  only,
  part,
  requestOutcome,
  START,
  texts,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

export function describePairings(create: () => Promise<StateDatabase>): void {
  describe("pairings", () => {
    let world: World;
    beforeEach(async () => {
      world = await World.create(create);
    });
    afterEach(async () => world.database.remove());

    const approval = (changes: Partial<PairingApproval> = {}): PairingApproval => ({
      notice: "you are in",
      nowMs: world.nowMs,
      route: (_entry, handle) => ({
        agentId: "main" as AgentId,
        sessionKey: `agent:main:${handle}` as SessionKey,
      }),
      ...changes,
    });
    const approve = async (code: string, changes: Partial<PairingApproval> = {}) =>
      world.store.pairings.approve(code, approval(changes));
    const deny = async (code: string) => world.store.pairings.deny(code, { nowMs: world.nowMs });
    const pending = async () => world.store.pairings.pending(world.nowMs);
    const writes = async (from: typeof ANNA, text: string) =>
      world.decide([world.message(from, text)], { outcome: HOLD });
    const storyOf = async (guid: MessageStory["entry"]["message"]["guid"]) =>
      only(await world.store.records.explain({ guid }));

    test("pending requests are listed until they expire, with what was written meanwhile", async () => {
      await world.asks(ANNA, "AAAA");
      await writes(ANNA, "are you there?");
      world.nowMs += MINUTE;
      await world.asks(BERT, "BBBB", { accountId: WORK });
      expect(
        (await pending()).map(({ code, accountId, heldMessages }) => [code, accountId, heldMessages]),
      ).toEqual([
        ["AAAA", HOME, 2],
        ["BBBB", WORK, 1],
      ]);
      world.nowMs = START + HOUR;
      expect((await pending()).map(({ code }) => code)).toEqual(["BBBB"]);
    });

    test("a request of one handle at a time", async () => {
      await world.asks(ANNA, "AAAA");
      await world.accept(world.message(ANNA, "again"));
      const second = world.verdict(() => ({ outcome: requestOutcome("CCCC", world.nowMs + HOUR) }));
      await expect(world.store.inbox.decide(HOME, second)).rejects.toThrow();
      expect((await pending()).map(({ code }) => code)).toEqual(["AAAA"]);
    });

    test("two requests of one account cannot have one code, those of two accounts can", async () => {
      await world.asks(ANNA, "AAAA");
      await expect(world.asks(BERT, "aaaa")).rejects.toThrow();
      await world.asks(BERT, "AAAA", { accountId: WORK });
      await world.store.pairings.approve("AAAA", approval({ accountId: WORK }));
      expect((await pending()).map(({ handle }) => handle)).toEqual([ANNA]);
    });

    test("approve lets the handle in, in whatever case the code is typed", async () => {
      await world.asks(ANNA, "ABCD2345");
      world.nowMs += MINUTE;
      const grant = { accountId: HOME, handle: ANNA, approvedAtMs: world.nowMs };
      expect(await approve("abcd2345")).toEqual(grant);
      expect(await world.store.pairings.approved()).toEqual([grant]);
      expect(await pending()).toEqual([]);
      expect(await approve("ABCD2345")).toBeUndefined();
    });

    test("approve knows no unknown, expired or other account's code", async () => {
      await world.asks(ANNA, "AAAA");
      expect(await approve("BBBB")).toBeUndefined();
      expect(await approve("AAAA", { accountId: WORK })).toBeUndefined();
      expect(await approve("AAAA", { nowMs: START + HOUR })).toBeUndefined();
      expect(await world.store.pairings.approved()).toEqual([]);
      expect(await approve("AAAA", { nowMs: START + HOUR - 1 })).toBeDefined();
    });

    test("two processes that approve at once approve once", async () => {
      await world.asks(ANNA, "AAAA");
      const cli = await world.another();
      const both = await Promise.all([approve("AAAA"), cli.pairings.approve("AAAA", approval())]);
      expect(both.filter((grant) => grant !== undefined)).toHaveLength(1);
    });

    test("what was written in the hour before waits as one turn, decided a second time", async () => {
      const first = only(await world.asks(ANNA, "AAAA"));
      const second = only(await writes(ANNA, "are you there?"));
      const conversationId = first.entry.conversationId;
      world.nowMs += HOUR - 1;
      await approve("AAAA");
      expect(await world.store.turns.waiting(HOME)).toEqual([conversationId]);
      const story = await storyOf(second.entry.message.guid);
      expect(story.state).toBe("waiting");
      expect(story.decisions.map(({ outcome, atMs }) => [outcome.kind, atMs])).toEqual([
        ["hold", START],
        ["turn", world.nowMs],
      ]);
      expect(story.decisions[1]).toMatchObject({
        handle: ANNA,
        configVersion: "v1",
        gates: [{ name: "pairing", passed: true }],
      });
      if (conversationId === undefined) throw new Error("no conversation");
      const turn = await world.begin(conversationId);
      expect(turn.sessionKey).toBe(`agent:main:${ANNA}`);
      expect(turn.messages.map(({ message }) => message.text)).toEqual([
        `hello from ${ANNA}`,
        "are you there?",
      ]);
    });

    test("what was written earlier becomes context", async () => {
      const early = only(await world.asks(ANNA, "AAAA"));
      world.nowMs += HOUR + 1;
      await world.asks(ANNA, "BBBB");
      expect(only(await pending()).heldMessages).toBe(1);
      await approve("BBBB");
      const story = await storyOf(early.entry.message.guid);
      expect(story.state).toBe("done");
      expect(story.decisions.map(({ outcome }) => outcome.kind)).toEqual(["hold", "remember"]);
      expect(await world.store.turns.waiting(HOME)).toEqual([early.entry.conversationId]);
    });

    test("others' messages stay held", async () => {
      await world.asks(ANNA, "AAAA");
      const other = only(await world.asks(BERT, "BBBB"));
      await world.asks(ANNA, "CCCC", { accountId: WORK });
      await approve("AAAA");
      expect((await storyOf(other.entry.message.guid)).state).toBe("held");
      expect(await world.store.turns.waiting(WORK)).toEqual([]);
    });

    test("the stranger is told in the chat of the request, behind the code", async () => {
      const { entry } = only(await world.asks(ANNA, "AAAA"));
      await approve("AAAA");
      const items = await world.store.outbox.list({ limit: 9 });
      expect(items[0]).toMatchObject({
        accountId: HOME,
        conversationId: entry.conversationId,
        target: { kind: "chat_id", chatId: entry.message.chatId },
        text: "you are in",
      });
      expect(await world.sendAll()).toEqual(["code AAAA", "you are in"]);
    });

    test("a route that throws leaves the request pending", async () => {
      await world.asks(ANNA, "AAAA");
      const route = () => {
        throw new Error("no such agent");
      };
      await expect(approve("AAAA", { route })).rejects.toThrow("no such agent");
      expect(await pending()).toHaveLength(1);
      expect(await world.store.pairings.approved()).toEqual([]);
    });

    test("deny answers with the request and ends what was held", async () => {
      const { entry } = only(await world.asks(ANNA, "AAAA"));
      await writes(ANNA, "hello?");
      expect(await deny("aaaa")).toEqual({
        accountId: HOME,
        handle: ANNA,
        code: "AAAA",
        createdAtMs: START,
        expiresAtMs: START + HOUR,
        heldMessages: 2,
      });
      expect(await pending()).toEqual([]);
      expect(await deny("AAAA")).toBeUndefined();
      expect(await approve("AAAA")).toBeUndefined();
      const story = await storyOf(entry.message.guid);
      expect(story.state).toBe("done");
      expect(story.decisions[1]?.outcome).toMatchObject({ kind: "ignore", code: "pairing.denied" });
      expect(await world.store.turns.waiting(HOME)).toEqual([]);
    });

    test("deny keeps to the account it is given", async () => {
      await world.asks(ANNA, "AAAA");
      const choice = { accountId: WORK, nowMs: world.nowMs };
      expect(await world.store.pairings.deny("AAAA", choice)).toBeUndefined();
      expect(await pending()).toHaveLength(1);
    });

    test("revoke counts the grants it takes back", async () => {
      await world.asks(ANNA, "AAAA");
      await world.asks(ANNA, "BBBB", { accountId: WORK });
      await approve("AAAA");
      await approve("BBBB");
      expect(await world.store.pairings.revoke(BERT, {})).toBe(0);
      expect(await world.store.pairings.revoke(ANNA, { accountId: WORK })).toBe(1);
      expect((await world.store.pairings.approved()).map(({ accountId }) => accountId)).toEqual([HOME]);
      expect(await world.store.pairings.revoke(ANNA, {})).toBe(1);
      expect(await world.store.pairings.revoke(ANNA, {})).toBe(0);
    });

    test("those turned away in the last hour are listed once each", async () => {
      const full = {
        outcome: { kind: "ignore", code: "pairing.full", because: "three", fix: "approve" },
      } as const;
      await world.decide([world.message(ANNA, "one")], full);
      world.nowMs += MINUTE;
      await world.decide([world.message(ANNA, "two"), world.message(BERT, "three")], full);
      await world.decide([world.message(CARL, "four")]);
      const list = await world.store.pairings.turnedAway(world.nowMs);
      expect(list).toHaveLength(2);
      expect(list).toEqual(
        expect.arrayContaining([
          { accountId: HOME, handle: ANNA, lastAtMs: world.nowMs },
          { accountId: HOME, handle: BERT, lastAtMs: world.nowMs },
        ]),
      );
      expect(await world.store.pairings.turnedAway(world.nowMs + HOUR)).toEqual([]);
    });

    test("a pairing reply goes where the decision says", async () => {
      const row = world.message(ANNA, "hi");
      const outcome = requestOutcome("AAAA", world.nowMs + HOUR);
      const target = { kind: "chat_guid", guid: row.chatGuid } as const;
      const reply = part("code", { origin: "pairing", target });
      if (outcome.kind !== "hold" || !outcome.request) throw new Error("not a request");
      await world.decide([row], { outcome: { ...outcome, request: { ...outcome.request, reply } } });
      const claimed = await world.claim();
      expect(only(claimed).target).toEqual(target);
      expect(texts(claimed)).toEqual(["code"]);
    });
  });
}
