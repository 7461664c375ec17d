// The store on SQLite: the contract, and what is SQLite's own: files, versions, group commits, kills, the use of indexes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../../src/model/store.ts";
import { MIGRATIONS } from "../../src/store/migrations.ts";
import { openStore } from "../../src/store/open.ts";
import { SCHEMA_1 } from "../../src/store/schema-1.ts";
import { openDatabase, type Database } from "../../src/store/sqlite.ts";
import { describeStore } from "./store.contract.ts";
import type { ConversationId } from "../../src/model/ids.ts";
import { ANNA, HOME, only, START, World, type StateDatabase } from "./store-world.ts";

const clock = { now: () => Date.now() };
/** Every statement that was prepared, by whichever test. */
const prepared = new Set<string>();
const original = Object.getOwnPropertyDescriptor(DatabaseSync.prototype, "prepare")
  ?.value as DatabaseSync["prepare"];
DatabaseSync.prototype.prepare = function (sql, ...rest) {
  prepared.add(sql);
  return original.call(this, sql, ...rest);
};

type SqliteDatabase = StateDatabase & { readonly path: string };

/** A state database in a folder of its own. */
function createDatabase(): SqliteDatabase {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  const path = join(folder, "state", "state.db");
  const opened: Store[] = [];
  return {
    path,
    connect: async (clock) => {
      const store = await openStore({ path, clock });
      opened.push(store);
      return store;
    },
    remove: async () => {
      await Promise.all(opened.map(async (store) => store.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeStore("SQLite", async () => createDatabase());

let database: SqliteDatabase;
const setUp = () => {
  database = createDatabase();
};
const tearDown = async () => database.remove();

describe("every statement", () => {
  beforeEach(setUp);
  afterEach(tearDown);
  const GROWING = [
    "inbox",
    "decision",
    "turn",
    "part",
    "lane",
    "attempt",
    "conversation",
    "pairing_request",
    "approval",
    "approval_asked",
  ];

  // Contract: runs after the suite above, which has used every statement there is.
  test("finds its rows in growing tables by an index", async () => {
    await database.connect(clock);
    const handle = new DatabaseSync(database.path);
    const queries = [...prepared].filter((sql) => /^\s*(?:SELECT|WITH|UPDATE|DELETE|INSERT)/i.test(sql));
    const scans = queries.flatMap((sql) =>
      explain(handle, sql)
        .filter(({ detail }) => GROWING.includes(/^SCAN (\w+)/.exec(detail)?.[1] ?? ""))
        .map(({ detail }) => `${detail}: ${sql}`),
    );
    const unused = explain(handle, "SELECT 1 FROM inbox WHERE message = ?");
    handle.close();
    expect(queries.length).toBeGreaterThan(80);
    expect(scans).toEqual([]);
    expect(unused[0]?.detail).toMatch(/^SCAN inbox/);
  });

  function explain(handle: DatabaseSync, sql: string): { detail: string }[] {
    const places = [...sql.matchAll(/\?(\d*)/g)].map(([, number], index) => Number(number) || index + 1);
    const values = Array.from({ length: Math.max(...places, 0) }, () => 1);
    return handle.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[];
  }
});

describe("the files", () => {
  beforeEach(setUp);
  afterEach(tearDown);
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

  test("are the owner's alone, whatever the umask", async () => {
    const umask = process.umask(0);
    try {
      const world = await World.create(async () => database);
      await world.waits(ANNA, "hello");
      expect(mode(dirname(database.path))).toBe("700");
      for (const suffix of ["", "-wal", "-shm"]) expect(mode(database.path + suffix)).toBe("600");
    } finally {
      process.umask(umask);
    }
  });

  test("become the owner's alone when they were not", async () => {
    const store = await database.connect(clock);
    await store.close();
    chmodSync(database.path, 0o644);
    await database.connect(clock);
    for (const suffix of ["", "-wal", "-shm"]) expect(mode(database.path + suffix)).toBe("600");
  });
});

describe("versions", () => {
  beforeEach(setUp);
  afterEach(tearDown);
  const version = () => raw((handle) => handle.prepare("PRAGMA user_version").get()?.["user_version"]);
  const raw = <T>(use: (handle: DatabaseSync) => T): T => {
    mkdirSync(dirname(database.path), { recursive: true });
    const handle = new DatabaseSync(database.path);
    const answer = use(handle);
    handle.close();
    return answer;
  };

  test("an empty file is brought to the newest, also by several at once", async () => {
    await Promise.all([database.connect(clock), database.connect(clock), database.connect(clock)]);
    expect(version()).toBe(MIGRATIONS.length);
  });

  test("an open one stays as it is", async () => {
    const world = await World.create(async () => database);
    await world.waits(ANNA, "hello");
    const again = await world.another();
    expect((await again.records.overview(HOME, world.nowMs)).waiting).toBe(1);
  });

  test("one of the first version is brought on with all it holds", async () => {
    raw((handle) =>
      handle.exec(`${SCHEMA_1}; ${DATA_1}; PRAGMA application_id = 0x43436c77; PRAGMA user_version = 1`),
    );
    const store = await database.connect(clock);
    expect(version()).toBe(MIGRATIONS.length);
    const interrupted = only(await store.turns.interrupted(HOME));
    expect(interrupted).toMatchObject({ id: "turn-1", context: [], earlier: [] });
    expect(only(interrupted.messages)).toMatchObject({ handle: ANNA, message: { text: "one" } });
    const group = { accountId: HOME, conversationId: undefined, parts: [] };
    await store.turns.finish(interrupted, { state: "answered", text: "1" }, group, START);
    const context = () => ({ messages: 5, turns: 5 });
    const limits = { maxPerMinute: 20, nowMs: START, context, isOver: () => false };
    expect(await store.turns.begin(1 as ConversationId, limits)).toMatchObject({
      sessionId: "session-1",
      messages: [{ message: { text: "two" } }],
      context: [],
      earlier: [{ said: [{ sender: ANNA, text: "one" }], answered: "1" }],
    });
    const claim = { limit: 9, nowMs: START, perMinute: 9, perHour: 9 };
    expect(only((await store.outbox.claim(HOME, claim)).parts)).toMatchObject({
      text: "reply",
      formatting: [],
      chat: { chatId: 7, isGroup: false, peer: ANNA },
    });
  });

  test("what agents asked before is kept, and what was allowed for good is asked again", async () => {
    const later = MIGRATIONS.slice(1, 9).join(";");
    raw((handle) =>
      handle.exec(
        `${SCHEMA_1}; ${DATA_1}; ${later}; ${DATA_8}; PRAGMA application_id = 0x43436c77; PRAGMA user_version = 9`,
      ),
    );
    const store = await database.connect(clock);
    expect(await store.approvals.list(9)).toMatchObject([
      { id: 2, asked: [{ owner: ANNA }], decision: { allowed: false, by: "turn-over" } },
      { id: 1, request: { title: "Edit" }, decision: { allowed: true, by: "owner", decider: ANNA } },
    ]);
    expect(await store.approvals.allStanding()).toEqual([]);
    expect(await store.approvals.pending()).toEqual([]);
  });

  test("a newer one is refused and left as it is", async () => {
    const store = await database.connect(clock);
    await store.close();
    raw((handle) => handle.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`));
    await expect(database.connect(clock)).rejects.toMatchObject({
      code: "store/newer",
      hint: expect.stringMatching(/\w/),
    });
    expect(version()).toBe(MIGRATIONS.length + 1);
  });

  test("a database of something else is refused and left as it is", async () => {
    raw((handle) => handle.exec("CREATE TABLE message (text TEXT)"));
    const before = readFileSync(database.path);
    await expect(database.connect(clock)).rejects.toMatchObject({ code: "store/unusable" });
    expect(readFileSync(database.path)).toEqual(before);
  });

  test("what is no database is refused and left as it is", async () => {
    mkdirSync(dirname(database.path), { recursive: true });
    writeFileSync(database.path, "dear diary, ".repeat(1000));
    await expect(database.connect(clock)).rejects.toMatchObject({
      code: "store/unusable",
      hint: expect.stringMatching(/store\.url/),
    });
    expect(readFileSync(database.path, "utf8")).toMatch(/^dear diary/);
  });

  test("a path that cannot be a file is refused", async () => {
    mkdirSync(database.path, { recursive: true });
    await expect(database.connect(clock)).rejects.toMatchObject({
      code: "store/unusable",
      hint: expect.stringMatching(/\w/),
    });
  });
});

/** What a gateway of the first version leaves: a turn that runs, a message that waits, a part that is queued. */
const DATA_1 = `
INSERT INTO account VALUES ('home', 102, ${START}, NULL, 0, NULL, NULL);
INSERT INTO conversation VALUES (1, 'home', 'any;-;${ANNA}', 7, 'iMessage;-;${ANNA}', '${ANNA}', 0, '${ANNA}', 0);
INSERT INTO session VALUES ('agent:main:main', 'session-1', 'main', ${START}, ${START}, 1);
INSERT INTO turn VALUES ('turn-1', 'home', 1, 'main', 'agent:main:main', 'session-1', 1, 'running', 'gone', ${START - 1},
  NULL, NULL, NULL, NULL);
INSERT INTO inbox VALUES
  (1, 'home', 'G1', 101, 1, 'taken', '${ANNA}', 'main', 'agent:main:main', 'turn-1', ${START}, 0, ${START},
    '{"accountId":"home","text":"one","sender":"${ANNA}"}'),
  (2, 'home', 'G2', 102, 1, 'waiting', '${ANNA}', 'main', 'agent:main:main', NULL, ${START}, 0, ${START},
    '{"accountId":"home","text":"two","sender":"${ANNA}"}');
INSERT INTO part (id, group_id, lane, account_id, conversation_id, origin, target, text, state, not_before_ms, created_at_ms)
  VALUES (1, 1, 'conversation 1', 'home', 1, 'turn', '{"kind":"chat_id","chatId":7}', 'reply', 'queued', 0, 0);
INSERT INTO lane VALUES ('conversation 1', 'home', 1, 0)`;

describe("groups of verbs", () => {
  let db: Database;
  beforeEach(async () => {
    setUp();
    db = await openDatabase(database.path);
    await db.write(() => {
      db.sql("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)").run();
      db.sql("CREATE TABLE leaf (note INTEGER REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED)").run();
    });
  });
  afterEach(async () => {
    await db.close();
    await database.remove();
  });
  const note = async (text: string) =>
    db.write(() => db.sql("INSERT INTO note (text) VALUES (?)").insert(text));
  const notes = async () =>
    db.read(() =>
      db
        .sql<{ text: string }>("SELECT text FROM note ORDER BY id")
        .all()
        .map((row) => row.text),
    );

  test("asked for together are one commit", async () => {
    const before = countCommits(`${database.path}-wal`);
    await Promise.all(Array.from({ length: 200 }, async (_, index) => note(`${index}`)));
    expect(countCommits(`${database.path}-wal`) - before).toBe(1);
    await note("alone");
    expect(countCommits(`${database.path}-wal`) - before).toBe(2);
  });

  test("that only read commit nothing", async () => {
    const before = countCommits(`${database.path}-wal`);
    await Promise.all([notes(), notes()]);
    expect(countCommits(`${database.path}-wal`)).toBe(before);
  });

  test("lose one that throws, with all it did", async () => {
    const failing = db.write(() => {
      db.sql("INSERT INTO note (text) VALUES ('half')").run();
      throw new Error("no further");
    });
    const results = await Promise.allSettled([note("one"), failing, note("two")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await notes()).toEqual(["one", "two"]);
  });

  test("are all rejected when the commit fails, and the next one works", async () => {
    const orphan = db.write(() => db.sql("INSERT INTO leaf (note) VALUES (99)").run());
    const results = await Promise.allSettled([note("one"), orphan, notes()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(await note("two")).toBe(1);
    expect(await notes()).toEqual(["two"]);
  });

  test("that fill the disk are rejected with what to do, and the next one works", async () => {
    await db.read(() => {
      const pages = db.sql<{ page_count: number }>("PRAGMA page_count").get()?.page_count ?? 0;
      db.sql(`PRAGMA max_page_count = ${pages + 4}`).get();
    });
    await expect(note("x".repeat(100_000))).rejects.toMatchObject({
      code: "store/unusable",
      hint: expect.stringMatching(/space/),
    });
    await note("small");
    expect(await notes()).toEqual(["small"]);
  });

  test("wait for another process that writes, without holding up this one", async () => {
    const other = new DatabaseSync(database.path);
    other.exec("BEGIN IMMEDIATE; INSERT INTO note (text) VALUES ('other')");
    const order: string[] = [];
    const waiting = [note("one"), note("two")].map(async (asked) => {
      await asked;
      order.push("written");
    });
    setTimeout(() => {
      order.push("released");
      other.exec("COMMIT");
      other.close();
    }, 400);
    await Promise.all(waiting);
    expect(order).toEqual(["released", "written", "written"]);
    expect(await notes()).toEqual(["other", "one", "two"]);
  });
});

/** Frames of a write-ahead log that end a transaction (https://sqlite.org/walformat.html). */
function countCommits(path: string): number {
  const wal = readFileSync(path);
  const frameBytes = 24 + wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + frameBytes <= wal.length; at += frameBytes)
    if (wal.subarray(at + 8, at + 16).equals(salt) && wal.readUInt32BE(at + 4) > 0) commits += 1;
  return commits;
}

describe("a process killed at any moment", () => {
  beforeEach(setUp);
  afterEach(tearDown);

  test.each([1, 2, 3, 4, 5, 6])("leaves whole verbs only (%i)", async (round) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "store-child.ts"), database.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    let answered = 0;
    child.stdout.on("data", (dots: Buffer) => (answered += dots.length));
    await expect.poll(() => answered, { timeout: 30_000, interval: 1 }).toBeGreaterThan(40 * round);
    // Another process writes meanwhile, as the command line would.
    const store = await database.connect(clock);
    const ours = await store.outbox.add(
      {
        accountId: HOME,
        conversationId: undefined,
        parts: [{ origin: "send", target: { kind: "chat_identifier", identifier: "nobody" }, text: "ours" }],
      },
      1,
    );
    child.kill("SIGKILL");
    expect(await ended).toEqual([null, "SIGKILL"]);
    const next = await database.connect(clock);
    expect(await next.outbox.find(ours[0] as never)).toMatchObject({ text: "ours" });
    const handle = new DatabaseSync(database.path);
    for (const [what, sql] of Object.entries(BROKEN))
      expect([what, handle.prepare(sql).all()]).toEqual([what, []]);
    const turns = Number(handle.prepare("SELECT count(*) AS n FROM turn").get()?.["n"]);
    handle.close();
    expect(turns).toBeGreaterThanOrEqual(answered);
    for (const turn of await next.turns.interrupted(HOME))
      expect(await next.turns.resume(turn, 1)).toMatchObject({ attempt: 2 });
  });
});

/** Rows that only half a verb could leave. */
const BROKEN = {
  integrity: "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
  "foreign keys": "SELECT * FROM pragma_foreign_key_check",
  "a row the cursor does not cover":
    "SELECT inbox.id FROM inbox JOIN account ON account.id = account_id WHERE row_id > cursor",
  "a cursor without its row":
    "SELECT id FROM account WHERE cursor > 100 AND cursor NOT IN (SELECT row_id FROM inbox)",
  "decided without a decision":
    "SELECT id FROM inbox WHERE state <> 'undecided' AND id NOT IN (SELECT entry_id FROM decision)",
  "a decision on an undecided entry":
    "SELECT inbox.id FROM decision JOIN inbox ON inbox.id = entry_id WHERE state = 'undecided'",
  "taken without a turn":
    "SELECT id FROM inbox WHERE state = 'taken' AND turn_id NOT IN (SELECT id FROM turn)",
  "a turn without messages":
    "SELECT id FROM turn WHERE id NOT IN (SELECT turn_id FROM inbox WHERE turn_id IS NOT NULL)",
  "a running turn with parts":
    "SELECT turn.id FROM turn JOIN part ON part.turn_id = turn.id WHERE turn.state = 'running'",
  "an answered turn without its two parts":
    "SELECT id FROM turn WHERE state = 'answered' AND (SELECT count(*) FROM part WHERE turn_id = turn.id) <> 2",
  "messages of an ended turn still taken":
    "SELECT inbox.id FROM inbox JOIN turn ON turn.id = turn_id WHERE turn.state <> 'running' AND inbox.state = 'taken'",
  "a claim without its attempt":
    "SELECT id FROM part WHERE attempts <> (SELECT count(*) FROM attempt WHERE part_id = part.id)",
  "a lane that leads to a part that may not go":
    "SELECT key FROM lane JOIN part ON part.id = part_id WHERE part.state <> 'queued'",
  "a command done without its reply": `SELECT inbox.id FROM inbox JOIN decision ON entry_id = inbox.id
     WHERE code = 'command' AND state = 'done' AND inbox.id NOT IN (SELECT entry_id FROM part WHERE entry_id IS NOT NULL)`,
  "a reply of a command that is not done": `SELECT inbox.id FROM inbox JOIN part ON part.entry_id = inbox.id
     WHERE inbox.state <> 'done'`,
  "a turn running that a stop before it should have ended": `SELECT turn.id FROM turn JOIN inbox ON inbox.turn_id = turn.id
     JOIN inbox AS stop ON stop.conversation_id = turn.conversation_id AND stop.id > inbox.id
     WHERE turn.state = 'running' AND stop.command IS NOT NULL AND stop.state = 'done'`,
  "context that a turn without an answer keeps": `SELECT inbox.id FROM inbox JOIN turn ON turn.id = context_turn
     WHERE turn.state NOT IN ('running', 'answered')`,
  "context that may be shown and was": "SELECT id FROM inbox WHERE context = 1 AND context_turn IS NOT NULL",
  "attempts that were not counted": `SELECT 1 WHERE (SELECT count(*) FROM attempt)
     <> (SELECT coalesce(sum(count), 0) FROM send_count)`,
  "a part forgotten by its lane": `SELECT id FROM part WHERE state = 'queued' AND lane NOT IN (SELECT key FROM lane)
     AND lane NOT IN (SELECT lane FROM part WHERE state IN ('sending', 'unknown', 'parked'))`,
};

/** Questions of an earlier version: one answered, one open, and an answer that held for all edits. */
const DATA_8 = `
INSERT INTO permission VALUES
  (1, 'turn-1', 'home', 1, 'main', '{"title":"Edit","toolKind":"edit","options":[]}', '${ANNA}', 1, 1, 1, 2, 'allowed',
   'once', 'owner', '${ANNA}', 2),
  (2, 'turn-1', 'home', 1, 'main', '{"title":"Run","toolKind":"execute","options":[]}', '${ANNA}', 1, 1, 3, 9, 'pending',
   NULL, NULL, NULL, NULL);
INSERT INTO standing_permission VALUES ('main', 'edit', 1, '${ANNA}', 2)`;
