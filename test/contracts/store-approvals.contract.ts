// The contract of `ApprovalRegister`: what agents ask, who is asked with which numbers, and that whoever decides first has decided.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Handle } from "../../src/model/handle.ts";
import type {
  AgentId,
  ApprovalId,
  ChatGuid,
  ChatId,
  MessageGuid,
  RowId,
  SessionKey,
} from "../../src/model/ids.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { EntryFacts, NewGroup } from "../../src/model/journal.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type {
  ApprovalDecision,
  ApprovalOffer,
  ApprovalOptionKind,
  ApprovalRecord,
  ApprovalRequest,
  TurnKind,
} from "../../src/model/approval.ts";
import type { Asking, NewApproval, Ticket } from "../../src/model/approval-register.ts";
import type { Store } from "../../src/model/store.ts";
import type { Turn } from "../../src/model/turn.ts";
import {
  ANNA,
  BERT,
  CARL,
  HOME,
  HOUR,
  MINUTE,
  only,
  part,
  sent,
  START,
  turnFor,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

const OWNER = BERT;
const MAIN = "main" as AgentId;
const KINDS: readonly ApprovalOptionKind[] = ["allow_once", "allow_always", "reject_once", "reject_always"];
const REQUEST: ApprovalRequest = {
  title: "Edit notes.txt",
  toolKind: "edit",
  tool: "edit",
  sections: [{ name: "file", text: "/w/notes.txt" }],
  omittedSections: 0,
  options: KINDS.map((kind) => ({ id: kind, label: kind, kind })),
  standing: { key: "notes", what: "edit /w/notes.txt", covers: "file" },
};
const OFFER: ApprovalOffer = {
  options: KINDS.map((kind) => ({
    optionId: kind,
    label: kind,
    kind,
    tells: kind.replace("always", "once"),
    isStanding: kind.endsWith("always"),
  })),
  isWhole: true,
};

/** As somebody decides without being asked. */
function decided(changes: Partial<ApprovalDecision> = {}): ApprovalDecision {
  return { allowed: false, optionId: "reject_once", by: "time-out", decider: undefined, ...changes };
}

/** As an owner decides. */
function byOwner(kind: ApprovalOptionKind, decider: Handle = OWNER): ApprovalDecision {
  return { allowed: kind.startsWith("allow"), optionId: kind, by: "owner", decider };
}

export function describeApprovals(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();
  const approval = (turn: Turn, changes: Partial<NewApproval> = {}): NewApproval => ({
    turnId: turn.id,
    attempt: turn.attempt,
    accountId: turn.accountId,
    conversationId: turn.conversationId,
    agentId: turn.agentId,
    turnKind: "owners",
    request: REQUEST,
    ...changes,
  });
  const to = (handle: Handle, text: string): NewGroup => {
    const target = { kind: "handle", handle, service: "auto" } as const;
    return {
      accountId: HOME,
      conversationId: undefined,
      parts: [part(text, { origin: "question", target })],
    };
  };
  const asking = (changes: Partial<Asking> & { readonly owners?: readonly Handle[] } = {}): Asking => {
    const { owners = [OWNER], ...rest } = changes;
    const compose = (owner: Handle) => (first: number) => to(owner, `may I? ${first}`);
    return {
      places: owners.map((owner) => ({ owner, isTurnHere: false, compose: compose(owner) })),
      offer: OFFER,
      nowMs: world.nowMs,
      expiresAtMs: world.nowMs + 10 * MINUTE,
      waiting: new Set(),
      ...rest,
    };
  };
  /** A turn asks, in chats of the owners that nothing is known of yet. */
  const asks = async (
    turn: Turn,
    how: Parameters<typeof asking>[0] & { readonly what?: Partial<NewApproval>; readonly store?: Store } = {},
  ): Promise<Ticket> => {
    const { what, store = world.store, ...rest } = how;
    const ticket = await store.approvals.ask(approval(turn, what), asking(rest));
    if (ticket === undefined) throw new Error("it was not asked");
    return ticket;
  };
  const runs = async (from: Handle = ANNA): Promise<Turn> =>
    world.begin(await world.waits(from, "do it", turnFor(`agent:main:${from}`)));
  /** What a message that is written now sees. */
  const seen = async (
    from: Handle,
    changes: Partial<InboundMessage> = {},
  ): Promise<EntryFacts["approvals"]> => (await world.factsFor(world.message(from, "1", changes))).approvals;
  const record = async (id: ApprovalId): Promise<ApprovalRecord> => {
    const found = (await world.store.approvals.list(100)).find((one) => one.id === id);
    if (!found) throw new Error("no such request");
    return found;
  };
  const answers = async (
    id: ApprovalId,
    kind: ApprovalOptionKind,
    {
      from = OWNER,
      ...changes
    }: Partial<Decision> & { readonly from?: Handle; readonly toOthers?: string } = {},
  ) => {
    const { toOthers, ...rest } = changes;
    return world.decide([world.message(from, "an answer")], {
      outcome: {
        kind: "answer",
        approvalId: id,
        optionId: kind,
        allowed: kind.startsWith("allow"),
        label: kind,
        ...(kind.endsWith("always") && { isStanding: true }),
        ...(toOthers !== undefined && { toOthers }),
      },
      handle: from,
      ...rest,
    });
  };
  const finish = async (turn: Turn) =>
    world.store.turns.finish(turn, { state: "answered", text: "" }, world.group(turn.conversationId), START);
  /** Our own row comes back. */
  const comesBack = async (guid: string, dateMs: number) => {
    const row = world.message(OWNER, "may I?", {
      isFromMe: true,
      guid: guid as MessageGuid,
      createdAtMs: dateMs,
    });
    await world.accept(row);
    await world.store.inbox.decide(
      HOME,
      world.verdict((_entry, facts) => ({
        outcome: { kind: "remember", code: "own.row", because: "ours" },
        ...(facts.ownByGuid && { settles: facts.ownByGuid.id }),
      })),
    );
    return row;
  };

  describe("requests of agents", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("are recorded, and their messages go out", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      expect(await record(id)).toEqual({
        id,
        turnId: turn.id,
        accountId: HOME,
        agentId: MAIN,
        conversationId: turn.conversationId,
        request: REQUEST,
        offer: OFFER,
        expiresAtMs: START + 10 * MINUTE,
        asked: [{ owner: OWNER, firstNumber: 1, lastNumber: 4, shownAtMs: undefined }],
        askedAtMs: START,
        decision: undefined,
      });
      world.nowMs += 50;
      expect(await world.sendAll()).toEqual(["may I? 1"]);
      expect((await record(id)).asked).toMatchObject([{ shownAtMs: START + 50 }]);
    });

    test("an attempt that is over asks nothing, and nothing is sent", async () => {
      const turn = await runs();
      const { approvals } = world.store;
      expect(await approvals.ask(approval(turn, { attempt: 2 }), asking())).toBeUndefined();
      await finish(turn);
      expect(await approvals.ask(approval(turn), asking())).toBeUndefined();
      expect(await approvals.list(10)).toEqual([]);
      expect(await world.sendAll()).toEqual([]);
    });

    test("what nobody is asked is recorded with its decision", async () => {
      const turn = await runs();
      const made = decided({ by: "configuration" });
      await world.store.approvals.note(approval(turn), made, { nowMs: START });
      expect(only(await world.store.approvals.list(10))).toMatchObject({
        turnId: turn.id,
        asked: [],
        decision: { ...made, atMs: START },
      });
      expect(await world.sendAll()).toEqual([]);
    });

    test("who started the turn is told once for the same reason", async () => {
      const turn = await runs();
      const toSender = world.group(turn.conversationId, "nobody can allow it");
      const told = { nowMs: START, toSender };
      for (const _ of [1, 2])
        await world.store.approvals.note(approval(turn), decided({ by: "no-owner" }), told);
      expect(await world.sendAll()).toEqual(["nobody can allow it"]);
      const { id } = await asks(turn);
      await world.sendAll();
      await world.store.approvals.take(id, decided(), { ...told, toAsked: "too late" });
      expect((await world.sendAll()).sort()).toEqual(["nobody can allow it", "too late"]);
    });
  });

  describe("a request in a chat", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("is seen where it is shown, with what decides whether an answer counts", async () => {
      const { id } = await asks(await runs());
      const claimed = only(await world.claim());
      expect(await seen(OWNER)).toMatchObject([{ id, shown: undefined, guids: [] }]);
      world.nowMs += 300;
      await world.settle(claimed, sent("QUESTION"));
      const shown = { confirmedAtMs: START + 300, claimedAtMs: START, dateMs: undefined };
      expect(await seen(OWNER)).toEqual([
        {
          id,
          request: REQUEST,
          offer: OFFER,
          firstNumber: 1,
          isTurnHere: false,
          isReminded: false,
          isAskedElsewhere: false,
          expiresAtMs: START + 10 * MINUTE,
          decision: undefined,
          shown: { ...shown, afterRow: expect.any(Number) as RowId },
          guids: ["QUESTION"],
          isLastSaid: true,
        },
      ]);
      const own = await comesBack("QUESTION", START + 77);
      expect(only(await seen(OWNER))).toMatchObject({ shown: { dateMs: START + 77, afterRow: own.rowId } });
    });

    test("is seen in no other chat, though its turn or its owner is there", async () => {
      await asks(await runs());
      await world.sendAll();
      for (const from of [ANNA, CARL]) expect(await seen(from)).toEqual([]);
      expect(await seen(OWNER, { accountId: WORK })).toEqual([]);
      const chat: Partial<InboundMessage> = {
        chatId: 40 as ChatId,
        chatGuid: "iMessage;+;chat40" as ChatGuid,
        chatIdentifier: "chat40",
        participants: [OWNER, CARL],
      };
      expect(await seen(OWNER, { ...chat, isGroup: true })).toEqual([]);
      expect(await seen(OWNER, { ...chat, isGroup: true, participants: [OWNER] })).toEqual([]);
      expect(await seen(OWNER, chat)).toEqual([]);
      expect(await seen(OWNER)).toHaveLength(1);
      // Once it is known which chat it is in, another direct chat of the owner is another one.
      const other = {
        chatId: 41 as ChatId,
        chatGuid: "iMessage;-;other" as ChatGuid,
        chatIdentifier: "other",
      };
      expect(await seen(OWNER, other)).toHaveLength(1);
      const [item] = await world.store.outbox.list({ limit: 1 });
      await comesBack(item?.sentGuid ?? "", START);
      expect(await seen(OWNER, other)).toEqual([]);
      expect(await seen(OWNER)).toHaveLength(1);
    });

    test("that waits to be sent, or cannot be, is not there", async () => {
      await asks(await runs());
      expect(await seen(OWNER)).toEqual([]);
      await world.settle(only(await world.claim()), { state: "parked", reason: "no" });
      expect(await seen(OWNER)).toEqual([]);
    });

    test("of several messages is shown once the last of them is", async () => {
      const parts = ["one", "two"].map((text) => ({ ...only(to(OWNER, text).parts) }));
      const place = { owner: OWNER, isTurnHere: true, compose: () => ({ ...to(OWNER, ""), parts }) };
      await asks(await runs(), { places: [place] });
      await world.settle(only(await world.claim()), sent("Q1"));
      expect(await seen(OWNER)).toMatchObject([{ shown: undefined, guids: ["Q1"], isTurnHere: true }]);
      await world.settle(only(await world.claim()), sent("Q2"));
      expect(await seen(OWNER)).toMatchObject([{ shown: { confirmedAtMs: START }, guids: ["Q1", "Q2"] }]);
    });

    test("has numbers of its own until ten minutes after the ones before are over", async () => {
      const first = async (how: Parameters<typeof asks>[1] = {}) => {
        const { id } = await asks(await runs(ANNA), how);
        const numbers = (await record(id)).asked.map(({ owner, firstNumber }) => [owner, firstNumber]);
        await world.store.approvals.take(id, decided(), { nowMs: world.nowMs });
        const turn = (await record(id)).turnId;
        await finish({ id: turn, attempt: 1 } as Turn);
        return numbers;
      };
      expect(await first()).toEqual([[OWNER, 1]]);
      world.nowMs += 9 * MINUTE;
      expect(await first()).toEqual([[OWNER, 5]]);
      world.nowMs += 9 * MINUTE;
      // Those of another owner's chat have nothing to do with it.
      expect(await first({ owners: [CARL, OWNER] })).toEqual([
        [OWNER, 9],
        [CARL, 1],
      ]);
      world.nowMs += 10 * MINUTE;
      expect(await first()).toEqual([[OWNER, 1]]);
    });

    test("that is open keeps its numbers however long it is", async () => {
      await asks(await runs(ANNA), { expiresAtMs: START + HOUR });
      world.nowMs += 30 * MINUTE;
      const { id } = await asks(await runs(CARL), { expiresAtMs: START + HOUR });
      expect((await record(id)).asked).toMatchObject([{ firstNumber: 5, lastNumber: 8 }]);
    });

    test("that is over is seen for ten minutes; by a tapback or an inline reply on it always", async () => {
      const { id } = await asks(await runs());
      await world.settle(only(await world.claim()), sent("QUESTION"));
      await answers(id, "allow_once");
      world.nowMs += 10 * MINUTE - 1;
      expect(await seen(OWNER)).toMatchObject([{ id, decision: byOwner("allow_once") }]);
      world.nowMs += 1;
      expect(await seen(OWNER)).toEqual([]);
      const guid = "QUESTION" as MessageGuid;
      expect(await seen(OWNER, { quoted: { guid } })).toMatchObject([{ id }]);
      const reaction = { type: "like", emoji: "👍", added: true, target: guid };
      expect(await seen(OWNER, { reaction })).toMatchObject([{ id }]);
      expect(await seen(CARL, { reaction })).toEqual([]);
      expect(await seen(OWNER, { reaction: { ...reaction, target: "OTHER" as MessageGuid } })).toEqual([]);
    });

    test("is the last that was said until something else goes out there", async () => {
      await asks(await runs());
      await world.sendAll();
      const say = async (origin: "notice" | "turn") => {
        const parts = to(OWNER, "x").parts.map((one) => ({ ...one, origin }));
        await world.store.outbox.add({ ...to(OWNER, ""), parts }, world.nowMs);
        await world.sendAll();
      };
      await seen(OWNER);
      await say("notice");
      expect(await seen(OWNER)).toMatchObject([{ isLastSaid: true }]);
      await say("turn");
      expect(await seen(OWNER)).toMatchObject([{ isLastSaid: false }]);
    });

    test("knows that it was said that it waits, and the messages that show all of it", async () => {
      const { id } = await asks(await runs());
      await world.settle(only(await world.claim()), sent("QUESTION"));
      const about = (how: "reminder" | "more") => ({
        outcome: { kind: "remember", code: "approval.more", because: "asked" } as const,
        handle: OWNER,
        reply: [only(to(OWNER, how).parts)],
        about: { approvalId: id, how },
      });
      await world.decide([world.message(OWNER, "hm")], about("reminder"));
      await world.decide([world.message(OWNER, "more")], about("more"));
      expect(await world.sendAll()).toEqual(["reminder", "more"]);
      const [more] = await world.store.outbox.list({ limit: 1 });
      expect(await seen(OWNER)).toMatchObject([{ isReminded: true, guids: ["QUESTION", more?.sentGuid] }]);
    });
  });

  describe("a decision", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("is made with the answer's own message; a later one changes nothing", async () => {
      const { id } = await asks(await runs());
      world.nowMs += 1000;
      await answers(id, "allow_once");
      const decision = { ...byOwner("allow_once"), atMs: START + 1000 };
      expect((await record(id)).decision).toEqual(decision);
      world.nowMs += 1000;
      await answers(id, "reject_always");
      const taken = await world.store.approvals.take(id, decided(), {
        nowMs: world.nowMs,
        toAsked: "too late",
      });
      expect(taken).toEqual(decision);
      expect((await record(id)).decision).toEqual(decision);
      expect(await world.store.approvals.allStanding()).toEqual([]);
      expect(await world.sendAll()).toEqual([]);
    });

    test("of the first owner counts; those who may have read the request are told, the others are not asked", async () => {
      const { id } = await asks(await runs(), { owners: [ANNA, OWNER, CARL] });
      for (const claimed of await world.claim(2)) await world.settle(claimed, sent(`Q-${claimed.id}`));
      expect(await seen(OWNER)).toMatchObject([{ isAskedElsewhere: true }]);
      await answers(id, "allow_once", { toOthers: "Bert said yes" });
      const sentTexts = (await world.store.outbox.list({ limit: 10 })).map(({ target, text, state }) => [
        target.kind === "handle" && target.handle,
        text,
        state,
      ]);
      expect(sentTexts).toEqual([
        [ANNA, "Bert said yes", "queued"],
        [CARL, "may I? 1", "dropped"],
        [OWNER, "may I? 1", "sent"],
        [ANNA, "may I? 1", "sent"],
      ]);
      await answers(id, "reject_once", { from: ANNA, toOthers: "Anna said no" });
      expect(await world.sendAll()).toEqual(["Bert said yes"]);
      expect((await record(id)).decision).toMatchObject(byOwner("allow_once"));
    });

    test("that comes too late is told to everybody who was asked", async () => {
      const { id } = await asks(await runs(), { owners: [ANNA, OWNER] });
      await world.sendAll();
      world.nowMs += 5;
      expect(
        await world.store.approvals.take(id, decided(), { nowMs: START + 5, toAsked: "too late" }),
      ).toEqual({
        ...decided(),
        atMs: START + 5,
      });
      expect(await world.sendAll()).toEqual(["too late", "too late"]);
      await answers(id, "allow_always");
      expect((await record(id)).decision).toMatchObject(decided());
      expect(await world.store.approvals.allStanding()).toEqual([]);
    });

    test("of two processes that decide at once one has", async () => {
      const { id } = await asks(await runs());
      const other = await world.another();
      const made = await Promise.all([
        world.store.approvals.take(id, byOwner("allow_once"), { nowMs: START }),
        other.approvals.take(id, decided(), { nowMs: START }),
      ]);
      expect(made[0]).toEqual(made[1]);
    });

    test("before the request went out takes it back, and holds up nothing", async () => {
      const turns = [await runs(ANNA), await runs(CARL)] as const;
      const { id } = await asks(turns[0]);
      await asks(turns[1]);
      await world.store.outbox.add({ ...to(OWNER, "a notice") }, START);
      await world.store.approvals.take(id, decided(), { nowMs: START });
      await finish(turns[1]);
      expect(await world.sendAll()).toEqual(["a notice"]);
    });
  });

  describe("requests at the end of their turn", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const OVER = { allowed: false, by: "turn-over", decider: undefined, optionId: undefined };
    /** The turn goes on in another process. */
    const resumed = async (
      turn: Turn,
      { inOrder = false, nowMs = world.nowMs } = {},
    ): Promise<[Turn, Store]> => {
      if (inOrder) await world.store.turns.suspend(turn);
      const other = await world.another();
      const [left] = await other.turns.interrupted(HOME);
      const again = left && (await other.turns.resume(left, nowMs));
      if (!again) throw new Error("it was not resumed");
      return [again, other];
    };

    test("which is answered", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      await world.sendAll();
      await finish(turn);
      expect((await record(id)).decision).toMatchObject(OVER);
      expect(await seen(OWNER)).toMatchObject([{ decision: OVER }]);
    });

    test("which is stopped", async () => {
      const { id } = await asks(await runs());
      const { open } = await world.gives(ANNA, { name: "stop" });
      if (!open) throw new Error("no command");
      await world.finish(open, { kind: "stop" });
      expect((await record(id)).decision).toMatchObject(OVER);
    });

    test("what was decided stays decided", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      await answers(id, "allow_once");
      await finish(turn);
      expect((await record(id)).decision).toMatchObject(byOwner("allow_once"));
    });

    test.each([true, false])(
      "a turn that is run again takes over what it asked, given back in order: %s",
      async (inOrder) => {
        const turn = await runs();
        const { id } = await asks(turn);
        const [again, store] = await resumed(turn, { inOrder });
        expect((await record(id)).decision).toBeUndefined();
        const ticket = await asks(again, { store });
        expect(ticket).toEqual({
          id,
          offer: OFFER,
          expiresAtMs: START + 10 * MINUTE,
          isTakenOver: true,
          isDecided: false,
        });
        expect(await world.sendAll()).toEqual(["may I? 1"]);
      },
    );

    test("an answer that was given meanwhile is taken over, once", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      await world.sendAll();
      const [again, store] = await resumed(turn);
      await answers(id, "reject_once");
      expect(await asks(again, { store })).toMatchObject({ id, isTakenOver: true, isDecided: true });
      expect(await store.approvals.take(id, decided(), { nowMs: START })).toMatchObject(
        byOwner("reject_once"),
      );
      expect(await asks(again, { store })).toMatchObject({ isTakenOver: false, isDecided: false });
      expect(await world.sendAll()).toEqual(["may I? 5"]);
    });

    test("what the agent was told already is asked again", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      await answers(id, "allow_once");
      await world.store.approvals.take(id, decided(), { nowMs: START });
      const [again, store] = await resumed(turn);
      expect(await asks(again, { store })).toMatchObject({ isTakenOver: false });
    });

    test.each<[string, Partial<NewApproval>]>([
      ["another request", { request: { ...REQUEST, title: "Edit notes.tx" } }],
      ["the same, with other options", { request: { ...REQUEST, options: REQUEST.options.slice(1) } }],
      ["the same for a turn of another kind", { turnKind: "guests" }],
    ])("%s is asked anew, and ends what was asked before", async (_what, what) => {
      const turn = await runs();
      const { id } = await asks(turn);
      const [again, store] = await resumed(turn);
      expect(await asks(again, { store, what })).toMatchObject({ isTakenOver: false });
      expect((await record(id)).decision).toMatchObject(OVER);
      expect(await world.sendAll()).toEqual(["may I? 5"]);
    });

    test("what nobody answered in time is not taken over", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      await world.sendAll();
      world.nowMs += 10 * MINUTE;
      const [again, store] = await resumed(turn);
      expect((await record(id)).decision).toMatchObject({ ...OVER, by: "time-out" });
      expect(await asks(again, { store })).toMatchObject({ isTakenOver: false });
    });

    test("what this process waits for is not taken for another request of the same words", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      const second = await asks(turn, { waiting: new Set([id]) });
      expect(second).toMatchObject({ isTakenOver: false });
      expect((await record(id)).decision).toBeUndefined();
    });
  });

  describe("answers that hold from now on", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const standing = async (kind: TurnKind = "owners", key = "notes", agentId = MAIN) =>
      world.store.approvals.standing(agentId, kind, key);

    test.each([
      ["allow_always", true],
      ["reject_always", false],
    ] as const)("%s holds for exactly that, in turns of that kind", async (kind, allowed) => {
      await answers((await asks(await runs())).id, kind);
      const kept = {
        id: 1,
        agentId: MAIN,
        turnKind: "owners",
        what: "edit /w/notes.txt",
        allowed,
        grantedBy: OWNER,
        atMs: START,
      };
      expect(await standing()).toEqual(kept);
      expect(await world.store.approvals.allStanding()).toEqual([kept]);
      expect(await standing("guests")).toBeUndefined();
      expect(await standing("owners", "note")).toBeUndefined();
      expect(await standing("owners", "notes", "other" as AgentId)).toBeUndefined();
      expect(await (await world.another()).approvals.standing(MAIN, "owners", "notes")).toEqual(kept);
    });

    test("nothing else is kept", async () => {
      for (const kind of ["allow_once", "reject_once"] as const)
        await answers((await asks(await runs(kind === "allow_once" ? ANNA : CARL))).id, kind);
      const exact = { request: { ...REQUEST, standing: undefined } };
      await answers((await asks(await runs("+15550000004" as Handle), { what: exact })).id, "allow_always");
      const { id } = await asks(await runs("+15550000005" as Handle));
      await world.store.approvals.take(id, decided({ optionId: "reject_always" }), { nowMs: START });
      expect(await world.store.approvals.allStanding()).toEqual([]);
    });

    test("the newest holds, until it is forgotten", async () => {
      await answers((await asks(await runs(ANNA))).id, "allow_always");
      world.nowMs += HOUR;
      await answers((await asks(await runs(CARL))).id, "reject_always");
      const kept = only(await world.store.approvals.allStanding());
      expect(kept).toMatchObject({ allowed: false, atMs: START + HOUR });
      expect(await world.store.approvals.forget(kept.id + 1)).toBe(false);
      expect(await world.store.approvals.forget(kept.id)).toBe(true);
      expect(await world.store.approvals.forget(kept.id)).toBe(false);
      expect(await world.store.approvals.allStanding()).toEqual([]);
    });
  });

  describe("records of requests", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("are listed newest first, as many as asked for", async () => {
      const ids = [(await asks(await runs(ANNA))).id, (await asks(await runs(CARL))).id];
      const { approvals } = world.store;
      expect((await approvals.list(10)).map(({ id }) => id)).toEqual(ids.toReversed());
      expect((await approvals.list(1)).map(({ id }) => id)).toEqual(ids.slice(1));
    });

    test("stand in the story of the message that began the turn, and in the log of its session", async () => {
      const turn = await runs();
      const { id } = await asks(turn);
      await answers(id, "allow_once");
      const [message] = turn.messages;
      if (!message) throw new Error("a turn without messages");
      const story = only(await world.store.records.explain({ guid: message.message.guid }));
      expect(story.approvals).toEqual([await record(id)]);
      await finish(turn);
      const session = await world.store.sessions.show(`agent:main:${ANNA}` as SessionKey, 10);
      expect(session?.log.map(({ approvals }) => approvals)).toEqual([[await record(id)]]);
    });

    test("the answer's own message has a decision and its reply, and no turn", async () => {
      const { id } = await asks(await runs());
      const { entry } = only(await answers(id, "reject_once", { reply: [part("Denied.")] }));
      const story = only(await world.store.records.explain({ guid: entry.message.guid }));
      expect(story.turn).toBeUndefined();
      expect(story.decisions.map(({ outcome }) => outcome)).toMatchObject([
        { kind: "answer", approvalId: id, label: "reject_once" },
      ]);
      expect(story.parts.map(({ text }) => text)).toEqual(["Denied."]);
      expect(await world.store.turns.waiting(HOME)).toEqual([]);
    });
  });
}
