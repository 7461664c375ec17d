// The contract of `Sessions` and `AgentSessions`: ids, transcripts, resets, choices, what the agents call their own.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentSession } from "../../src/model/agent-session.ts";
import type { AgentId, SessionKey } from "../../src/model/ids.ts";
import type { TurnLimits } from "../../src/model/store.ts";
import type { Turn } from "../../src/model/turn.ts";
import {
  ANNA,
  BERT,
  CARL,
  HOUR,
  MINUTE,
  only,
  START,
  turnFor,
  World,
  type StateDatabase,
} from "./store-world.ts";

const MAIN = "agent:main:main" as SessionKey;
const AGENT = "main" as AgentId;

export function describeSessions(create: () => Promise<StateDatabase>): void {
  let world: World;
  const setUp = async () => {
    world = await World.create(create);
  };
  const tearDown = async () => world.database.remove();
  const finish = async (turn: Turn, text: string) =>
    world.store.turns.finish(
      turn,
      { state: "answered", text },
      world.group(turn.conversationId, text),
      world.nowMs,
    );
  /** A turn that is answered at once. */
  const said = async (text: string, limits: Partial<TurnLimits> = {}): Promise<Turn> => {
    const begun = await world.store.turns.begin(await world.waits(ANNA, text), world.limits(limits));
    if (!begun || !("id" in begun)) throw new Error("no turn began");
    await finish(begun, `re: ${text}`);
    return begun;
  };

  /** Chooses in chat. */
  const choose = async (what: "mode" | "model", id: string | undefined): Promise<void> => {
    const { conversationId } = await world.gives(ANNA, { name: what, args: "x", inOrder: true });
    await world.finish(await world.nextCommand(conversationId), { kind: "choose", what, id });
  };

  describe("sessions", () => {
    beforeEach(setUp);
    afterEach(tearDown);

    test("one key has one id, long enough to be nobody else's", async () => {
      const first = await world.begin(await world.waits(ANNA, "one"));
      const second = await world.begin(await world.waits(BERT, "two"));
      const other = await world.begin(await world.waits(CARL, "three", turnFor("other")));
      expect(second.sessionId).toBe(first.sessionId);
      expect(other.sessionId).not.toBe(first.sessionId);
      expect(first.sessionId.length).toBeGreaterThanOrEqual(12);
    });

    test("are listed with their turns, the latest first", async () => {
      const first = await world.begin(await world.waits(ANNA, "one"));
      await world.begin(await world.waits(BERT, "two"));
      world.nowMs += 5;
      await world.begin(await world.waits(CARL, "three", turnFor("other", "coder")));
      expect(await world.store.sessions.list()).toEqual([
        expect.objectContaining({ key: "other", agentId: "coder", createdAtMs: START + 5, turns: 1 }),
        {
          key: MAIN,
          sessionId: first.sessionId,
          agentId: "main",
          createdAtMs: START,
          lastTurnAtMs: START,
          turns: 2,
          choices: { mode: undefined, model: undefined },
        },
      ]);
    });

    test("show what was said, newest first", async () => {
      await world.waits(ANNA, "one");
      const first = await world.begin(await world.waits(ANNA, "two"));
      await finish(first, "answer");
      world.nowMs += 5;
      const second = await world.begin(await world.waits(BERT, "three"));
      const detail = await world.store.sessions.show(MAIN, 9);
      expect(detail).toMatchObject({ key: MAIN, turns: 2 });
      expect(detail?.log).toEqual([
        {
          turnId: second.id,
          sessionId: second.sessionId,
          startedAtMs: START + 5,
          state: "running",
          said: [{ sender: BERT, text: "three", files: [] }],
          answered: undefined,
          approvals: [],
        },
        {
          turnId: first.id,
          sessionId: first.sessionId,
          startedAtMs: START,
          state: "answered",
          said: [
            { sender: ANNA, text: "one", files: [] },
            { sender: ANNA, text: "two", files: [] },
          ],
          answered: "answer",
          approvals: [],
        },
      ]);
      expect((await world.store.sessions.show(MAIN, 1))?.log).toHaveLength(1);
      expect(await world.store.sessions.show("none" as SessionKey, 1)).toBeUndefined();
    });

    test("are forgotten by a new id", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      await finish(turn, "answer");
      world.nowMs += 5;
      expect(await world.store.sessions.reset(MAIN, world.nowMs)).toBe(true);
      expect(await world.store.sessions.reset("none" as SessionKey, world.nowMs)).toBe(false);
      const after = await world.store.sessions.show(MAIN, 9);
      expect(after).toMatchObject({ createdAtMs: START + 5, lastTurnAtMs: undefined, turns: 0, log: [] });
      const next = await world.begin(await world.waits(ANNA, "two"));
      expect(next.sessionId).toBe(after?.sessionId);
      expect(next.sessionId).not.toBe(turn.sessionId);
    });

    test("the transcript comes in pages, oldest first, of this session or of all under its key", async () => {
      const before = [await said("one"), await said("two")];
      await world.store.sessions.reset(MAIN, world.nowMs);
      const after: Turn[] = [];
      for (const text of ["three", "four", "five"]) {
        world.nowMs += 1;
        after.push(await said(text));
      }
      await world.begin(await world.waits(CARL, "elsewhere", turnFor("other")));
      const read = async (all: boolean): Promise<string[]> => {
        const ids: string[] = [];
        let page = await world.store.sessions.log(MAIN, { all, after: undefined, limit: 2 });
        while (page.length > 0) {
          expect(page.length).toBeLessThanOrEqual(2);
          ids.push(...page.map((turn) => turn.turnId));
          page = await world.store.sessions.log(MAIN, { all, after: page.at(-1), limit: 2 });
        }
        return ids;
      };
      expect(await read(false)).toEqual(after.map(({ id }) => id));
      // Turns of one millisecond have no order but that of their ids.
      const first = before.map(({ id }) => id).toSorted();
      expect(await read(true)).toEqual([...first, ...after.map(({ id }) => id)]);
      const [turn] = await world.store.sessions.log(MAIN, { all: true, after: undefined, limit: 1 });
      expect(turn?.sessionId).toBe(before[0]?.sessionId);
      expect(
        await world.store.sessions.log("none" as SessionKey, { all: true, after: undefined, limit: 1 }),
      ).toEqual([]);
    });

    test("files are named in the transcript", async () => {
      const file = { name: "a.png", mimeType: "image/png", bytes: 1, isSticker: false, missing: false };
      await world.decide([world.message(ANNA, "look", { attachments: [file] as never })]);
      await world.begin(await world.waits(ANNA, "and this"));
      const [turn] = await world.store.sessions.log(MAIN, { all: false, after: undefined, limit: 1 });
      expect(turn?.said).toEqual([
        { sender: ANNA, text: "look", files: ["a.png"] },
        { sender: ANNA, text: "and this", files: [] },
      ]);
    });
  });

  describe("sessions that are over", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    /** Over after an hour. */
    const isOver: TurnLimits["isOver"] = ({ lastTurnAtMs, nowMs }) => nowMs - lastTurnAtMs >= HOUR;

    test("the next turn begins another: id, count and log", async () => {
      const first = await said("one", { isOver });
      world.nowMs += HOUR - 1;
      expect((await said("two", { isOver })).sessionId).toBe(first.sessionId);
      world.nowMs += HOUR;
      const third = await said("three", { isOver });
      expect(third.sessionId).not.toBe(first.sessionId);
      const session = only(await world.store.sessions.list());
      expect(session).toMatchObject({
        sessionId: third.sessionId,
        createdAtMs: world.nowMs,
        lastTurnAtMs: world.nowMs,
        turns: 1,
      });
      expect((await said("four", { isOver })).sessionId).toBe(third.sessionId);
    });

    test("nobody asks about a session that has had no turn, or is not there", async () => {
      let asked = 0;
      const counted = () => {
        asked += 1;
        return true;
      };
      await said("one", { isOver: counted });
      await world.store.sessions.reset(MAIN, world.nowMs);
      await said("two", { isOver: counted });
      expect(asked).toBe(0);
      await said("three", { isOver: counted });
      expect(asked).toBeGreaterThan(0);
    });

    test("a turn that took long keeps its session in use until it ended", async () => {
      const long = await world.begin(await world.waits(ANNA, "one"));
      world.nowMs += 3 * HOUR;
      await finish(long, "at last");
      world.nowMs += HOUR - 1;
      const next = await said("two", { isOver });
      expect(next.sessionId).toBe(long.sessionId);
      world.nowMs += HOUR;
      expect((await said("three", { isOver })).sessionId).not.toBe(long.sessionId);
    });

    test("a turn that runs in another conversation keeps the session that both share", async () => {
      const running = await world.begin(await world.waits(BERT, "one"));
      world.nowMs += 3 * HOUR;
      expect((await said("two", { isOver })).sessionId).toBe(running.sessionId);
    });

    test("choices survive", async () => {
      await said("one", { isOver });
      await choose("mode", "plan");
      world.nowMs += HOUR;
      expect((await said("two", { isOver })).choices).toEqual({ mode: "plan", model: undefined });
    });
  });

  describe("choices", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const listed = async () => only(await world.store.sessions.list()).choices;

    test("are kept by the session's key, each by itself, and given to turns", async () => {
      expect((await said("one")).choices).toEqual({ mode: undefined, model: undefined });
      await choose("mode", "plan");
      await choose("model", "large");
      expect(await listed()).toEqual({ mode: "plan", model: "large" });
      const turn = await world.begin(await world.waits(ANNA, "two"));
      expect(turn.choices).toEqual({ mode: "plan", model: "large" });
      const next = await world.another();
      expect(only(await next.turns.interrupted(world.message(ANNA, "").accountId)).choices).toEqual(
        turn.choices,
      );
      await finish(turn, "done");
      await choose("mode", undefined);
      expect(await listed()).toEqual({ mode: undefined, model: "large" });
      await world.store.sessions.reset(MAIN, world.nowMs);
      expect(await listed()).toEqual({ mode: undefined, model: "large" });
      const other = await world.begin(await world.waits(CARL, "three", turnFor("other")));
      expect(other.choices).toEqual({ mode: undefined, model: undefined });
    });

    test("make a session that is not there, which the next turn has", async () => {
      await choose("model", "large");
      const session = only(await world.store.sessions.list());
      expect(session).toMatchObject({ key: MAIN, turns: 0, lastTurnAtMs: undefined });
      const turn = await said("one");
      expect([turn.sessionId, turn.choices.model]).toEqual([session.sessionId, "large"]);
    });

    test("change nothing when the command was dropped", async () => {
      const { conversationId } = await world.gives(ANNA, { name: "mode", args: "x", inOrder: true });
      const command = await world.nextCommand(conversationId);
      const effect = { kind: "choose", what: "mode", id: "plan" } as const;
      expect(await world.finish(command, effect)).toBeDefined();
      expect(await world.finish(command, { ...effect, id: "code" })).toBeUndefined();
      expect((await listed()).mode).toBe("plan");
    });
  });

  describe("agents' own sessions", () => {
    beforeEach(setUp);
    afterEach(tearDown);
    const session = (nativeId: string): AgentSession => ({
      nativeId,
      offers: {
        modes: [{ id: "plan", name: "Plan" }],
        mode: undefined,
        models: [],
        model: undefined,
        commands: [{ name: "compact", description: "" }],
      },
    });

    test("are kept by agent and session, replaced, and forgotten", async () => {
      const { agentSessions } = world.store;
      expect(await agentSessions.find(AGENT, "s1")).toBeUndefined();
      await agentSessions.keep(AGENT, "s1", session("one"));
      await agentSessions.keep("coder" as AgentId, "s1", session("two"));
      await agentSessions.keep(AGENT, "s1", session("three"));
      const next = await world.another();
      expect(await next.agentSessions.find(AGENT, "s1")).toEqual(session("three"));
      expect(await next.agentSessions.find("coder" as AgentId, "s1")).toEqual(session("two"));
      await agentSessions.forget(AGENT, "s1");
      expect(await next.agentSessions.find(AGENT, "s1")).toBeUndefined();
      expect(await next.agentSessions.find("coder" as AgentId, "s1")).toBeDefined();
    });

    test("the newest under a key is found across resets, for its agent", async () => {
      const latest = async (agentId = AGENT) => world.store.sessions.agentSession(MAIN, agentId);
      expect(await latest()).toBeUndefined();
      const one = await said("one");
      await world.store.agentSessions.keep(AGENT, one.sessionId, session("one"));
      await world.store.sessions.reset(MAIN, world.nowMs);
      expect(await latest()).toEqual(session("one"));
      world.nowMs += MINUTE;
      const two = await said("two");
      expect(await latest()).toEqual(session("one"));
      await world.store.agentSessions.keep(AGENT, two.sessionId, session("two"));
      expect(await latest()).toEqual(session("two"));
      expect(await latest("coder" as AgentId)).toBeUndefined();
    });
  });
}
