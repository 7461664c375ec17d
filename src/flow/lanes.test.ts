import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { ANNA, BEN, FlowWorld, say, STOP } from "../../test/flow/flow-world.ts";
import { asId, type AgentId } from "../model/ids.ts";
import type { Settings } from "../model/settings.ts";

const GROUP = 10;
const settings: Partial<Settings> = { debounceMs: 150 };
const LONG: Partial<Settings> = { debounceMs: 60_000 };

test("what one sender writes in short order is one turn", async () => {
  await using world = await FlowWorld.create({ settings });
  for (const text of ["one", "two", "three"]) await world.receive(ANNA, text);
  await world.expectSent("You said: one\ntwo\nthree");
});

test("in a group each sender has a time of their own: one who goes on writing keeps nobody waiting", async () => {
  await using world = await FlowWorld.create({ settings: { debounceMs: 1000 } });
  await world.receive(ANNA, "Anna asks", GROUP);
  for (let at = 0; world.prompts.length === 0 && at < 100; at += 1) {
    await world.receive(BEN, `Ben ${at}`, GROUP);
    await delay(50);
  }
  expect(world.prompts[0]).toContain("Anna asks");
  expect(world.prompts[0]).not.toContain("Ben");
  await world.until(() => world.sent.length === 2, "Ben is answered too, once");
  expect(world.prompts[1]).toContain("Ben 0");
});

test("in a group the end of one sender's time does not cut what another one is writing", async () => {
  await using world = await FlowWorld.create({ settings: { debounceMs: 1000 } });
  await world.receive(ANNA, "Anna asks", GROUP);
  await delay(500);
  await world.receive(BEN, "Ben begins", GROUP);
  await world.until(() => world.prompts.length === 1, "Anna's time is over");
  await world.receive(BEN, "Ben ends", GROUP);
  await world.until(() => world.sent.length === 2, "both are answered");
  expect(world.prompts[0]).not.toContain("Ben");
  expect(world.prompts[1]).toMatch(/Ben begins[^]*Ben ends/);
});

test.each([
  ["a direct chat", undefined],
  ["a group", GROUP],
])(
  "%s: what waits for an agent that is gone goes to the one that the config names now",
  async (_, chatId) => {
    await using world = await FlowWorld.create();
    const finish = Promise.withResolvers<void>();
    world.play = async ({ turn, prompt }) => {
      await finish.promise;
      return `${turn.agentId} (${turn.sessionKey}): ${prompt}`;
    };
    await world.receive(ANNA, "one", chatId);
    await world.until(() => world.prompts.length === 1, "the first runs");
    await world.receive(ANNA, "two", chatId);
    const agents = world.settings.agents.map((agent) => ({ ...agent, id: asId<AgentId>("other") }));
    world.settings = { ...world.settings, agents, defaultAgentId: asId<AgentId>("other") };
    await world.receive(ANNA, "three", chatId);
    finish.resolve();
    await world.until(() => world.sent.length === 2, "both are answered");
    expect(world.sent[1]?.text).toMatch(/^other \(agent:other:[^]*two[^]*three$/);
  },
);

test("in a group the last words of everybody are answered", async () => {
  await using world = await FlowWorld.create({ settings });
  await world.receive(ANNA, "from Anna", GROUP);
  await delay(100);
  await world.receive(BEN, "from Ben", GROUP);
  await delay(200);
  await world.receive(ANNA, "once more", GROUP);
  const prompts = (): string => world.prompts.join("\n");
  const all = ["from Anna", "from Ben", "once more"];
  await world.until(() => all.every((text) => prompts().includes(text)), "all are answered");
});

test("an attachment ends the wait", async () => {
  await using world = await FlowWorld.create({ settings: LONG });
  await world.receive(ANNA, "look at this");
  const file = { name: "a.png", path: "/a.png", mimeType: "image/png", uti: "public.png", bytes: 1 };
  const picture = { ...file, isSticker: false, missing: false };
  await world.receiveAll([{ ...world.row(ANNA, "here"), attachments: [picture] }]);
  await world.until(() => world.sent.length === 1, "it is answered");
  expect(world.prompts[0]).toMatch(/look at this[^]*a\.png/);
});

test.each(["/status", "/new"])("%s ends the wait of everybody in its conversation", async (command) => {
  await using world = await FlowWorld.create({ settings: LONG });
  world.carry = async () => say("done");
  await world.receive(ANNA, "from Anna", GROUP);
  await world.receive(BEN, "from Ben", GROUP);
  await world.receive(BEN, "elsewhere");
  await world.receive(ANNA, command);
  await world.until(() => world.sent.length === 1, "the command is answered");
  expect(world.prompts).toEqual([]);
  world.settings = {
    ...world.settings,
    commands: { config: false, useAccessGroups: false, allowSms: false },
  };
  await world.receive(ANNA, command, GROUP);
  await world.until(() => world.sent.length === 3, "the group is answered");
  expect(world.prompts).toHaveLength(1);
  expect(world.prompts[0]).toMatch(/from Anna[^]*from Ben/);
});

test("/stop drops what is held without an agent having seen it", async () => {
  await using world = await FlowWorld.create({ settings: LONG });
  world.carry = async () => STOP;
  await world.receive(ANNA, "delete everything");
  await world.receive(ANNA, "/stop");
  await world.expectSent("stopped 0, dropped 1");
  world.settings = { ...world.settings, debounceMs: 0 };
  await world.receive(ANNA, "hello");
  await world.until(() => world.sent.length === 2, "the next is answered");
  expect(world.prompts).toEqual(["hello"]);
});
