// What may go out: to whom, how much of it, by which name of a chat, and in which form.
import { describe, expect, test } from "vitest";
import { Recorder } from "./recorder.ts";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";
const CARL = "carl@example.com";
const OPEN = { dmPolicy: "open", allowFrom: ["*"], groupPolicy: "open" };

interface Listed {
  readonly state: string;
  readonly text: string;
  readonly reason?: string;
}

async function outbox(world: World): Promise<readonly Listed[]> {
  const listed = await world.coderclaw("outbox", "list", "--all", "--json");
  return (JSON.parse(listed.stdout) as { messages: Listed[] }).messages;
}

describe("allowTo", () => {
  test("24: who is not in it is not answered, and nothing is run for them", async () => {
    await using world = await World.create();
    const recorder = new Recorder(world);
    const trip = await world.mac.makeGroup("Trip", [ANNA, BEN]);
    const work = await world.mac.makeGroup("Work", [ANNA, BEN]);
    await world.configure({
      imessage: { ...OPEN, allowTo: ["(415) 555-0001", `chat_guid:${trip.guid}`] },
      config: { agents: { defaults: { runtime: recorder.runtime } } },
    });
    await world.start();
    const decide = async (guid: string): Promise<string> => {
      const { kind, code } = await world.decided(guid);
      return code ?? kind;
    };
    expect({
      listed: await decide(await world.receive(ANNA, "one")),
      notListed: await decide(await world.receive(BEN, "two")),
      command: await decide(await world.receive(BEN, "/whoami")),
      group: await decide((await world.writeIn(trip, BEN, "three")).guid),
      otherGroup: await decide((await world.writeIn(work, ANNA, "four")).guid),
    }).toEqual({
      listed: "turn",
      notListed: "reply.not-allowed",
      command: "reply.not-allowed",
      group: "turn",
      otherGroup: "reply.not-allowed",
    });
    await world.expectSent(ANNA, ["noted"]);
    await world.expectSent(trip.chatId, ["noted"]);
    expect(world.sent()).toHaveLength(2);
    expect(recorder.turns()).toHaveLength(2);
    const story = await world.decided(await world.receive(BEN, "five"));
    expect(story.fix).toContain("allowTo");
  });

  test("24: a message sent by hand to anybody else is refused, and not even queued", async () => {
    await using world = await World.create({ imessage: { ...OPEN, allowTo: [ANNA] } });
    await world.start();
    const refused = await world.coderclaw("message", "send", "--target", BEN, "--text", "hi", "--json");
    expect([refused.code, JSON.parse(refused.stdout)]).toEqual([
      1,
      { error: expect.objectContaining({ code: "send/not-allowed" }) },
    ]);
    const sent = await world.coderclaw("message", "send", "--target", `sms:${ANNA}`, "--text", "hi");
    expect([sent.code, sent.stderr]).toEqual([0, ""]);
    expect(world.sent().map(({ chat }) => chat)).toEqual([ANNA]);
    expect(await outbox(world)).toHaveLength(1);
  });

  test("26: names without digits are themselves and nobody else, as senders in groups and as targets", async () => {
    await using world = await World.create({
      imessage: {
        dmPolicy: "allowlist",
        allowFrom: ["AMAZON", "AMZN"],
        groupPolicy: "allowlist",
        groupAllowFrom: ["Amazon"],
        allowTo: ["amazon", "*@example.com"],
      },
    });
    const { chatId } = await world.mac.makeGroup("Parcels", ["AMAZON", "AMZN", CARL]);
    await world.start();
    const decide = async (guid: string): Promise<string> => {
      const { kind, code } = await world.decided(guid);
      return code ?? kind;
    };
    expect({
      listed: await decide(await world.receive("Amazon", "one")),
      notInAllowTo: await decide(await world.receive("AMZN", "two")),
      group: await decide((await world.writeIn(chatId, "AMZN", "three")).guid),
      mailInGroup: await decide((await world.writeIn(chatId, CARL, "four")).guid),
      groupIsNotInAllowTo: await decide((await world.writeIn(chatId, "AMAZON", "five")).guid),
    }).toEqual({
      listed: "turn",
      notInAllowTo: "reply.not-allowed",
      group: "group.sender-not-allowed",
      mailInGroup: "group.sender-not-allowed",
      groupIsNotInAllowTo: "reply.not-allowed",
    });
    expect((await world.coderclaw("message", "send", "--target", CARL, "--text", "hi")).code).toBe(1);
    await world.expectSent("Amazon", ["You said: one"]);
    expect(world.sent()).toHaveLength(1);
  });

  test("an owner who is not in it is told nothing; one who is, is", async () => {
    const imessage = { dmPolicy: "pairing", allowFrom: [ANNA, BEN], allowTo: [BEN, CARL] };
    await using world = await World.create({ imessage });
    await world.start();
    // Who cannot be answered is sent no code, and asks nobody for anything.
    const guid = await world.receive("+14155550009", "hello");
    expect((await world.decided(guid)).code).toBe("reply.not-allowed");
    await world.receive(CARL, "hello");
    expect(await world.mac.nthSent(BEN, 1)).toContain(CARL);
    expect(await world.mac.nthSent(CARL, 1)).toContain("pairing approve");
    expect(world.sentTo(ANNA)).toEqual([]);
    expect((await outbox(world)).map(({ state }) => state)).toEqual(["sent", "sent"]);
  });
});

describe("the send budget", () => {
  test("what is over waits, is shown, and goes out once there is room: nothing is lost, nothing sent twice", async () => {
    await using world = await World.create({ imessage: OPEN, config: { limits: { sendsPerMinute: 3 } } });
    await world.start();
    const people = Array.from({ length: 5 }, (_, at) => `+1415555010${at}`);
    for (const person of people) await world.receive(person, "hello");
    await until(
      async () => (await outbox(world)).length === 5 && world.sent().length === 3,
      () => world.lastLog(),
    );
    const status = await world.coderclaw("channels", "status");
    expect(status.stdout).toContain("3 sends in the last minute (limit 3)");
    expect(status.stdout).toMatch(/2 messages [^]*the send budget is used up/);
    const byHand = await world.coderclaw(
      "message",
      "send",
      "--target",
      ANNA,
      "--text",
      "by hand",
      "--wait",
      "1",
    );
    expect([byHand.code, byHand.stderr]).toEqual([1, expect.stringContaining("not sent yet")]);
    expect(world.sent()).toHaveLength(3);

    await world.reconfigure({ imessage: OPEN, config: { limits: { sendsPerMinute: 100 } } });
    await world.expectSent(ANNA, ["by hand"]);
    for (const person of people) await world.expectSent(person, ["You said: hello"]);
    const after = await world.coderclaw("channels", "status");
    expect(after.stdout).not.toContain("budget is used up");
  });

  test("whoever sends by hand is told after a moment that it waits, and why", async () => {
    await using world = await World.create({ imessage: OPEN, config: { limits: { sendsPerMinute: 1 } } });
    await world.start();
    await world.receive(ANNA, "one");
    await world.expectSent(ANNA, ["You said: one"]);
    const asked = await world.coderclaw("message", "send", "--target", BEN, "--text", "two", "--wait", "3");
    expect([asked.code, asked.stdout]).toEqual([1, ""]);
    const [first, second] = asked.stderr.split("\n");
    expect(first).toMatch(
      /^Message \d+ waits: the send budget is used up \(1 a minute, .*\)\. It goes out by itself\.$/,
    );
    expect(second).toContain("is not sent yet");
  });

  test("an account's own limit stands over everybody's, and the hour counts as the minute does", async () => {
    await using world = await World.create({
      imessage: { ...OPEN, limits: { sendsPerHour: 1 } },
      config: { limits: { sendsPerHour: 1000 } },
    });
    await world.start();
    await world.receive(ANNA, "one");
    await world.expectSent(ANNA, ["You said: one"]);
    await world.receive(BEN, "two");
    await until(
      async () => (await outbox(world)).some(({ state }) => state === "queued"),
      () => world.lastLog(),
    );
    expect((await world.coderclaw("channels", "status")).stdout).toContain("1 in the last hour (limit 1)");
    expect(world.sentTo(BEN)).toEqual([]);
  });

  test("what waits and may not be sent any more when its turn comes is parked, with the reason", async () => {
    await using world = await World.create({ imessage: OPEN, config: { limits: { sendsPerMinute: 1 } } });
    await world.start();
    await world.receive(ANNA, "one");
    await world.expectSent(ANNA, ["You said: one"]);
    await world.receive(BEN, "two");
    await until(
      async () => (await outbox(world)).some(({ state }) => state === "queued"),
      () => world.lastLog(),
    );
    await world.reconfigure({ imessage: { ...OPEN, allowTo: [ANNA] } });
    const parked = await until(
      async () => (await outbox(world)).find(({ state }) => state === "parked"),
      () => world.lastLog(),
    );
    expect(parked).toMatchObject({ text: "You said: two", reason: expect.stringContaining("allowTo") });
    expect(world.sentTo(BEN)).toEqual([]);
  });
});

describe.each(DIALECTS)("imsg %s: targets", (dialect) => {
  test("every form of a target reaches what it names, whatever the case of its prefix", async () => {
    await using world = await World.create({ dialect });
    const trip = await world.mac.makeGroup("Trip", [ANNA, BEN]);
    await world.start();
    await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
    const forms: readonly (readonly [target: string, chat: string | number])[] = [
      [ANNA, ANNA],
      ["(415) 555-0001", ANNA],
      [`imessage:${ANNA}`, ANNA],
      [`iMessage:auto:${ANNA}`, ANNA],
      ["Carl@Example.com", CARL],
      [`chat_id:${trip.chatId}`, trip.chatId],
      [`ChatId:${trip.chatId}`, trip.chatId],
      [`chat:${trip.chatId}`, trip.chatId],
      [`chat_guid:${trip.guid}`, trip.chatId],
      [`GUID:${trip.guid}`, trip.chatId],
      [`chatguid:any;+;${trip.identifier}`, trip.chatId],
      [`chat_identifier:${trip.identifier}`, trip.chatId],
      [`chatIdent:${trip.identifier}`, trip.chatId],
    ];
    for (const [at, [target, chat]] of forms.entries()) {
      const text = `number ${at}`;
      const { code, stderr } = await world.coderclaw("message", "send", "--target", target, "--text", text);
      expect([target, code, stderr]).toEqual([target, 0, ""]);
      expect([target, world.sentTo(chat).at(-1)]).toEqual([target, text]);
    }
    expect(world.sent()).toHaveLength(forms.length + 1);
  });
});

test("sms: chooses the service, for one message and for an account", async () => {
  await using world = await World.create();
  await world.start();
  expect((await world.coderclaw("message", "send", "--target", `sms:${ANNA}`, "--text", "green")).code).toBe(
    0,
  );
  await world.reconfigure({ imessage: { service: "sms" } });
  expect((await world.coderclaw("message", "send", "--target", BEN, "--text", "green too")).code).toBe(0);
  expect(
    (await world.coderclaw("message", "send", "--target", `imessage:${CARL}`, "--text", "blue")).code,
  ).toBe(0);
  expect(
    world.mac.rows<{ who: string; service: string }>(
      "SELECT chat_identifier AS who, service_name AS service FROM chat ORDER BY ROWID",
    ),
  ).toEqual([
    { who: ANNA, service: "SMS" },
    { who: BEN, service: "SMS" },
    { who: CARL, service: "iMessage" },
  ]);
});

test("24: what names nobody for certain is refused before anything is queued", async () => {
  await using world = await World.create();
  await world.start();
  for (const target of [
    "*",
    "",
    " ",
    "chat_id:12abc",
    "chat_id:0",
    "chat_id:-1",
    "chat_id:",
    "guid:",
    "sms:chat_id:1",
    "bogus:x",
    "amazon",
    "12",
    "+1",
  ]) {
    const refused = await world.coderclaw("message", "send", "--target", target, "--text", "hi", "--json");
    expect([target, refused.code, JSON.parse(refused.stdout)]).toEqual([
      target,
      2,
      { error: expect.objectContaining({ code: expect.stringMatching(/^send\/bad-target$|^cli\/usage$/) }) },
    ]);
  }
  expect([await outbox(world), world.sent()]).toEqual([[], []]);
});

test("a person whom Messages cannot address is given up at once", async () => {
  await using world = await World.create();
  await world.start();
  const refused = await world.coderclaw("message", "send", "--target", "urn:biz:1", "--text", "hi");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is parked: ")]);
  expect(await outbox(world)).toMatchObject([{ state: "parked", attempts: 1 }]);
});

test("responsePrefix stands before the first chunk of a reply: the account's over the channel's over everybody's", async () => {
  await using world = await World.create({
    imessage: { chunkMode: "newline" },
    config: { messages: { responsePrefix: "all: " } },
  });
  await world.start();
  await world.receive(ANNA, "one\n\ntwo");
  await world.expectSent(ANNA, ["all: You said: one", "two"]);
  await world.reconfigure({
    imessage: { responsePrefix: "channel: " },
    config: { messages: { responsePrefix: "all: " } },
  });
  await world.receive(BEN, "three");
  await world.expectSent(BEN, ["channel: You said: three"]);
  await world.reconfigure({
    imessage: { responsePrefix: "channel: ", accounts: { default: { responsePrefix: "" } } },
    config: { messages: { responsePrefix: "all: " } },
  });
  await world.receive(CARL, "four");
  await world.expectSent(CARL, ["You said: four"]);
});

const MARKDOWN = `# Plan

Take the **early** train, *not* the late one: [timetable](https://example.com/t?a=1&b=2).

- pack
- lock the door

| what | when |
|------|------|
| train | 9:00 |

\`\`\`sh
echo "**not bold**"
\`\`\`
Run \`ls *.txt\` first.`;

test.each(DIALECTS)(
  "imsg %s: what a command agent writes in Markdown arrives as Messages can show it; what has none, byte for byte",
  async (dialect) => {
    await using world = await World.create({ dialect });
    const talker = new Recorder(world, MARKDOWN);
    const plain = "2 * 3 = 6, a_b_c, <tag> & 1. not a list\n\n   three  spaces";
    const quiet = new Recorder(world, plain);
    await world.configure({
      config: {
        agents: {
          list: [
            { id: "talker", default: true, runtime: talker.runtime },
            { id: "quiet", runtime: quiet.runtime },
            { id: "echo" },
          ],
        },
        bindings: [
          { agentId: "quiet", match: { handle: BEN } },
          { agentId: "echo", match: { handle: CARL } },
        ],
      },
    });
    await world.start();
    await world.receive(ANNA, "plan?");
    const shown = await world.mac.nthSent(ANNA, 1);
    expect(shown).toContain(
      "Take the early train, not the late one: timetable (https://example.com/t?a=1&b=2).",
    );
    expect(shown).toContain('echo "**not bold**"');
    expect(shown).toContain("Run `ls *.txt` first.");
    for (const word of ["Plan", "pack", "lock the door", "train", "9:00"]) expect(shown).toContain(word);
    for (const mark of ["# Plan", "|--", "[timetable]", "**early**"]) expect(shown).not.toContain(mark);
    // Where imsg takes formatting, it is told what is bold.
    const sends = world
      .simEvents()
      .filter(({ event, method }) => event === "request" && String(method).startsWith("send"));
    const params = sends.at(-1)?.["params"] as {
      text_formatting?: { start: number; length: number; styles: string[] }[];
    };
    const styled = (params.text_formatting ?? []).map(({ start, length, styles }) => [
      shown.slice(start, start + length),
      styles.join(),
    ]);
    if (dialect === "legacy") expect(styled).toEqual([]);
    else
      expect(styled).toEqual(
        expect.arrayContaining([
          ["early", "bold"],
          ["not", "italic"],
        ]),
      );
    await world.receive(BEN, "sum?");
    await world.expectSent(BEN, [plain]);
    await world.receive(CARL, "**as it is**");
    await world.expectSent(CARL, ["You said: **as it is**"]);
  },
);
