// The contract of decisions: the facts they see and the changes they carry.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Handle } from "../../src/model/handle.ts";
import type { AccountId, ChatGuid, ChatId, MessageGuid } from "../../src/model/ids.ts";
import type { OutboxItem } from "../../src/model/journal.ts";
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
  sent,
  texts,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

export function describeFacts(create: () => Promise<StateDatabase>): void {
  describe("decisions", () => {
    let world: World;
    beforeEach(async () => {
      world = await World.create(create);
    });
    afterEach(async () => world.database.remove());

    describe("see of our own parts", () => {
      test("nothing, where nothing was said", async () => {
        expect(await world.factsFor(world.message(ANNA, "hi"))).toEqual({
          ownByGuid: undefined,
          isMuted: false,
          approvals: [],
          wasGroupish: false,
          justBefore: [],
          ownRecent: [],
          ownUnreturned: [],
          delivered: undefined,
          twin: undefined,
          lastReply: [],
          mirrorStreak: 0,
          paired: false,
          request: "none",
          pendingRequests: 0,
          groupName: "1",
          pinnedAgent: undefined,
          busy: false,
          firstStartMs: world.nowMs,
          nowMs: world.nowMs,
        });
      });

      test("the one with the row's guid, whatever its age, in its account", async () => {
        const item = only(await world.answer(ANNA, "reply"));
        const guid = "OURS" as MessageGuid;
        await world.settle(only(await world.claim()), sent(guid));
        const sentAtMs = world.nowMs;
        world.nowMs += 24 * HOUR;
        const facts = await world.factsFor(world.message(ANNA, "reply", { guid }));
        expect(facts.ownByGuid).toEqual({
          id: item.id,
          state: "sent",
          text: "reply",
          guid,
          sentAtMs,
          echoed: false,
          returned: false,
        });
        expect(facts.ownRecent).toEqual([]);
        const elsewhere = await world.factsFor(world.message(ANNA, "reply", { guid, accountId: WORK }));
        expect(elsewhere.ownByGuid).toBeUndefined();
      });

      test("what the same sender wrote there a moment before", async () => {
        const at = (seconds: number) => ({ createdAtMs: world.nowMs + seconds * 1000 });
        await world.accept(
          world.message(ANNA, "too early", at(0)),
          world.message(ANNA, "look", at(10)),
          world.message(BERT, "another chat", at(10)),
          world.message(ANNA, "mine", { ...at(10), isFromMe: true }),
        );
        expect((await world.factsFor(world.message(ANNA, "https://a.b", at(15)))).justBefore).toEqual([
          "look",
        ]);
      });

      test("the one whose attempt has the row's guid, before its answer came", async () => {
        await world.answer(ANNA, "reply");
        const claimed = only(await world.claim());
        const guid = claimed.attemptId.toUpperCase() as MessageGuid;
        const facts = await world.factsFor(world.message(ANNA, "reply", { guid, isFromMe: true }));
        expect(facts.ownByGuid).toMatchObject({ id: claimed.id, state: "sending", sentAtMs: undefined });
      });

      test("an earlier attempt's guid too", async () => {
        await world.answer(ANNA, "reply");
        const first = only(await world.claim());
        await world.settle(first, { state: "queued", reason: "no", notBeforeMs: world.nowMs });
        await world.claim();
        const guid = first.attemptId as string as MessageGuid;
        expect((await world.factsFor(world.message(ANNA, "reply", { guid }))).ownByGuid?.id).toBe(first.id);
      });

      test("those unconfirmed, or confirmed within ten minutes, oldest first", async () => {
        await world.answer(ANNA, "old", "recent", "under way", "not begun");
        await world.settle(only(await world.claim()), sent("S1"));
        world.nowMs += 5 * MINUTE;
        await world.settle(only(await world.claim()), sent("S2"));
        world.nowMs += 5 * MINUTE;
        await world.claim();
        const facts = await world.factsFor(world.message(ANNA, "x"));
        expect(texts(facts.ownRecent)).toEqual(["recent", "under way"]);
        const earlier = await world.factsFor(world.message(ANNA, "y"), world.nowMs - 1);
        expect(texts(earlier.ownRecent)).toEqual(["old", "recent", "under way"]);
        expect((await world.factsFor(world.message(BERT, "z"))).ownRecent).toEqual([]);
      });

      test("those of unknown fate, however old", async () => {
        await world.answer(ANNA, "unknown");
        const unknown = only(await world.claim());
        await world.settle(unknown, { state: "unknown", reason: "lost", checkAtMs: 0 });
        world.nowMs += 3 * HOUR;
        expect(texts((await world.factsFor(world.message(ANNA, "x"))).ownRecent)).toEqual(["unknown"]);
      });

      test("for a day those that may appear although they wait for the owner, were dropped, or are to be sent again", async () => {
        await world.answer(ANNA, "lost");
        const lost = only(await world.claim());
        await world.settle(lost, { state: "unknown", reason: "lost", checkAtMs: 0 });
        const recent = async () => texts((await world.factsFor(world.message(ANNA, "x"))).ownRecent);
        await world.settle(lost, { state: "queued", reason: "absent", notBeforeMs: world.nowMs });
        expect(await recent()).toEqual(["lost"]);
        const again = only(await world.claim());
        await world.settle(again, { state: "parked", reason: "no such chat" });
        expect(await recent()).toEqual(["lost"]);
        await world.store.outbox.drop(lost.id, world.nowMs);
        world.nowMs += 23 * HOUR;
        expect(await recent()).toEqual(["lost"]);
        world.nowMs += HOUR;
        expect(await recent()).toEqual([]);
      });

      test("one that may appear in a chat that the journal did not know when it was sent", async () => {
        const target = { kind: "handle", handle: ANNA, service: "auto" } as const;
        const group = { accountId: HOME, conversationId: undefined, parts: [part("by hand", { target })] };
        await world.store.outbox.add(group, world.nowMs);
        const lost = only(await world.claim());
        await world.settle(lost, { state: "unknown", reason: "lost", checkAtMs: 0 });
        await world.settle(lost, { state: "parked", reason: "unclear" });
        expect(texts((await world.factsFor(world.message(ANNA, "x"))).ownRecent)).toEqual(["by hand"]);
        expect((await world.factsFor(world.message(BERT, "x"))).ownRecent).toEqual([]);
      });

      test("none that certainly was not sent", async () => {
        await world.answer(ANNA, "refused");
        const refused = only(await world.claim());
        await world.settle(refused, { state: "parked", reason: "no such chat" });
        expect((await world.factsFor(world.message(ANNA, "x"))).ownRecent).toEqual([]);
      });

      test("those whose own row was not seen, however old", async () => {
        await world.answer(ANNA, "one");
        const one = only(await world.claim());
        await world.settle(one, sent("S1"));
        world.nowMs += 3 * HOUR;
        const unreturned = async () => texts((await world.factsFor(world.message(ANNA, "x"))).ownUnreturned);
        expect(await unreturned()).toEqual(["one"]);
        const row = world.message(ANNA, "one", { isFromMe: true });
        await world.decide([row], { settles: one.id });
        expect(await unreturned()).toEqual(["one"]);
        await world.decide([world.message(ANNA, "one", { isFromMe: true })], {
          settles: one.id,
          settlesWhole: true,
        });
        expect(await unreturned()).toEqual([]);
      });

      test("one that was sent to a target of the same chat", async () => {
        await world.waits(ANNA, "hi");
        await world.store.outbox.add(
          {
            accountId: HOME,
            conversationId: undefined,
            parts: [part("by hand", { target: { kind: "handle", handle: ANNA, service: "auto" } })],
          },
          world.nowMs,
        );
        await world.claim();
        expect(texts((await world.factsFor(world.message(ANNA, "x"))).ownRecent)).toEqual(["by hand"]);
      });

      test("the texts of the last reply of which anything went out", async () => {
        await world.answer(ANNA, "first");
        await world.sendAll();
        world.nowMs += 1000;
        await world.answer(ANNA, "second a", "second b");
        expect((await world.factsFor(world.message(ANNA, "x"))).lastReply).toEqual(["first"]);
        await world.claim();
        expect((await world.factsFor(world.message(ANNA, "y"))).lastReply).toEqual(["second a"]);
        await world.store.outbox.abandon(HOME, world.nowMs, world.nowMs);
        await world.settle(only(await world.store.outbox.unsettled(HOME, world.nowMs)), sent("S"));
        await world.sendAll();
        expect((await world.factsFor(world.message(ANNA, "z"))).lastReply).toEqual(["second a", "second b"]);
        expect((await world.factsFor(world.message(BERT, "z"))).lastReply).toEqual([]);
      });

      test("all that was said in the turn of the last reply", async () => {
        await world.answer(ANNA, "before");
        await world.sendAll();
        const turn = await world.begin(await world.waits(ANNA, "hi"));
        for (const text of ["one", "two"]) {
          world.nowMs += 1000;
          const group = world.group(turn.conversationId, text);
          await world.store.turns.say(turn, { streamed: text }, group, world.nowMs);
          await world.sendAll();
        }
        expect((await world.factsFor(world.message(ANNA, "x"))).lastReply).toEqual(["one", "two"]);
      });
    });

    test("see the streak that the decision before them set, per conversation", async () => {
      const rows = [world.message(ANNA, "one"), world.message(ANNA, "two"), world.message(BERT, "three")];
      await world.accept(...rows);
      const seen: number[] = [];
      await world.store.inbox.decide(
        HOME,
        world.verdict((_entry, facts) => {
          seen.push(facts.mirrorStreak);
          return { mirrorStreak: facts.mirrorStreak + 1 };
        }),
      );
      expect(seen).toEqual([0, 1, 0]);
      expect((await world.factsFor(world.message(ANNA, "four"))).mirrorStreak).toBe(2);
      expect((await world.factsFor(world.message(ANNA, "five"))).mirrorStreak).toBe(0);
    });

    describe("see of pairing", () => {
      test("requests made by decisions before them, the sender's own left out", async () => {
        const rows = [
          world.message(ANNA, "one"),
          world.message(ANNA, "two"),
          world.message(BERT, "three"),
          world.message(CARL, "four", { accountId: HOME }),
        ];
        await world.accept(...rows);
        const seen: unknown[] = [];
        await world.store.inbox.decide(
          HOME,
          world.verdict((entry, facts) => {
            seen.push([facts.request, facts.pendingRequests]);
            const code = `CODE${entry.id}`;
            return {
              outcome: facts.request === "none" ? requestOutcome(code, world.nowMs + HOUR) : HOLD,
            };
          }),
        );
        expect(seen).toEqual([
          ["none", 0],
          ["pending", 0],
          ["none", 1],
          ["none", 2],
        ]);
        const work = await world.factsFor(world.message(ANNA, "x", { accountId: WORK }));
        expect([work.request, work.pendingRequests]).toEqual(["none", 0]);
      });

      test("no request once it has expired, and a new one may be made", async () => {
        await world.asks(ANNA, "FIRST");
        world.nowMs += HOUR;
        const facts = await world.factsFor(world.message(ANNA, "x"));
        expect([facts.request, facts.pendingRequests]).toEqual(["none", 0]);
        expect((await world.factsFor(world.message(BERT, "y"))).pendingRequests).toBe(0);
        await world.asks(ANNA, "FIRST");
        expect(await world.store.pairings.pending(world.nowMs)).toHaveLength(1);
      });

      test("that a conversation once had several people in it although it said it was direct", async () => {
        const both = { participants: [ANNA, BERT] };
        expect((await world.factsFor(world.message(ANNA, "hi", both))).wasGroupish).toBe(false);
        const outcome = {
          kind: "ignore",
          code: "groupish.unconfigured",
          because: "two",
          fix: "key",
        } as const;
        await world.decide([world.message(ANNA, "hi again", both)], { outcome });
        expect((await world.factsFor(world.message(ANNA, "x"))).wasGroupish).toBe(true);
        expect((await world.factsFor(world.message(BERT, "x"))).wasGroupish).toBe(false);
      });

      test("a denial for an hour", async () => {
        await world.asks(ANNA, "CODE");
        await world.store.pairings.deny("CODE", { nowMs: world.nowMs });
        world.nowMs += HOUR - 1;
        expect((await world.factsFor(world.message(ANNA, "x"))).request).toBe("denied");
        world.nowMs += 1;
        expect((await world.factsFor(world.message(ANNA, "y"))).request).toBe("none");
      });

      test("the approval, of that account only", async () => {
        await world.asks(ANNA, "CODE");
        await world.store.pairings.approve("CODE", {
          notice: "in",
          nowMs: world.nowMs,
          route: () => ({ agentId: "main" as never, sessionKey: "s" as never }),
        });
        const facts = await world.factsFor(world.message(ANNA, "x"));
        expect([facts.paired, facts.request]).toEqual([true, "none"]);
        expect((await world.factsFor(world.message(ANNA, "x", { accountId: WORK }))).paired).toBe(false);
        await world.store.pairings.revoke(ANNA, { accountId: HOME });
        expect((await world.factsFor(world.message(ANNA, "y"))).paired).toBe(false);
      });
    });

    describe("carry", () => {
      test("the proof that a part was sent; its attempt is over", async () => {
        await world.answer(ANNA, "reply", "next");
        const claimed = only(await world.claim());
        const row = world.message(ANNA, "reply", { isFromMe: true });
        await world.decide([row], {
          outcome: { kind: "remember", code: "own.row", because: "ours" },
          settles: claimed.id,
        });
        expect(await world.store.outbox.find(claimed.id)).toMatchObject({
          state: "sent",
          sentGuid: row.guid,
          sentAtMs: world.nowMs,
        });
        expect(await world.settle(claimed, sent("OTHER"))).toBe(false);
        expect((await world.store.outbox.find(claimed.id))?.sentGuid).toBe(row.guid);
        expect(texts(await world.claim())).toEqual(["next"]);
      });

      test("no second proof: a part that is sent keeps its guid", async () => {
        const item = only(await world.answer(ANNA, "reply"));
        await world.sendAll();
        await world.decide([world.message(ANNA, "reply")], { settles: item.id });
        expect((await world.store.outbox.find(item.id))?.sentGuid).toBe(`SENT-${item.id}`);
      });

      test("the proof for a part that was already queued again", async () => {
        await world.answer(ANNA, "reply");
        const claimed = only(await world.claim());
        await world.settle(claimed, { state: "queued", reason: "absent", notBeforeMs: world.nowMs });
        await world.decide([world.message(ANNA, "reply", { isFromMe: true })], { settles: claimed.id });
        expect(await world.claim()).toEqual([]);
        expect(await world.state(claimed.id)).toBe("sent");
      });

      test("that a self chat's false copy was seen", async () => {
        const item = only(await world.answer(ANNA, "reply"));
        await world.sendAll();
        await world.decide([world.message(ANNA, "reply")], { echoes: item.id });
        expect(only((await world.factsFor(world.message(ANNA, "x"))).ownRecent).echoed).toBe(true);
      });

      test("a pairing request with its reply into the same conversation", async () => {
        const decided = only(await world.asks(ANNA, "ABCD2345"));
        expect(await world.store.pairings.pending(world.nowMs)).toEqual([
          {
            accountId: HOME,
            handle: ANNA,
            code: "ABCD2345",
            createdAtMs: world.nowMs,
            expiresAtMs: world.nowMs + HOUR,
            heldMessages: 1,
          },
        ]);
        expect(only(await world.claim())).toMatchObject({
          origin: "pairing",
          text: "code ABCD2345",
          conversationId: decided.entry.conversationId,
          turnId: undefined,
        });
      });

      test("a notice to each owner, into the owner's chat where one is known", async () => {
        const annas = await world.waits(ANNA, "I am the owner");
        await world.accept(world.message(CARL, "x"));
        await world.store.inbox.decide(
          HOME,
          world.verdict(() => ({ notice: "look" }), { owners: [ANNA, BERT] }),
        );
        const items = [...(await world.store.outbox.list({ limit: 9 }))].reverse();
        expect(items.map(summary)).toEqual([
          ["notice", "look", annas, { kind: "chat_id", chatId: 1 }],
          ["notice", "look", undefined, { kind: "handle", handle: BERT, service: "auto" }],
        ]);
      });

      test("a notice that is given once, only once a conversation", async () => {
        const once = async (from: Handle, noticeOnce: string, notice: string): Promise<void> => {
          await world.accept(world.message(from, "x"));
          const verdict = world.verdict(() => ({ notice, noticeOnce }), { owners: [BERT] });
          await world.store.inbox.decide(HOME, verdict);
        };
        await once(CARL, "why", "first");
        await once(CARL, "why", "again");
        await once(CARL, "other", "about something else");
        await once(ANNA, "why", "elsewhere");
        expect((await world.store.outbox.list({ limit: 9 })).map(({ text }) => text).toReversed()).toEqual([
          "first",
          "about something else",
          "elsewhere",
        ]);
      });

      test("no notice into a group or a chat of several, though the owner writes there", async () => {
        const group = { isGroup: true, chatGuid: "iMessage;+;g" as ChatGuid, chatId: 50 as ChatId };
        await world.decide([
          world.message(ANNA, "in a group", group),
          world.message(ANNA, "in a thread", {
            chatGuid: "iMessage;-;t" as ChatGuid,
            chatId: 51 as ChatId,
            participants: [ANNA, BERT],
          }),
        ]);
        await world.accept(world.message(CARL, "x"));
        await world.store.inbox.decide(
          HOME,
          world.verdict(() => ({ notice: "look" }), { owners: [ANNA] }),
        );
        expect(only(await world.claim()).target.kind).toBe("handle");
      });

      test("no notice where there is no owner, and none without a word", async () => {
        await world.decide([world.message(ANNA, "x")], { notice: "look" });
        await world.accept(world.message(ANNA, "y"));
        await world.store.inbox.decide(
          HOME,
          world.verdict(() => ({}), { owners: [ANNA] }),
        );
        expect(await world.claim()).toEqual([]);
        expect(await world.store.inbox.unjoined("nobody" as AccountId)).toEqual([]);
      });
    });
  });
}

function summary(item: OutboxItem): unknown[] {
  return [item.origin, item.text, item.conversationId, item.target];
}
