// imsg and Messages as they really are: accents, slow sends, a bridge that goes away, rows that come again, notes to self.
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";
const SELF = "+14155550009";
const GRUESSE = "Schöne Grüße, 한글 がぎ";
const NOTES = { dmPolicy: "allowlist", allowFrom: [SELF], selfHandles: [SELF] };

/** Writes as Messages would. */
function write(world: World, sql: string): void {
  const db = new DatabaseSync(world.db, { timeout: 5000 });
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

/** Messages of macOS 26 writes no copy of a note to self. */
const NO_COPIES = `CREATE TRIGGER no_copies AFTER INSERT ON chat_message_join
  WHEN (SELECT is_from_me FROM message WHERE ROWID = NEW.message_id) = 0
  BEGIN
    DELETE FROM chat_message_join WHERE message_id = NEW.message_id;
    DELETE FROM message WHERE ROWID = NEW.message_id;
  END`;

/** The newest row of somebody else comes again from iCloud. */
function deliverAgain(change: string): string {
  return `BEGIN;
    CREATE TEMP TABLE again AS SELECT * FROM message WHERE is_from_me = 0 ORDER BY ROWID DESC LIMIT 1;
    CREATE TEMP TABLE place AS SELECT * FROM chat_message_join WHERE message_id = (SELECT ROWID FROM again);
    UPDATE again SET ROWID = (SELECT max(ROWID) + 1 FROM message), guid = 'AGAIN-' || hex(randomblob(8)), ${change};
    INSERT INTO message SELECT * FROM again;
    INSERT INTO chat_message_join (chat_id, message_id, message_date) SELECT chat_id, (SELECT ROWID FROM again), message_date FROM place;
    COMMIT;`;
}

/** Somebody sends a link, as one row with its preview. */
function linkFrom(person: string, link: string): string {
  const nowNs = `${(Date.now() - 978_307_200_000) * 1_000_000}`;
  return `BEGIN;
    CREATE TEMP TABLE link AS SELECT m.* FROM message m JOIN handle h ON h.ROWID = m.handle_id
      WHERE h.id = '${person}' AND m.is_from_me = 0 ORDER BY m.ROWID DESC LIMIT 1;
    CREATE TEMP TABLE place AS SELECT * FROM chat_message_join WHERE message_id = (SELECT ROWID FROM link);
    UPDATE link SET ROWID = (SELECT max(ROWID) + 1 FROM message), guid = 'LINK-' || hex(randomblob(8)), date = ${nowNs},
      text = '${link}', attributedBody = NULL, balloon_bundle_id = 'com.apple.messages.URLBalloonProvider';
    INSERT INTO message SELECT * FROM link;
    INSERT INTO chat_message_join (chat_id, message_id, message_date) SELECT chat_id, (SELECT ROWID FROM link), ${nowNs} FROM place;
    COMMIT;`;
}

const composed = (texts: readonly string[]): string[] => texts.map((text) => text.normalize("NFC"));

async function answeredTo(world: World, chat: string, texts: readonly string[]): Promise<void> {
  await until(
    () => composed(world.sentTo(chat)).length >= texts.length,
    () => `${JSON.stringify(world.sentTo(chat))}\n${world.lastLog()}`,
    60_000,
  );
  expect(composed(world.sentTo(chat))).toEqual(texts);
}

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("an answer with accents goes out once, although imsg could not tell what became of it", async () => {
    await using world = await World.create({ dialect });
    world.launchKilling();
    await world.watching();
    await world.setFaults({ fault: "send", outcome: "error-after", times: 1 });
    await world.receive(ANNA, GRUESSE);
    await answeredTo(world, ANNA, [`You said: ${GRUESSE}`]);
    await world.receive(ANNA, "again");
    await answeredTo(world, ANNA, [`You said: ${GRUESSE}`, "You said: again"]);
  });

  test.each([
    ["two rows of each text", ""],
    ["rows from me only", NO_COPIES],
  ])("in a note-to-self chat with %s, each note is answered once and no answer is", async (_what, sql) => {
    await using world = await World.create({ dialect, self: [SELF], imessage: NOTES });
    write(world, sql);
    world.launchKilling();
    await world.watching();
    const expected: string[] = [];
    for (const note of [
      GRUESSE,
      "see https://example.com/a",
      "You said: see https://example.com/a",
      "ok",
      "ok",
    ]) {
      await world.receive(SELF, note);
      expected.push(note, `You said: ${note}`);
      await answeredTo(world, SELF, expected);
    }
    // One more, so that an answer to an answer would have come before it.
    await world.receive(SELF, "last");
    await answeredTo(world, SELF, [...expected, "last", "You said: last"]);
  });

  test("a message that iCloud delivers again is not answered again, the same words later are", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
    write(world, deliverAgain("text = text"));
    write(world, deliverAgain("date = date + 1000000000"));
    await world.expectSent(ANNA, ["You said: hello", "You said: hello"]);
    const again = world.mac.rows<{ guid: string }>(
      "SELECT guid FROM message WHERE guid LIKE 'AGAIN-%' ORDER BY ROWID",
    );
    const stories = [];
    for (const { guid } of again) stories.push(await world.decided(guid));
    expect(stories.map(({ kind, code }) => code ?? kind)).toEqual(["row.redelivered", "turn"]);
  });
});

test("a send that goes on after its process was killed goes out once", async () => {
  await using world = await World.create({ dialect: "v1" });
  world.launchKilling(undefined, { slowestSendMs: 12_000 });
  await world.watching();
  await world.setFaults({ fault: "send", outcome: "deliver-late", ms: 5_000, times: 1 });
  await world.receive(ANNA, "hello");
  const { pid, guid } = await until(
    () => world.simEvents().find(({ event }) => event === "sent-late"),
    () => world.lastLog(),
  );
  process.kill(Number(pid), "SIGKILL");
  // Whoever sends again does it before the first one is there.
  await until(
    () => world.sent().some((row) => row.guid === guid),
    () => world.lastLog(),
  );
  expect(world.sentTo(ANNA)).toEqual(["You said: hello"]);
  await world.receive(ANNA, "again");
  await world.expectSent(ANNA, ["You said: hello", "You said: again"], 60_000);
});

test("what Messages has and does not show yet is waited for, not sent again", async () => {
  await using world = await World.create({ dialect: "v1" });
  world.launchKilling();
  await world.watching();
  await world.setFaults({ fault: "send", outcome: "no-row-yet", ms: 12_000, times: 1 });
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
  await world.receive(ANNA, "again");
  await world.expectSent(ANNA, ["You said: hello", "You said: again"]);
});

test("answers go on when the bridge goes away", async () => {
  await using world = await World.create({ dialect: "v1", bridge: true });
  await world.start();
  const methods = () =>
    world
      .simEvents()
      .filter(({ event }) => event === "sent")
      .map(({ method }) => method);
  await world.receive(ANNA, "one");
  await world.expectSent(ANNA, ["You said: one"]);
  await world.setFaults({ fault: "bridge-gone" });
  for (const [text, expected] of [
    ["two", ["You said: one", "You said: two"]],
    ["three", ["You said: one", "You said: two", "You said: three"]],
  ] as const) {
    await world.receive(ANNA, text);
    await world.expectSent(ANNA, expected);
  }
  expect(methods()).toEqual(["send.tracked", "send", "send"]);
});

test("a permission that macOS withholds is named with its fix", async () => {
  await using world = await World.create({ dialect: "v1" });
  await world.start();
  await world.setFaults({ fault: "send", outcome: "error-before", number: -1743 });
  await world.receive(ANNA, "hello");
  const status = await until(
    async () => {
      const { stdout } = await world.coderclaw("channels", "status");
      return stdout.includes("-1743") && stdout;
    },
    () => world.lastLog(),
  );
  expect(status).toContain("macOS does not let imsg control Messages (AppleScript error -1743)");
  expect(status).toContain("Privacy & Security → Automation");
  const outbox = await world.coderclaw("outbox", "list", "--json");
  expect(outbox.stdout).toContain("Privacy & Security → Automation");
});

test("legacy: of a burst over forty chats nothing is lost, also what the watch swallows", async () => {
  await using world = await World.create({ dialect: "legacy" });
  const people = Array.from({ length: 40 }, (_, index) => `+1415555${String(1000 + index)}`);
  for (const person of people) await world.receive(person, "before", "--at", "-1d");
  world.launchKilling();
  await world.watching();
  const [linker = "", ...others] = people;
  const link = "https://example.com/a";
  write(world, linkFrom(linker, link));
  await world.expectSent(linker, [`You said: ${link}`]);
  // The process that told a link once does not tell it again. Others that write later push its chat down the list.
  await world.setFaults({ fault: "silent-watch" });
  write(world, linkFrom(linker, link));
  for (const person of others) await world.receive(person, `from ${person}`);
  await world.setFaults();
  await until(
    () =>
      others.every((person) => world.sentTo(person).includes(`You said: from ${person}`)) &&
      world.sentTo(linker).length === 2,
    () => `${world.sent().length} answers\n${world.lastLog()}`,
    120_000,
  );
  expect(world.sent()).toHaveLength(people.length + 1);
});
