// The contract of what a turn is shown beside its messages: messages of a group once, earlier turns of the session.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChatGuid, ChatId, ConversationId, SessionKey } from "../../src/model/ids.ts";
import type { Store } from "../../src/model/store.ts";
import type { Turn, TurnEnd, TurnMessage } from "../../src/model/turn.ts";
import {
  ANNA,
  AS_CONTEXT,
  BERT,
  CARL,
  conversationOf,
  HOME,
  only,
  START,
  texts,
  turnFor,
  World,
  type MessageChanges,
  type StateDatabase,
} from "./store-world.ts";

const GROUP = { isGroup: true, chatGuid: "iMessage;+;g" as ChatGuid, chatId: 50 as ChatId };

export function describeContext(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();
  /** Asked with the first message of the run that a turn takes. */
  let askedWith: TurnMessage[] = [];
  const begin = async (
    conversationId: ConversationId,
    most: { messages?: number; turns?: number },
    store: Store = world.store,
  ): Promise<Turn> => {
    askedWith = [];
    const context = (message: TurnMessage) => {
      askedWith.push(message);
      return { messages: 0, turns: 0, ...most };
    };
    const begun = await store.turns.begin(conversationId, world.limits({ context }));
    if (!begun || !("id" in begun)) throw new Error("no turn began");
    return begun;
  };
  const end = async (turn: Turn, how: TurnEnd) =>
    world.store.turns.finish(turn, how, world.group(turn.conversationId), world.nowMs);
  const answer = async (turn: Turn, text: string) => end(turn, { state: "answered", text });
  const said = (messages: readonly TurnMessage[]) => texts(messages.map(({ message }) => message));

  describe("context", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    /** Says something in the group that nobody is called by. */
    const chats = async (text: string, changes: MessageChanges = {}) =>
      world.decide([world.message(BERT, text, { ...GROUP, ...changes })], { outcome: AS_CONTEXT });
    const calls = async (text: string) =>
      conversationOf(await world.decide([world.message(ANNA, text, GROUP)]));

    test("is the newest unanswered messages of the conversation, oldest first", async () => {
      for (const text of ["one", "two", "three"]) await chats(text);
      await world.decide([world.message(CARL, "elsewhere")], { outcome: AS_CONTEXT });
      await world.decide([world.message(BERT, "no context", GROUP)], {
        outcome: { kind: "remember", code: "reaction", because: "a tapback" },
      });
      const turn = await begin(await calls("hey"), { messages: 2 });
      expect(said(turn.context)).toEqual(["two", "three"]);
      expect(turn.context[0]).toMatchObject({ handle: BERT, message: { text: "two", chatId: 50 } });
      expect(said(turn.messages)).toEqual(["hey"]);
    });

    test("is asked for with the first message of the turn, and ends before the last", async () => {
      await chats("before");
      await calls("hey");
      await chats("between");
      const group = await calls("you there?");
      await chats("after");
      const turn = await begin(group, { messages: 9 });
      expect(said(askedWith)).toEqual(["hey"]);
      expect(said(turn.context)).toEqual(["before", "between"]);
      await answer(turn, "yes");
      expect(said((await begin(await calls("and?"), { messages: 9 })).context)).toEqual(["after"]);
    });

    test("is given once: neither what was shown nor what was left out comes again", async () => {
      for (const text of ["one", "two"]) await chats(text);
      await answer(await begin(await calls("hey"), { messages: 1 }), "yes");
      await chats("three");
      expect(said((await begin(await calls("hey"), { messages: 9 })).context)).toEqual(["three"]);
    });

    test("is left out whole where none is asked for", async () => {
      await chats("one");
      const turn = await begin(await calls("hey"), { messages: 0 });
      expect(turn.context).toEqual([]);
      await answer(turn, "yes");
      expect((await begin(await calls("hey"), { messages: 9 })).context).toEqual([]);
    });

    test("holds our own messages and rows without a sender", async () => {
      await chats("from my phone", { isFromMe: true, sender: "" });
      const turn = await begin(await calls("hey"), { messages: 9 });
      expect(only(turn.context)).toMatchObject({ handle: "", message: { isFromMe: true } });
    });

    test("is the same for the next attempt, in another process", async () => {
      for (const text of ["one", "two"]) await chats(text);
      const turn = await begin(await calls("hey"), { messages: 9 });
      await chats("later");
      const next = await world.another();
      const interrupted = only(await next.turns.interrupted(HOME));
      expect(interrupted).toEqual(turn);
      expect(await next.turns.resume(interrupted, world.nowMs)).toEqual({ ...turn, attempt: 2 });
    });

    test("is the same after an orderly stop", async () => {
      await chats("one");
      const turn = await begin(await calls("hey"), { messages: 9 });
      await world.store.turns.suspend(turn);
      const next = await world.another();
      const listed = only(await next.turns.interrupted(HOME));
      expect(await next.turns.resume(listed, world.nowMs)).toEqual(turn);
    });

    test.each([
      { state: "failed", reason: "no", ref: "AB12" },
      { state: "stopped", reason: "no" },
    ] as const)("is given again after a turn that $state", async (how) => {
      for (const text of ["left out", "one"]) await chats(text);
      await end(await begin(await calls("hey"), { messages: 1 }), how);
      await chats("two");
      const turn = await begin(await calls("hey again"), { messages: 9 });
      expect(said(turn.context)).toEqual(["one", "two"]);
    });

    test("of a message decided late is given with the next turn", async () => {
      const late = world.message(BERT, "late", { ...GROUP, chatId: 0 as ChatId, chatGuid: "" as ChatGuid });
      const lost = only(await world.accept(late));
      await answer(await begin(await calls("hey"), { messages: 9 }), "yes");
      await world.store.inbox.join(lost.id, { ...late, ...GROUP });
      await world.store.inbox.decide(
        HOME,
        world.verdict(() => ({ outcome: AS_CONTEXT })),
      );
      expect(said((await begin(await calls("hey"), { messages: 9 })).context)).toEqual(["late"]);
    });
  });

  describe("earlier turns", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    /** A whole turn of one conversation; the answer is the turn. */
    const talk = async (text: string, how: TurnEnd | string, sessionKey = "agent:main:main") => {
      const turn = await begin(await world.waits(ANNA, text, turnFor(sessionKey)), { turns: 9 });
      await (typeof how === "string" ? answer(turn, how) : end(turn, how));
      world.nowMs += 10;
      return turn;
    };

    test("are the last answered ones of the session in the conversation, oldest first", async () => {
      await talk("one", "1");
      await world.waits(ANNA, "two");
      await talk("and three", "2 and 3");
      await talk("four", { state: "failed", reason: "no", ref: "AB12" });
      await talk("five", { state: "stopped", reason: "no" });
      await talk("elsewhere", "0", "other");
      await answer(await begin(await world.waits(BERT, "of Bert"), {}), "to Bert");
      const turn = await begin(await world.waits(ANNA, "six"), { turns: 2 });
      expect(turn.earlier).toEqual([
        { atMs: START, said: [{ sender: ANNA, text: "one" }], answered: "1" },
        {
          atMs: START + 10,
          said: [
            { sender: ANNA, text: "two" },
            { sender: ANNA, text: "and three" },
          ],
          answered: "2 and 3",
        },
      ]);
      expect(turn.context).toEqual([]);
    });

    test("are no more than asked for, none for none", async () => {
      for (const text of ["one", "two", "three"]) await talk(text, text);
      const anna = await world.waits(ANNA, "x");
      const turn = await begin(anna, { turns: 2 });
      expect(turn.earlier.map(({ answered }) => answered)).toEqual(["two", "three"]);
      await answer(turn, "x");
      expect((await begin(await world.waits(ANNA, "x"), { turns: 0 })).earlier).toEqual([]);
    });

    test("are forgotten with the session", async () => {
      await talk("one", "1");
      await world.store.sessions.reset("agent:main:main" as SessionKey, world.nowMs);
      expect((await talk("two", "2")).earlier).toEqual([]);
      expect((await talk("three", "3")).earlier.map(({ answered }) => answered)).toEqual(["2"]);
    });

    test("are the same for the next attempt, though the session was reset meanwhile", async () => {
      for (const text of ["one", "two", "three"]) await talk(text, text);
      const turn = await begin(await world.waits(ANNA, "x"), { turns: 2 });
      await world.store.sessions.reset("agent:main:main" as SessionKey, world.nowMs);
      const next = await world.another();
      expect(await next.turns.interrupted(HOME)).toEqual([turn]);
      expect((await next.turns.resume(turn, world.nowMs))?.earlier).toEqual(turn.earlier);
    });

    test("show the first message of a session as it was meant", async () => {
      const { conversationId } = await world.gives(ANNA, { name: "new", args: "hello", inOrder: true });
      await world.finish(await world.nextCommand(conversationId), { kind: "reset", first: "hello" });
      await answer(await begin(conversationId, {}), "hi");
      const turn = await begin(await world.waits(ANNA, "x"), { turns: 9 });
      expect(only(turn.earlier).said).toEqual([{ sender: ANNA, text: "hello" }]);
    });
  });
}
