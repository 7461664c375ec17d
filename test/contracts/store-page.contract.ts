// Signing in, the journal as people read it, and the record of activity.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConversationId, EntryId, PageSessionId } from "../../src/model/ids.ts";
import type { Happening } from "../../src/model/views.ts";
import {
  ANNA,
  BERT,
  CARL,
  HOME,
  HOUR,
  MINUTE,
  part,
  WORK,
  World,
  type StateDatabase,
} from "./store-world.ts";

/** Cases of the page's ports. */
export function describePage(create: () => Promise<StateDatabase>): void {
  let world: World;
  beforeEach(async () => {
    world = await World.create(create);
  });
  afterEach(async () => world.database.remove());

  describe("page sessions", () => {
    const sessions = () => world.store.pageSessions;
    const issue = async (hash: string, lifeMs = 5 * MINUTE) =>
      sessions().issueCode(hash, {
        linkFrom: "command line",
        nowMs: world.nowMs,
        expiresAtMs: world.nowMs + lifeMs,
      });
    const redeem = async (hash: string, token = `token of ${hash}`) =>
      sessions().redeem(hash, {
        tokenHash: token,
        device: "Safari on iPhone",
        nowMs: world.nowMs,
        expiresAtMs: world.nowMs + HOUR,
      });

    test("a code begins one session, for one of several at once", async () => {
      await issue("a");
      const other = (await world.another()).pageSessions;
      const session = { tokenHash: "t2", device: "x", nowMs: world.nowMs, expiresAtMs: world.nowMs + HOUR };
      const both = await Promise.all([redeem("a"), other.redeem("a", session)]);
      expect(both.map(({ kind }) => kind).sort()).toEqual(["signed-in", "used"]);
      expect(await sessions().list(world.nowMs)).toHaveLength(1);
    });

    test("a code that is over or was never made begins none", async () => {
      await issue("a", 1);
      world.nowMs += 1;
      expect(await redeem("a")).toEqual({ kind: "expired" });
      expect(await redeem("b")).toEqual({ kind: "unknown" });
      expect(await sessions().list(world.nowMs)).toEqual([]);
    });

    test("a session is known by its token until it ends or is revoked", async () => {
      await issue("a");
      await redeem("a", "t");
      expect(await sessions().use("t", world.nowMs)).toMatchObject({ id: 1, linkFrom: "command line" });
      expect(await sessions().use("T", world.nowMs)).toBeUndefined();
      expect(await sessions().use("t", world.nowMs + HOUR)).toBeUndefined();
      const revoke = async () => sessions().revoke(1 as PageSessionId, { by: "test", nowMs: world.nowMs });
      expect(await revoke()).toMatchObject({ id: 1 });
      expect(await revoke()).toBeUndefined();
      expect(await sessions().use("t", world.nowMs)).toBeUndefined();
    });

    test("the last use is noted by the minute", async () => {
      await issue("a");
      await redeem("a", "t");
      const lastUse = async () => (await sessions().list(world.nowMs))[0]?.lastUsedAtMs;
      const began = world.nowMs;
      world.nowMs += MINUTE - 1;
      await sessions().use("t", world.nowMs);
      expect(await lastUse()).toBe(began);
      world.nowMs += 1;
      await sessions().use("t", world.nowMs);
      expect(await lastUse()).toBe(world.nowMs);
    });

    test("a session that has ended is not listed, and its row goes with the next sign-in", async () => {
      await issue("a");
      await redeem("a");
      world.nowMs += HOUR;
      await issue("b");
      await redeem("b");
      expect((await sessions().list(world.nowMs)).map(({ id }) => id)).toHaveLength(1);
    });
  });

  describe("conversations", () => {
    const list = async (changes: object = {}) =>
      world.store.views.conversations({
        accountId: undefined,
        search: "",
        before: undefined,
        limit: 10,
        ...changes,
      });
    const names = async (changes: object = {}) => (await list(changes)).map(({ peer, name }) => name || peer);

    test("stand with the newest message first, and are paged by it", async () => {
      await world.waits(ANNA, "one");
      await world.waits(BERT, "two");
      await world.waits(CARL, "three");
      await world.waits(ANNA, "four");
      expect(await names()).toEqual([ANNA, CARL, BERT]);
      const [first] = await list({ limit: 1 });
      expect(await names({ before: first?.lastEntry })).toEqual([CARL, BERT]);
      expect((await list())[0]).toMatchObject({
        last: { message: { text: "four" } },
        waiting: 2,
        isRunning: false,
      });
    });

    test("are found by a part of name, handle or identifier, never by a pattern", async () => {
      await world.decide([world.message(ANNA, "x", { chatName: "50% of us_all", isGroup: true })]);
      await world.waits(BERT, "y");
      expect(await names({ search: "50%" })).toEqual(["50% of us_all"]);
      expect(await names({ search: "OF US" })).toEqual(["50% of us_all"]);
      expect(await names({ search: BERT.slice(-4) })).toEqual([BERT]);
      expect(await names({ search: "%" })).toEqual(["50% of us_all"]);
      expect(await names({ search: "0_of" })).toEqual([]);
      expect(await names({ search: "\\" })).toEqual([]);
    });

    test("of one account are listed alone, and follow the chat's name", async () => {
      await world.waits(ANNA, "x");
      await world.decide([world.message(BERT, "y", { accountId: WORK, chatName: "old" })]);
      await world.decide([world.message(BERT, "z", { accountId: WORK, chatName: "new" })]);
      expect(await names({ accountId: WORK })).toEqual(["new"]);
      expect(await names({ accountId: HOME })).toEqual([ANNA]);
    });

    test("show that an agent is at work", async () => {
      await world.begin(await world.waits(ANNA, "x"));
      expect((await list())[0]).toMatchObject({ isRunning: true, waiting: 0 });
    });

    test("are muted and unmuted once, which messages' facts and the record show", async () => {
      const id = await world.waits(ANNA, "x");
      const mute = async (isMuted: boolean) =>
        world.store.conversationActs.mute(id, isMuted, { by: "test", nowMs: world.nowMs });
      expect([await mute(true), await mute(true)]).toEqual([true, false]);
      expect((await world.factsFor(world.message(ANNA, "y"))).isMuted).toBe(true);
      expect((await world.factsFor(world.message(BERT, "y"))).isMuted).toBe(false);
      expect([await mute(false), await mute(false)]).toEqual([true, false]);
      expect(await world.store.conversationActs.mute(99 as ConversationId, true, { by: "x", nowMs: 1 })).toBe(
        false,
      );
      const noted = await world.store.activity.list({ kind: "session", before: undefined, limit: 9 });
      expect(noted.map(({ text }) => text)).toEqual(["unmuted the conversation", "muted the conversation"]);
    });

    test("are stopped: the turn ends, what waits is dropped, and other conversations go on", async () => {
      const id = await world.waits(ANNA, "one");
      const turn = await world.begin(id);
      await world.waits(ANNA, "two");
      const other = await world.begin(await world.waits(BERT, "three"));
      const stop = async () =>
        world.store.conversationActs.stop(id, { by: "page session 1", nowMs: world.nowMs });
      expect(await stop()).toEqual({ stopped: turn.id, dropped: 1 });
      expect(await stop()).toEqual({ stopped: undefined, dropped: 0 });
      expect((await world.store.views.runningTurns()).map((one) => one.id)).toEqual([other.id]);
      const [story] = await world.store.records.explain({ guid: "GUID-102" as never });
      expect(story?.decisions.at(-1)?.outcome).toMatchObject({
        code: "stopped",
        because: "page session 1 said stop",
      });
    });
  });

  describe("a timeline", () => {
    const keys = (items: readonly Happening[]) => items.map(({ kind, id }) => `${kind} ${id}`);
    const piece = async (id: ConversationId, changes: object = {}) =>
      world.store.views.timeline(id, { before: undefined, limit: 50, ...changes });

    /** Everything, walked by pieces of so many. */
    async function walk(id: ConversationId, limit: number): Promise<string[]> {
      const all: string[] = [];
      let before: Happening | undefined;
      for (;;) {
        const { items, isMore } = await piece(id, { before, limit });
        all.push(...keys(items));
        before = items.at(-1);
        if (!isMore) return all;
      }
    }

    async function talk(): Promise<ConversationId> {
      const id = await world.waits(ANNA, "one");
      const turn = await world.begin(id);
      // All of it within one moment, as fast agents answer.
      const group = world.group(id, "first", "second");
      await world.store.turns.finish(turn, { state: "answered", text: "all" }, group, world.nowMs);
      world.nowMs += 1000;
      await world.waits(ANNA, "two");
      await world.waits(BERT, "elsewhere");
      return id;
    }

    test("has messages, turns and parts, newest first, and those of no other conversation", async () => {
      const id = await talk();
      const { items, isMore } = await piece(id);
      expect(isMore).toBe(false);
      expect(items.map(({ kind }) => kind)).toEqual(["message", "part", "part", "turn", "message"]);
    });

    test.each([1, 2, 3, 4])("is the same walked %i at a time", async (limit) => {
      const id = await talk();
      expect(await walk(id, limit)).toEqual(keys((await piece(id)).items));
    });

    test("shows a message of ours once, though it comes back as a row", async () => {
      const id = await talk();
      const [sent] = await world.claim();
      if (sent === undefined) throw new Error("nothing to send");
      await world.settle(sent, { state: "sent", guid: "OURS" as never, rowId: undefined });
      await world.decide([world.message(ANNA, "first", { guid: "OURS" as never, isFromMe: true })], {
        outcome: { kind: "remember", code: "own.row", because: "it is our own message" },
      });
      const { items } = await piece(id);
      expect(items.filter(({ kind }) => kind === "message")).toHaveLength(2);
    });

    test("is cut short by long texts, and nothing is lost at the cut", async () => {
      const id = await world.waits(ANNA, "x");
      for (let n = 0; n < 5; n += 1) {
        world.nowMs += 1000;
        await world.waits(ANNA, `${n}`.repeat(150_000));
      }
      expect((await piece(id)).items.length).toBeLessThan(6);
      expect(await walk(id, 50)).toHaveLength(6);
    });
  });

  describe("the journal", () => {
    test("is read newest first before a place and oldest first after one", async () => {
      for (const text of ["one", "two", "three"]) await world.waits(ANNA, text);
      await world.decide([world.message(BERT, "four", { accountId: WORK })]);
      const read = async (page: object) =>
        (await world.store.views.journal({ accountId: undefined, limit: 2, ...page })).map(
          ({ entry }) => entry.message.text,
        );
      expect(await read({})).toEqual(["four", "three"]);
      expect(await read({ before: 3 as EntryId })).toEqual(["two", "one"]);
      expect(await read({ after: 1 as EntryId })).toEqual(["two", "three"]);
      expect(await read({ accountId: WORK })).toEqual(["four"]);
      expect(await read({ accountId: HOME, after: 0 as EntryId })).toEqual(["one", "two"]);
    });
  });

  describe("activity", () => {
    const note = async (text: string, kind: "config" | "failure" = "config") =>
      world.store.activity.note({ atMs: world.nowMs, kind, actor: "test", text });

    test("is listed newest first, by kind, and paged", async () => {
      for (const text of ["one", "two", "three"]) await note(text);
      await note("broken", "failure");
      const list = async (page: object) =>
        (await world.store.activity.list({ kind: undefined, before: undefined, limit: 9, ...page })).map(
          ({ text }) => text,
        );
      expect(await list({ limit: 2 })).toEqual(["broken", "three"]);
      expect(await list({ kind: "config", before: 3 })).toEqual(["two", "one"]);
      expect(await list({ kind: "failure" })).toEqual(["broken"]);
    });

    test("is one line a thing, whatever the text holds", async () => {
      await note(`a\nb\u202e${"x".repeat(2000)}`);
      const [entry] = await world.store.activity.list({ kind: undefined, before: undefined, limit: 1 });
      expect(entry?.text).toMatch(/^a bx+…$/);
      expect(entry?.text.length).toBeLessThanOrEqual(500);
    });

    test("tells who approved, refused and took back", async () => {
      await world.asks(ANNA, "AAAA2222");
      await world.store.pairings.approve("AAAA2222", {
        notice: "in",
        nowMs: world.nowMs,
        by: "page session 7",
        route: () => ({ agentId: "main" as never, sessionKey: "agent:main:main" as never }),
      });
      await world.store.pairings.revoke(ANNA, { nowMs: world.nowMs });
      await world.store.pairings.revoke(ANNA, { nowMs: world.nowMs });
      const noted = await world.store.activity.list({ kind: "pairing", before: undefined, limit: 9 });
      expect(noted.map(({ actor, text }) => `${actor}: ${text}`)).toEqual([
        `command line: took back the approval of ${ANNA}`,
        `page session 7: let ${ANNA} in`,
      ]);
    });

    test("tells what failed: a turn, and a message that is parked, retried and dropped", async () => {
      const turn = await world.begin(await world.waits(ANNA, "one"));
      const group = { accountId: HOME, conversationId: turn.conversationId, parts: [part("sorry")] };
      const end = { state: "failed", reason: "no key", ref: "X" } as const;
      await world.store.turns.finish(turn, end, group, world.nowMs);
      const [sent] = await world.claim();
      if (sent === undefined) throw new Error("nothing to send");
      await world.settle(sent, { state: "parked", reason: "no such chat" });
      await world.store.outbox.retry(sent.id, world.nowMs, "page session 1");
      await world.store.outbox.drop(sent.id, world.nowMs);
      const noted = await world.store.activity.list({ kind: undefined, before: undefined, limit: 9 });
      expect(noted.map(({ actor, text }) => `${actor}: ${text}`)).toEqual([
        `command line: gave message ${sent.id} up`,
        `page session 1: had message ${sent.id} tried again`,
        `gateway: message ${sent.id} could not be sent and waits: no such chat`,
        "agent main: could not answer: no key",
      ]);
    });
  });
}
