// A state database that an earlier version wrote, opened by this one: it is migrated, nothing is lost, and all of it goes on.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AgentId, MessageGuid, RowId, SessionKey } from "../../src/model/ids.ts";
import type { Store } from "../../src/model/store.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import { openStore } from "../../src/store/open.ts";
import { ANNA, BERT, CARL, HOME, MINUTE, only, START, WORK } from "./store-world.ts";

/** When the file was closed. */
const END = START + 5 * MINUTE;
const MAIN = "agent:main:main" as SessionKey;

let folder: string;
let path: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "earlier-"));
  path = join(folder, "state.db");
  const file = join(import.meta.dirname, "../fixtures/state/schema-4.db.gz");
  writeFileSync(path, gunzipSync(readFileSync(file)), { mode: 0o600 });
  store = await openStore({ path, clock: { now: () => END } });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

describe("schema 4", () => {
  test("is brought up to date, and no row of it is gone", () => {
    const db = new DatabaseSync(path, { readOnly: true });
    const read = (sql: string): unknown => Object.values(db.prepare(sql).get() ?? {})[0];
    const count = (table: string): unknown => read(`SELECT count(*) FROM ${table}`);
    expect(read("PRAGMA user_version")).toBe(MIGRATIONS.length);
    expect(read("PRAGMA integrity_check")).toBe("ok");
    expect(db.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
    expect([count("inbox"), count("decision"), count("turn"), count("part")]).toEqual([13, 13, 5, 13]);
    expect([count("conversation"), count("session"), count("pairing_request")]).toEqual([6, 4, 2]);
    db.close();
  });

  test("its position and figures are what they were", async () => {
    expect(await store.inbox.position(HOME)).toMatchObject({ cursor: 113 });
    expect(await store.records.newestRow()).toBe(113);
    expect(await store.records.overview(HOME, END)).toMatchObject({
      waiting: 2,
      held: 1,
      running: 1,
      parked: 1,
      pendingPairings: 1,
    });
    expect(await store.records.overview(WORK, END)).toMatchObject({ unknown: 1, queued: 1 });
  });

  test("what was answered, refused and kept as context still says why", async () => {
    const storyOf = async (rowId: number) => only(await store.records.explain({ rowId: rowId as RowId }));
    const answered = await storyOf(101);
    expect(answered).toMatchObject({ state: "done", turn: { state: "answered", agentId: "main" } });
    expect(answered.parts.map(({ text, state }) => [text, state])).toEqual([
      ["Grüße 👋", "sent"],
      ["the second part", "sent"],
    ]);
    expect(await storyOf(102)).toMatchObject({
      turn: { state: "failed", failure: "it fell over", ref: "ref123" },
    });
    expect((await storyOf(103)).decisions.map(({ outcome }) => outcome)).toEqual([
      { kind: "ignore", code: "dm.not-allowed", because: "Carl is on no list", fix: "Add him." },
    ]);
    expect(await storyOf(106)).toMatchObject({
      entry: { message: { isGroup: true, chatName: "Kitchen" } },
      turn: { agentId: "main" },
    });
    const sent = await store.records.explain({ guid: "GUID-107" as MessageGuid });
    expect(only(sent).parts.map(({ text }) => text)).toEqual(["I cannot"]);
  });

  test("who was let in is in, and who asked may still be", async () => {
    expect((await store.pairings.approved()).map(({ handle }) => handle)).toEqual(["+15550000004"]);
    expect((await store.pairings.pending(END)).map(({ code, handle }) => [code, handle])).toEqual([
      ["EEEE3333", "+15550000005"],
    ]);
  });

  test("what was parked, of unknown fate and queued is so still", async () => {
    const unsent = await store.outbox.list({ states: ["queued", "unknown", "parked"], limit: 10 });
    expect(unsent.map(({ text, state, reason }) => [text, state, reason]).toReversed()).toEqual([
      ["a notice that Messages refused", "parked", "Messages said no (-1728)"],
      ["of unknown fate", "unknown", "imsg did not answer"],
      ["queued", "queued", undefined],
    ]);
    const { parts } = await store.outbox.claim(WORK, { limit: 9, nowMs: END, perMinute: 99, perHour: 99 });
    expect(parts.map(({ text }) => text)).toEqual(["queued"]);
  });

  test("the turn that ran is run again, and the session remembers", async () => {
    const turn = only(await store.turns.interrupted(HOME));
    expect(turn.messages.map(({ message }) => message.text)).toEqual(["now push"]);
    expect(await store.turns.resume(turn, END)).toMatchObject({ attempt: 2 });
    expect(await store.sessions.show(MAIN, 10)).toMatchObject({
      turns: 1,
      agentId: "main",
      log: [{ answered: "Grüße 👋\nthe second part", said: [{ sender: ANNA, text: "question" }] }],
    });
    expect(await store.sessions.agentSession(MAIN, "main" as AgentId)).toMatchObject({
      nativeId: "native-1",
    });
  });

  test("what agents asked is known; what was open, or allowed for good by less than its whole, is asked again", async () => {
    expect(await store.approvals.allStanding()).toEqual([]);
    const asked = (await store.approvals.list(10)).map(({ request, asked: whom, decision }) => [
      request.title,
      whom.map(({ owner }) => owner),
      decision?.by,
    ]);
    expect(asked.toReversed()).toEqual([
      ["ls -la", [BERT], "owner"],
      ["git push", [BERT], "turn-over"],
    ]);
  });

  test("the last row, which nobody decided about, is decided now", async () => {
    const decided = await store.inbox.decide(HOME, {
      decide: (_entry, handle) => ({
        outcome: { kind: "ignore", code: "dm.not-allowed", because: "still on no list", fix: "Add him." },
        gates: [],
        handle,
        configVersion: "v2",
        mirrorStreak: 0,
      }),
      handleOf: (message) => message.sender as never,
      nowMs: END,
      owners: [],
    });
    expect(decided.map(({ entry }) => [entry.message.sender, entry.message.text])).toEqual([
      [CARL, "the last word"],
    ]);
  });
});
