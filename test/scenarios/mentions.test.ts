// Mentions in groups: which patterns count, in every script and in linear time, and what is said where there are none.
import { expect, test } from "vitest";
import { until, World, type WorldOptions } from "./world.ts";

const ANNA = "+14155550001";
const BEN = "+14155550002";
const OPEN = { groupPolicy: "open" };

/** Whether a text of a group would be answered. */
async function isMention(world: World, chatId: number, text: string): Promise<boolean> {
  const { guid } = await world.writeIn(chatId, ANNA, text);
  const { kind, code } = await world.decided(guid);
  expect(["turn", "group.not-mentioned"]).toContain(code ?? kind);
  return kind === "turn";
}

async function whichMention(world: World, chatId: number, texts: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const text of texts) if (await isMention(world, chatId, text)) found.push(text);
  return found;
}

test("an agent's own patterns stand in place of everybody's; the agent of the group counts", async () => {
  await using world = await World.create();
  const { chatId } = await world.mac.makeGroup("Trip", [ANNA, BEN]);
  const kitchen = await world.mac.makeGroup("Kitchen", [ANNA, BEN]);
  await world.configure({
    imessage: { ...OPEN, groups: { "*": {}, [kitchen.chatId]: { agentId: "cook" } } },
    config: {
      messages: { groupChat: { mentionPatterns: ["bot"] } },
      agents: {
        list: [{ id: "main", default: true, groupChat: { mentionPatterns: ["claw"] } }, { id: "cook" }],
      },
    },
  });
  await world.start();
  expect(await whichMention(world, chatId, ["bot?", "hey claw!", "CLAW", "clawed back", "nothing"])).toEqual([
    "hey claw!",
    "CLAW",
  ]);
  expect(await whichMention(world, kitchen.chatId, ["claw?", "the bot cooks"])).toEqual(["the bot cooks"]);
});

test("names are words in every script", async () => {
  await using world = await World.create({
    imessage: OPEN,
    config: { messages: { groupChat: { mentionPatterns: ["小爪", "Клод", "@claw", "مخلب", "🦞"] } } },
  });
  const { chatId } = await world.mac.makeGroup("Trip", [ANNA, BEN]);
  await world.start();
  const called = ["小爪 你好", "你好，小爪", "Клод, привет", "эй КЛОД", "@claw now", "يا مخلب", "hi 🦞!"];
  const others = ["Клодия пишет", "иклод", "小 爪", "@clawed", "claw"];
  expect(await whichMention(world, chatId, [...called, ...others])).toEqual(called);
});

/** Where nothing can be enforced, `status` and `doctor` have to say so. */
const NO_PATTERNS: readonly (readonly [what: string, config: WorldOptions["config"] & object])[] = [
  ["no patterns anywhere", {}],
  [
    "an explicit [] of the agent, which stops the fallback",
    {
      messages: { groupChat: { mentionPatterns: ["bot"] } },
      agents: { list: [{ id: "main", groupChat: { mentionPatterns: [] } }] },
    },
  ],
];

test.each(NO_PATTERNS)("%s: everything passes, and the status says so", async (_what, config) => {
  await using world = await World.create({ imessage: OPEN, config });
  const { chatId } = await world.mac.makeGroup("Trip", [ANNA, BEN]);
  await world.start();
  const { guid } = await world.writeIn(chatId, ANNA, "hello all");
  const { kind, gates } = await world.decided(guid);
  expect(kind).toBe("turn");
  expect(gates.find(({ name }) => name === "mention")).toMatchObject({ passed: true });
  await world.expectSent(chatId, ["You said: hello all"]);
  const status = await world.coderclaw("channels", "status");
  const doctor = await world.coderclaw("doctor");
  for (const { stdout } of [status, doctor]) expect(stdout).toContain("mentionPatterns");
});

test("a pattern that would never end elsewhere delays nobody, however long the text", async () => {
  await using world = await World.create({
    imessage: OPEN,
    config: { messages: { groupChat: { mentionPatterns: ["(a+)+$", "(x|xx)*y"] } } },
  });
  const { chatId } = await world.mac.makeGroup("Trip", [ANNA, BEN]);
  await world.start();
  await world.receive(BEN, "hello");
  await world.expectSent(BEN, ["You said: hello"]);
  const long = await world.writeIn(chatId, ANNA, `${"a".repeat(20_000)}! ${"x".repeat(20_000)}`);
  const began = Date.now();
  await world.receive(BEN, "still there?");
  await world.expectSent(BEN, ["You said: hello", "You said: still there?"], 8000);
  expect(Date.now() - began).toBeLessThan(8000);
  expect((await world.decided(long.guid)).code).toBe("group.not-mentioned");
  const called = await world.writeIn(chatId, ANNA, "a".repeat(20_000));
  expect((await world.decided(called.guid)).kind).toBe("turn");
});

test("a pattern that is none is an error that names its place, and the last good ones stay in force", async () => {
  await using world = await World.create({
    imessage: OPEN,
    config: { messages: { groupChat: { mentionPatterns: ["bot"] } } },
  });
  const { chatId } = await world.mac.makeGroup("Trip", [ANNA, BEN]);
  await world.start();
  await world.configure({
    imessage: OPEN,
    config: { messages: { groupChat: { mentionPatterns: ["bot", "(unclosed"] } } },
  });
  await until(
    () => world.lastLog().includes("config not taken over"),
    () => world.lastLog(),
  );
  expect(world.lastLog()).toContain("messages.groupChat.mentionPatterns[1]");
  expect(await whichMention(world, chatId, ["bot?", "nothing"])).toEqual(["bot?"]);
  const checked = await world.coderclaw("config", "validate");
  expect([checked.code, checked.stderr]).toEqual([
    3,
    expect.stringContaining("messages.groupChat.mentionPatterns[1]"),
  ]);
});
