// The contract of `Commands`: open until finished, in order where that matters, each effect once and with its reply.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CommandEntry } from "../../src/model/command.ts";
import type { AgentId, ConversationId, SessionKey } from "../../src/model/ids.ts";
import type { MessageStory } from "../../src/model/store.ts";
import {
  ANNA,
  AS_CONTEXT,
  BERT,
  commandOutcome,
  HOME,
  only,
  part,
  START,
  texts,
  turnFor,
  WORK,
  World,
  type GivenCommand,
  type StateDatabase,
} from "./store-world.ts";

const MAIN = "agent:main:main" as SessionKey;
const NONE = { kind: "none" } as const;
const STOP = { kind: "stop" } as const;
const NOTHING_STOPPED = { stopped: undefined, dropped: 0 };

export function describeCommands(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();
  const open = async () => world.store.commands.open(HOME);
  const waiting = async () => world.store.turns.waiting(HOME);
  const storyOf = async ({ entry }: Pick<GivenCommand, "entry">): Promise<MessageStory> =>
    only(await world.store.records.explain({ guid: entry.message.guid }));
  const atOnce = async (...given: Parameters<World["gives"]>): Promise<CommandEntry> => {
    const command = (await world.gives(...given)).open;
    if (!command) throw new Error("the command is not open");
    return command;
  };
  /** A message that waits, with its entry. */
  const writes = async (text: string) => only(await world.decide([world.message(ANNA, text)]));

  describe("commands", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("at once are open, oldest first, with the route they came by", async () => {
      const first = await world.gives(ANNA, { name: "status", role: "owner" });
      const second = await world.gives(BERT, { name: "help" });
      await world.gives(BERT, { name: "help" }, { accountId: WORK });
      expect(await open()).toEqual([first.open, second.open]);
      expect(first.open).toEqual({
        entryId: first.entry.id,
        accountId: HOME,
        conversationId: first.conversationId,
        handle: ANNA,
        message: first.entry.message,
        command: { name: "status", args: "", role: "owner", inOrder: false },
        agentId: "main",
        sessionKey: MAIN,
        wasBegun: false,
      });
      expect(await waiting()).toEqual([]);
    });

    test("in order are not: they wait like messages", async () => {
      const given = await world.gives(ANNA, { name: "reset", inOrder: true });
      expect(given.open).toBeUndefined();
      expect(await waiting()).toEqual([given.conversationId]);
      expect((await storyOf(given)).state).toBe("waiting");
    });

    test("in order are given when they are the first that waits, again and again until finished", async () => {
      const anna = await world.waits(ANNA, "before");
      const { entry } = await world.gives(ANNA, { name: "new", inOrder: true });
      await world.gives(ANNA, { name: "agent", args: "coder", inOrder: true });
      await world.waits(ANNA, "after");
      const turn = await world.begin(anna);
      expect(texts(turn.messages.map(({ message }) => message))).toEqual(["before"]);
      expect(await world.store.turns.begin(anna, world.limits())).toBeUndefined();
      const group = world.group(anna);
      await world.store.turns.finish(turn, { state: "answered", text: "" }, group, world.nowMs);
      const command = await world.nextCommand(anna);
      expect(command).toMatchObject({ entryId: entry.id, command: { name: "new" }, sessionKey: MAIN });
      expect(await world.nextCommand(anna)).toEqual(command);
      expect(await world.finish(command, NONE)).toEqual(NOTHING_STOPPED);
      const second = await world.nextCommand(anna);
      expect(second.command).toMatchObject({ name: "agent", args: "coder" });
      await world.finish(second, NONE);
      expect(texts((await world.begin(anna)).messages.map(({ message }) => message))).toEqual(["after"]);
    });

    test("in order are given whatever the limit of turns", async () => {
      const anna = await world.waits(ANNA, "one");
      const turn = await world.begin(anna);
      const group = world.group(anna);
      await world.store.turns.finish(turn, { state: "answered", text: "" }, group, world.nowMs);
      await world.gives(ANNA, { name: "new", inOrder: true });
      expect(await world.store.turns.begin(anna, world.limits({ maxPerMinute: 1 }))).toHaveProperty(
        "command",
      );
    });

    test("finish says the reply in the conversation, and ends it", async () => {
      const command = await atOnce(ANNA, { name: "whoami" });
      world.nowMs += 5;
      expect(await world.finish(command, NONE, { texts: ["you", "are Anna"] })).toEqual(NOTHING_STOPPED);
      expect(await open()).toEqual([]);
      const story = await storyOf({ entry: { message: command.message } as GivenCommand["entry"] });
      expect(story.state).toBe("done");
      expect(only(story.decisions).outcome).toEqual(commandOutcome({ name: "whoami" }));
      expect(texts(story.parts)).toEqual(["you", "are Anna"]);
      expect(story.parts[0]).toMatchObject({ origin: "command", turnId: undefined, createdAtMs: START + 5 });
      expect(await world.sendAll()).toEqual(["you", "are Anna"]);
    });

    test("a command that is open is waiting to who asks for its story", async () => {
      const given = await world.gives(ANNA, { name: "help" });
      expect((await storyOf(given)).state).toBe("waiting");
    });

    test("finish takes place once, whoever else asks", async () => {
      const command = await atOnce(ANNA, { name: "help" });
      const second = await world.another();
      const both = await Promise.all([
        world.finish(command, NONE, { texts: ["one"] }),
        world.finish(command, NONE, { texts: ["one"], store: second }),
      ]);
      expect(both.filter((done) => done !== undefined)).toHaveLength(1);
      expect(await world.finish(command, STOP, { texts: ["again"] })).toBeUndefined();
      expect(await world.sendAll()).toEqual(["one"]);
    });

    test("a reply that cannot be composed leaves the command open and without its effect", async () => {
      const command = await atOnce(ANNA, { name: "agent" });
      const reply = () => {
        throw new Error("no words");
      };
      const effect = { kind: "pin", agentId: "coder" as AgentId } as const;
      const told = { reply, nowMs: world.nowMs };
      await expect(world.store.commands.finish(command, effect, told)).rejects.toThrow("no words");
      expect(await open()).toEqual([command]);
      expect((await world.factsFor(world.message(ANNA, "x"))).pinnedAgent).toBeUndefined();
    });
  });

  describe("a command that must not be carried out twice", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("is begun once", async () => {
      const command = await atOnce(ANNA, { name: "config" });
      const second = await world.another();
      const both = await Promise.all([
        world.store.commands.begin(command, world.nowMs),
        second.commands.begin(command, world.nowMs),
      ]);
      expect(both.toSorted()).toEqual([false, true]);
    });

    test("cannot be begun when it is finished", async () => {
      const command = await atOnce(ANNA, { name: "config" });
      await world.finish(command, NONE);
      expect(await world.store.commands.begin(command, world.nowMs)).toBe(false);
    });

    test("was begun, to the next process only", async () => {
      const command = await atOnce(ANNA, { name: "config" });
      await world.store.commands.begin(command, world.nowMs);
      expect(only(await open()).wasBegun).toBe(false);
      const next = await world.another();
      const found = only(await next.commands.open(HOME));
      expect(found).toEqual({ ...command, wasBegun: true });
      expect(await next.commands.begin(found, world.nowMs)).toBe(false);
      expect(await world.finish(found, NONE, { texts: ["look"], store: next })).toEqual(NOTHING_STOPPED);
      expect(await open()).toEqual([]);
    });

    test("was begun, also where it waits its turn", async () => {
      const { conversationId } = await world.gives(ANNA, { name: "agent", inOrder: true });
      expect(await world.store.commands.begin(await world.nextCommand(conversationId), world.nowMs)).toBe(
        true,
      );
      const next = await world.another();
      expect((await world.nextCommand(conversationId, next)).wasBegun).toBe(true);
    });
  });

  describe("stop", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("ends the running turn: nothing comes of it any more, now or after a crash", async () => {
      const message = await writes("question");
      const turn = await world.begin(message.entry.conversationId as ConversationId);
      const command = await atOnce(ANNA, {});
      world.nowMs += 5;
      expect(await world.finish(command, STOP)).toEqual({ stopped: turn.id, dropped: 0 });
      const group = world.group(turn.conversationId, "late");
      const answered = { state: "answered", text: "late" } as const;
      expect(await world.store.turns.finish(turn, answered, group, world.nowMs)).toBe(false);
      await world.store.turns.suspend(turn);
      const next = await world.another();
      expect(await next.turns.interrupted(HOME)).toEqual([]);
      expect(await next.turns.resume(turn, world.nowMs)).toBeUndefined();
      expect(await next.turns.waiting(HOME)).toEqual([]);
      const story = await storyOf(message);
      expect(story).toMatchObject({
        state: "done",
        turn: { state: "stopped", failure: `stopped by ${ANNA}`, finishedAtMs: START + 5 },
      });
      expect(await world.store.outbox.list({ limit: 9 })).toEqual([]);
    });

    test("ends a turn that a process now gone left running", async () => {
      const turn = await world.begin(await world.waits(ANNA, "question"));
      const command = await atOnce(ANNA, {});
      const next = await world.another();
      expect(await world.finish(command, STOP, { store: next })).toMatchObject({ stopped: turn.id });
      expect(await next.turns.interrupted(HOME)).toEqual([]);
    });

    test("drops what waited before it, commands among it, and records why", async () => {
      const message = await writes("one");
      const given = await world.gives(ANNA, { name: "new", inOrder: true });
      const stop = await atOnce(ANNA, {});
      const later = await writes("two");
      const reply = (done: object) => ({
        ...world.group(stop.conversationId),
        parts: [part(JSON.stringify(done))],
      });
      const done = await world.store.commands.finish(stop, STOP, { reply, nowMs: world.nowMs });
      expect(done).toEqual({ stopped: undefined, dropped: 2 });
      expect(await world.sendAll()).toEqual([JSON.stringify(done)]);
      for (const dropped of [message, given]) {
        const { state, decisions } = await storyOf(dropped);
        expect(state).toBe("done");
        expect(decisions).toHaveLength(2);
        expect(decisions[1]).toMatchObject({
          outcome: {
            kind: "ignore",
            code: "stopped",
            because: `${ANNA} said stop`,
            fix: "Ask them to write again.",
          },
          gates: [{ passed: false }],
          handle: ANNA,
          configVersion: "v1",
        });
      }
      const next = await world.begin(stop.conversationId);
      expect(next.messages.map(({ entryId }) => entryId)).toEqual([later.entry.id]);
    });

    test("makes a command that it dropped impossible to finish", async () => {
      const given = await world.gives(ANNA, { name: "new", args: "go", inOrder: true });
      const command = await world.nextCommand(given.conversationId);
      await world.finish(await atOnce(ANNA, {}), STOP);
      expect(await world.finish(command, { kind: "reset", first: "go" }, { texts: ["new"] })).toBeUndefined();
      expect(await waiting()).toEqual([]);
      expect(await world.store.sessions.list()).toEqual([]);
    });

    test("leaves other conversations, commands at once and later turns alone", async () => {
      const help = await atOnce(ANNA, { name: "help" });
      const stop = await atOnce(ANNA, {});
      const bert = await world.begin(await world.waits(BERT, "question"));
      const anna = await world.begin(await world.waits(ANNA, "written after the stop"));
      expect(await world.finish(stop, STOP)).toEqual(NOTHING_STOPPED);
      expect(await open()).toEqual([help]);
      for (const turn of [bert, anna]) {
        const group = world.group(turn.conversationId);
        const end = { state: "answered", text: "" } as const;
        expect(await world.store.turns.finish(turn, end, group, world.nowMs)).toBe(true);
      }
    });

    test("gives back what the turn was shown", async () => {
      await world.decide([world.message(ANNA, "chatter")], { outcome: AS_CONTEXT });
      const limits = world.limits({ context: () => ({ messages: 5, turns: 0 }) });
      await world.store.turns.begin(await world.waits(ANNA, "question"), limits);
      await world.finish(await atOnce(ANNA, {}), STOP);
      const again = await world.store.turns.begin(await world.waits(ANNA, "question"), limits);
      expect(again && "context" in again && texts(again.context.map(({ message }) => message))).toEqual([
        "chatter",
      ]);
    });
  });

  describe("reset", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const giveNew = async (args = "") => {
      const { conversationId } = await world.gives(ANNA, { name: "new", args, inOrder: true });
      return world.nextCommand(conversationId);
    };

    test("gives the session a new id", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      const end = { state: "answered", text: "" } as const;
      await world.store.turns.finish(turn, end, world.group(turn.conversationId), world.nowMs);
      const command = await giveNew();
      world.nowMs += 5;
      await world.finish(command, { kind: "reset", first: "" }, { texts: ["forgotten"] });
      const session = only(await world.store.sessions.list());
      expect(session).toMatchObject({ key: MAIN, createdAtMs: START + 5, lastTurnAtMs: undefined, turns: 0 });
      expect(session.sessionId).not.toBe(turn.sessionId);
      expect(await waiting()).toEqual([]);
      expect((await world.begin(await world.waits(ANNA, "two"))).sessionId).toBe(session.sessionId);
    });

    test("makes a session that was not there, which the next turn has", async () => {
      await world.finish(await giveNew(), { kind: "reset", first: "" });
      const session = only(await world.store.sessions.list());
      expect(session).toMatchObject({ key: MAIN, agentId: "main", turns: 0 });
      expect((await world.begin(await world.waits(ANNA, "one"))).sessionId).toBe(session.sessionId);
    });

    test("with a first message: the agent is given it, in the place of the command", async () => {
      const command = await giveNew("write a poem");
      await world.waits(ANNA, "about the sea");
      await world.waits(ANNA, "of another session", turnFor("other"));
      expect(await world.finish(command, { kind: "reset", first: "write a poem" })).toEqual(NOTHING_STOPPED);
      expect(await world.finish(command, { kind: "reset", first: "write a poem" })).toBeUndefined();
      expect(await world.store.commands.begin(command, world.nowMs)).toBe(false);
      const next = await world.another();
      expect(await next.turns.waiting(HOME)).toEqual([command.conversationId]);
      const turn = await world.begin(command.conversationId);
      expect(turn).toMatchObject({ agentId: "main", sessionKey: MAIN });
      expect(turn.messages[0]).toEqual({
        entryId: command.entryId,
        handle: ANNA,
        message: { ...command.message, text: "write a poem" },
      });
      expect(texts(turn.messages.map(({ message }) => message))).toEqual(["write a poem", "about the sea"]);
      expect(only(await next.turns.interrupted(HOME))).toEqual(turn);
      expect((await world.store.sessions.show(MAIN, 1))?.log[0]?.said[0]).toEqual({
        sender: ANNA,
        text: "write a poem",
        files: [],
      });
      const story = only(await world.store.records.explain({ guid: command.message.guid }));
      expect(story).toMatchObject({
        state: "taken",
        turn: { id: turn.id },
        entry: { message: command.message },
      });
    });
  });

  test("pin is seen by the decisions after it, in that conversation, until it is taken back", async () => {
    await setUp();
    const pinned = async (from: typeof ANNA) => (await world.factsFor(world.message(from, "x"))).pinnedAgent;
    await world.finish(await atOnce(ANNA, { name: "agent" }), { kind: "pin", agentId: "coder" as AgentId });
    expect([await pinned(ANNA), await pinned(BERT)]).toEqual(["coder", undefined]);
    await world.finish(await atOnce(ANNA, { name: "agent" }), { kind: "pin", agentId: undefined });
    expect(await pinned(ANNA)).toBeUndefined();
    await tearDown();
  });

  describe("a crash after any verb", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("leaves a command at once to be found", async () => {
      const turn = await world.begin(await world.waits(ANNA, "question"));
      const row = world.message(ANNA, "/stop");
      await world.accept(row);
      const verdict = world.verdict(() => ({ outcome: commandOutcome({}) }));
      // Each store is the process after a crash: of accept, of decide, of finish.
      const [second, third, fourth] = [await world.another(), await world.another(), await world.another()];
      expect(await second.commands.open(HOME)).toEqual([]);
      await second.inbox.decide(HOME, verdict);
      const found = only(await third.commands.open(HOME));
      await world.finish(found, STOP, { texts: ["stopped"], store: third });
      expect(await fourth.commands.open(HOME)).toEqual([]);
      expect(await fourth.turns.interrupted(HOME)).toEqual([]);
      expect(texts(await fourth.outbox.list({ limit: 9 }))).toEqual(["stopped"]);
      expect(await fourth.turns.resume(turn, world.nowMs)).toBeUndefined();
    });

    test("leaves a command in order where it was, and what came of it", async () => {
      const { conversationId } = await world.gives(ANNA, { name: "new", args: "go", inOrder: true });
      await world.nextCommand(conversationId);
      const [second, third] = [await world.another(), await world.another()];
      expect(await second.turns.waiting(HOME)).toEqual([conversationId]);
      const found = await world.nextCommand(conversationId, second);
      expect(found.wasBegun).toBe(false);
      await world.finish(found, { kind: "reset", first: "go" }, { store: second });
      const begun = await third.turns.begin(conversationId, world.limits());
      expect(begun && "messages" in begun && begun.messages[0]?.message.text).toBe("go");
    });
  });
}
