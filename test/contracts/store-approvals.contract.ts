// The contract of `ApprovalRegister`: what agents ask, who may answer where, and that whoever decides first has decided.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Handle } from "../../src/model/handle.ts";
import type { AgentId, ChatGuid, ChatId, ApprovalId, SessionKey } from "../../src/model/ids.ts";
import type { InboundMessage } from "../../src/model/message.ts";
import type {
  NewApproval,
  ApprovalDecision,
  ApprovalOptionKind,
  ApprovalRequest,
  ApprovalRecord,
} from "../../src/model/approval.ts";
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
const QUESTION: ApprovalRequest = {
  title: "Edit notes.txt",
  toolKind: "edit",
  tool: "edit",
  places: ["/w/notes.txt"],
  detail: "+two words",
  options: KINDS.map((kind) => ({ id: kind, label: kind, kind })),
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
    request: QUESTION,
    ...changes,
  });
  /** A turn of Anna's asks the owner, in a chat of the owner's that nothing is known of yet. */
  const asks = async (turn: Turn): Promise<ApprovalId> => {
    const target = { kind: "handle", handle: OWNER, service: "auto" } as const;
    const parts = [part("may I?", { origin: "question", target })];
    const id = await world.store.approvals.ask(approval(turn), {
      asked: OWNER,
      group: { accountId: HOME, conversationId: undefined, parts },
      nowMs: world.nowMs,
      expiresAtMs: world.nowMs + 10 * MINUTE,
    });
    if (id === undefined) throw new Error("it was not asked");
    return id;
  };
  const runs = async (from: Handle = ANNA): Promise<Turn> =>
    world.begin(await world.waits(from, "do it", turnFor(`agent:main:${from}`)));
  /** What a message that is written now sees of a question. */
  const pending = async (from: Handle, changes: Partial<InboundMessage> = {}) =>
    (await world.factsFor(world.message(from, "1", changes))).approval;
  const record = async (id: ApprovalId): Promise<ApprovalRecord> => {
    const found = (await world.store.approvals.list(100)).find((one) => one.id === id);
    if (!found) throw new Error("no such question");
    return found;
  };
  const answers = async (id: ApprovalId, kind: ApprovalOptionKind) =>
    world.decide([world.message(OWNER, "an answer")], {
      outcome: {
        kind: "answer",
        approvalId: id,
        optionId: kind,
        allowed: kind.startsWith("allow"),
        label: kind,
      },
      handle: OWNER,
    });
  /** The question is sent; the answer is its guid. */
  const isSent = async (rowId?: number) => {
    const claimed = only(await world.claim());
    await world.settle(claimed, sent("QUESTION", rowId));
  };

  describe("approvals", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("a question is recorded, and its message goes out", async () => {
      const turn = await runs();
      const id = await asks(turn);
      expect(await record(id)).toEqual({
        id,
        turnId: turn.id,
        accountId: HOME,
        agentId: MAIN,
        request: QUESTION,
        asked: OWNER,
        askedAtMs: START,
        decision: undefined,
      });
      expect(await world.sendAll()).toEqual(["may I?"]);
    });

    test("an attempt that is over asks nothing, and nothing is sent", async () => {
      const turn = await runs();
      const how = {
        asked: OWNER,
        group: world.group(turn.conversationId, "may I?"),
        nowMs: START,
        expiresAtMs: START + MINUTE,
      };
      const { approvals } = world.store;
      expect(await approvals.ask(approval(turn, { attempt: 2 }), how)).toBeUndefined();
      await world.store.turns.finish(
        turn,
        { state: "answered", text: "" },
        world.group(turn.conversationId),
        START,
      );
      expect(await approvals.ask(approval(turn), how)).toBeUndefined();
      expect(await approvals.list(10)).toEqual([]);
      expect(await world.sendAll()).toEqual([]);
    });

    test("it is seen in the chat where it is asked, by tapback too once the guid is known", async () => {
      const id = await asks(await runs());
      await isSent();
      expect(await pending(OWNER)).toEqual({
        id,
        request: QUESTION,
        asked: OWNER,
        isAskedHere: true,
        guids: ["QUESTION"],
      });
    });

    test("it is seen in the conversation of its turn, and in no other", async () => {
      const id = await asks(await runs());
      await isSent();
      expect(await pending(ANNA)).toMatchObject({ id, isAskedHere: false });
      expect(await pending(CARL)).toBeUndefined();
      expect(await pending(OWNER, { accountId: WORK })).toBeUndefined();
      const group: Partial<InboundMessage> = {
        chatId: 40 as ChatId,
        chatGuid: "iMessage;+;chat40" as ChatGuid,
        chatIdentifier: "chat40",
        isGroup: true,
        participants: [OWNER, CARL],
      };
      expect(await pending(OWNER, group)).toBeUndefined();
    });

    test("nothing answers what is not sent yet, was written before it, or is parked", async () => {
      await asks(await runs());
      expect(await pending(OWNER)).toBeUndefined();
      const claimed = only(await world.claim());
      const early = world.message(OWNER, "ok");
      await world.settle(claimed, sent("QUESTION", early.rowId + 1));
      expect((await world.factsFor(early)).approval).toBeUndefined();
      world.message(OWNER, "the question itself");
      expect(await pending(OWNER)).toMatchObject({ guids: ["QUESTION"] });
      expect(await pending(OWNER, { createdAtMs: START - 2 * MINUTE })).toBeUndefined();
    });

    test("what is on its way can be answered; what could not be sent cannot", async () => {
      const id = await asks(await runs());
      const claimed = only(await world.claim());
      expect(await pending(OWNER)).toMatchObject({ id, guids: [] });
      await world.settle(claimed, { state: "parked", reason: "no" });
      expect(await pending(OWNER)).toBeUndefined();
    });

    test("what was written before it was on its way answers nothing, though it comes while it is", async () => {
      await asks(await runs());
      world.nowMs += 5000;
      await world.claim();
      expect(await pending(OWNER, { createdAtMs: world.nowMs - 1 })).toBeUndefined();
      expect(await pending(OWNER, { createdAtMs: world.nowMs })).toBeDefined();
    });

    test("the oldest of two is seen first, then the other", async () => {
      const [first, second] = [await asks(await runs(ANNA)), await asks(await runs(CARL))];
      await world.sendAll();
      expect(await pending(OWNER)).toMatchObject({ id: first });
      await answers(first, "allow_once");
      expect(await pending(OWNER)).toMatchObject({ id: second });
    });

    test("when its time is over it is not seen any more", async () => {
      await asks(await runs());
      await world.sendAll();
      world.nowMs += 10 * MINUTE;
      expect(await pending(OWNER)).toBeUndefined();
    });

    test("an answer is settled with the decision about its message; a later one changes nothing", async () => {
      const id = await asks(await runs());
      world.nowMs += 1000;
      await answers(id, "allow_once");
      const decision = { ...byOwner("allow_once"), atMs: START + 1000 };
      expect((await record(id)).decision).toEqual(decision);
      world.nowMs += 1000;
      await answers(id, "reject_always");
      expect(await world.store.approvals.settle(id, decided(), world.nowMs)).toMatchObject(
        byOwner("allow_once"),
      );
      expect((await record(id)).decision).toEqual(decision);
      expect(await world.store.approvals.allStanding()).toEqual([]);
    });

    test("a question that is over before it went out does not go out, and holds nothing back", async () => {
      const turns = [await runs(ANNA), await runs(CARL)];
      const id = await asks(turns[0] as Turn);
      await asks(turns[1] as Turn);
      const target = { kind: "handle", handle: OWNER, service: "auto" } as const;
      const parts = [part("a notice", { target })];
      await world.store.outbox.add({ accountId: HOME, conversationId: undefined, parts }, START);
      await world.store.approvals.settle(id, decided(), START);
      await world.store.approvals.abandon(HOME, START);
      expect(await world.sendAll()).toEqual(["a notice"]);
    });

    test("settling says what holds; an answer that comes later does not", async () => {
      const id = await asks(await runs());
      expect(await world.store.approvals.settle(id, decided(), START + 5)).toMatchObject(decided());
      await answers(id, "allow_always");
      expect((await record(id)).decision).toEqual({ ...decided(), atMs: START + 5 });
      expect(await world.store.approvals.allStanding()).toEqual([]);
    });

    test("of two processes that decide at once one has", async () => {
      const id = await asks(await runs());
      const other = await world.another();
      const made = await Promise.all([
        world.store.approvals.settle(id, byOwner("allow_once"), START),
        other.approvals.settle(id, decided(), START),
      ]);
      expect(made[0]).toEqual(made[1]);
    });

    test("what nobody is asked is recorded with its decision", async () => {
      const turn = await runs();
      const made = decided({ by: "configuration" });
      await world.store.approvals.note(approval(turn), made, START);
      const noted = only(await world.store.approvals.list(10));
      expect(noted).toMatchObject({ turnId: turn.id, asked: undefined, decision: { ...made, atMs: START } });
      expect(await world.sendAll()).toEqual([]);
    });
  });

  describe("approvals at the end of their turn", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const OVER = { allowed: false, by: "turn-over", decider: undefined, optionId: undefined };

    test("which is answered", async () => {
      const turn = await runs();
      const id = await asks(turn);
      await world.store.turns.finish(
        turn,
        { state: "answered", text: "" },
        world.group(turn.conversationId),
        START,
      );
      expect((await record(id)).decision).toMatchObject(OVER);
      expect(await pending(OWNER)).toBeUndefined();
    });

    test("which is stopped", async () => {
      const turn = await runs();
      const id = await asks(turn);
      const { open } = await world.gives(ANNA, { name: "stop" });
      if (!open) throw new Error("no command");
      await world.finish(open, { kind: "stop" });
      expect((await record(id)).decision).toMatchObject(OVER);
    });

    test.each([true, false])(
      "which is run again by another process, given back in order: %s",
      async (inOrder) => {
        const turn = await runs();
        const id = await asks(turn);
        if (inOrder) await world.store.turns.suspend(turn);
        const other = await world.another();
        const [left] = await other.turns.interrupted(HOME);
        const resumed = left && (await other.turns.resume(left, START));
        if (!resumed) throw new Error("it was not resumed");
        expect((await record(id)).decision).toMatchObject(OVER);
        expect((await record(await asks(resumed))).decision).toBeUndefined();
      },
    );

    test("what was decided stays decided", async () => {
      const turn = await runs();
      const id = await asks(turn);
      await answers(id, "allow_once");
      await world.store.turns.finish(
        turn,
        { state: "answered", text: "" },
        world.group(turn.conversationId),
        START,
      );
      expect((await record(id)).decision).toMatchObject(byOwner("allow_once"));
    });

    test("an account that starts abandons its own questions only", async () => {
      const id = await asks(await runs());
      await world.store.approvals.abandon(WORK, START);
      expect((await record(id)).decision).toBeUndefined();
      await world.store.approvals.abandon(HOME, START + 1);
      expect((await record(id)).decision).toEqual({ ...OVER, atMs: START + 1 });
    });
  });

  describe("standing approvals", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const standing = async (agentId: AgentId = MAIN, tool = "edit") =>
      world.store.approvals.standing(agentId, tool);

    test.each([
      ["allow_always", true],
      ["reject_always", false],
    ] as const)("%s holds for the tool of the agent", async (kind, allowed) => {
      await answers(await asks(await runs()), kind);
      const kept = { agentId: MAIN, tool: "edit", allowed, grantedBy: OWNER, atMs: START };
      expect(await standing()).toEqual(kept);
      expect(await world.store.approvals.allStanding()).toEqual([kept]);
      expect(await standing("other" as AgentId)).toBeUndefined();
      expect(await standing(MAIN, "execute")).toBeUndefined();
      expect(await (await world.another()).approvals.standing(MAIN, "edit")).toEqual(kept);
    });

    test.each(["allow_once", "reject_once"] as const)("%s holds once", async (kind) => {
      await answers(await asks(await runs()), kind);
      expect(await standing()).toBeUndefined();
    });

    test("what no owner said is not kept", async () => {
      const id = await asks(await runs());
      const made = decided({ by: "time-out", optionId: "reject_always" });
      await world.store.approvals.settle(id, made, START);
      expect(await standing()).toBeUndefined();
    });

    test("the newest holds, until it is forgotten", async () => {
      await answers(await asks(await runs(ANNA)), "allow_always");
      world.nowMs += HOUR;
      await answers(await asks(await runs(CARL)), "reject_always");
      expect(await standing()).toMatchObject({ allowed: false, atMs: START + HOUR });
      expect(await world.store.approvals.forget(MAIN, "execute")).toBe(false);
      expect(await world.store.approvals.forget(MAIN, "edit")).toBe(true);
      expect(await world.store.approvals.forget(MAIN, "edit")).toBe(false);
      expect(await world.store.approvals.allStanding()).toEqual([]);
    });
  });

  describe("records of approvals", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("are listed newest first, as many as asked for", async () => {
      const ids = [await asks(await runs(ANNA)), await asks(await runs(CARL))];
      const { approvals } = world.store;
      expect((await approvals.list(10)).map(({ id }) => id)).toEqual(ids.toReversed());
      expect((await approvals.list(1)).map(({ id }) => id)).toEqual(ids.slice(1));
    });

    test("stand in the story of the message that began the turn, and in the log of its session", async () => {
      const turn = await runs();
      const id = await asks(turn);
      await answers(id, "allow_once");
      const [message] = turn.messages;
      if (!message) throw new Error("a turn without messages");
      const story = only(await world.store.records.explain({ guid: message.message.guid }));
      expect(story.approvals).toEqual([await record(id)]);
      await world.store.turns.finish(
        turn,
        { state: "answered", text: "" },
        world.group(turn.conversationId),
        START,
      );
      const session = await world.store.sessions.show(`agent:main:${ANNA}` as SessionKey, 10);
      expect(session?.log.map(({ approvals }) => approvals)).toEqual([[await record(id)]]);
    });

    test("the answer's own message has a decision and no turn", async () => {
      const id = await asks(await runs());
      const { entry } = only(await answers(id, "reject_once"));
      const story = only(await world.store.records.explain({ guid: entry.message.guid }));
      expect(story.turn).toBeUndefined();
      expect(story.decisions.map(({ outcome }) => outcome)).toMatchObject([
        { kind: "answer", approvalId: id, label: "reject_once" },
      ]);
      expect(await world.store.turns.waiting(HOME)).toEqual([]);
    });
  });
}
