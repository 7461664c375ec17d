import { expect, test } from "vitest";
import { ANNA, BEN, FlowWorld } from "../../test/flow/flow-world.ts";
import { asId, type AgentId } from "../model/ids.ts";
import type { AccountSettings, GroupSettings } from "../model/settings.ts";
import type { AgentRequest } from "../model/turn.ts";

const GROUP = 10;

function group(changes: Partial<GroupSettings>): Partial<AccountSettings> {
  const key = { kind: "chat_id", chatId: GROUP } as const;
  return {
    groups: [
      {
        key,
        enabled: true,
        requireMention: true,
        allowFrom: undefined,
        agentId: undefined,
        systemPrompt: "",
        historyLimit: 50,
        ...changes,
      },
    ],
  };
}

async function worldWithMentions(changes: Partial<GroupSettings>): Promise<FlowWorld> {
  const world = await FlowWorld.create({ account: group(changes) });
  const agents = world.settings.agents.map((agent) => ({ ...agent, mentionPatterns: ["claw"] }));
  world.settings = { ...world.settings, agents };
  return world;
}

test("a group's agent is given its instructions, and what was said since its last reply, up to the limit", async () => {
  await using world = await worldWithMentions({ systemPrompt: "Be brief.", historyLimit: 2 });
  const requests: AgentRequest[] = [];
  world.play = async (request) => {
    requests.push(request);
    return "yes";
  };
  for (const text of ["one", "two", "three"]) await world.receive(BEN, text, GROUP);
  await world.receive(ANNA, "claw, what do you say?", GROUP);
  await world.expectSent("yes");
  expect(world.sent[0]?.to).toBe(`chat_id:${GROUP}`);
  expect(requests[0]).toMatchObject({ systemPrompt: "Be brief.", isGroup: true, chatTarget: "chat_id:10" });
  expect(requests[0]?.turn.context.map(({ message }) => message.text)).toEqual(["two", "three"]);
  await world.receive(ANNA, "claw, more", GROUP);
  await world.expectSent("yes", "yes");
  expect(requests[1]?.turn.context).toEqual([]);
});

test("a direct chat has earlier turns where they are asked for, the handle's own number first", async () => {
  await using world = await FlowWorld.create({
    account: { dmHistoryLimit: 1, dmHistoryLimits: [{ handle: BEN as never, turns: 0 }] },
  });
  for (const sender of [ANNA, BEN]) {
    await world.receive(sender, `first of ${sender}`);
    await world.until(() => world.sent.at(-1)?.text.includes(sender) === true, "it is answered");
    await world.receive(sender, `second of ${sender}`);
    await world.until(
      () => world.sent.at(-1)?.text.includes(`second of ${sender}`) === true,
      "and the second",
    );
  }
  expect(world.prompts[1]).toContain(`> first of ${ANNA}`);
  expect(world.prompts[3]).toBe(`second of ${BEN}`);
});

test("an agent's Markdown becomes what Messages can show; a plain agent's text stays as it is", async () => {
  const said = "**Yes**, see [the page](https://example.org/a_b).";
  for (const output of ["markdown", "plain"] as const) {
    await using world = await FlowWorld.create({ output });
    world.play = async () => said;
    await world.receive(ANNA, "hello");
    await world.expectSent(output === "plain" ? said : "Yes, see the page (https://example.org/a_b).");
    expect(world.sent[0]?.part.formatting.length).toBe(output === "plain" ? 0 : 1);
  }
});

test("a failure in a group: one short sentence there, the cause for those who are told", async () => {
  await using world = await FlowWorld.create({
    account: { ...group({ requireMention: false }), owners: [BEN as never], notified: [BEN as never] },
  });
  world.play = async () => ({ kind: "failed", code: "agent/failed", passing: false, reason: "it broke" });
  await world.receive(ANNA, "hello", GROUP);
  await world.until(() => world.sent.length === 2, "both are told");
  const texts = Object.fromEntries(world.sent.map(({ to, text }) => [to, text]));
  expect(texts[`chat_id:${GROUP}`]).toMatch(/^Sorry, I could not answer that\. \(ref \w{4}\)$/);
  expect(world.sent.find(({ to }) => to !== `chat_id:${GROUP}`)?.text).toContain("it broke");
});

test.each([
  ["in their own chat", undefined, "chat_id:1"],
  ["in a group", GROUP, `chat_id:${GROUP}`],
])(
  "an owner whose own message failed %s is told the cause in their own chat, once",
  async (_, chatId, apology) => {
    await using world = await FlowWorld.create({
      account: { ...group({ requireMention: false }), owners: [ANNA as never], notified: [ANNA as never] },
    });
    world.play = async () => ({ kind: "failed", code: "agent/failed", passing: false, reason: "it broke" });
    await world.receive(ANNA, "hello", chatId);
    await world.until(() => world.sent.length === 2, "it is told");
    world.play = async () => "yes";
    await world.receive(ANNA, "again", chatId);
    await world.until(() => world.sent.length === 3, "all is said");
    const told = world.sent.filter(({ text }) => text !== "yes").map(({ to, text }) => [to, text]);
    expect(told).toContainEqual([apology, expect.stringMatching(/^Sorry, I could not/)]);
    expect(told).toContainEqual([
      expect.stringContaining(ANNA),
      expect.stringMatching(/^Your message was not answered .*it broke$/),
    ]);
  },
);

test("owners to whom nothing may be sent are not told", async () => {
  await using world = await FlowWorld.create({ account: { owners: [BEN as never], notified: [] } });
  world.play = async () => ({ kind: "failed", code: "agent/failed", passing: false, reason: "it broke" });
  await world.receive(ANNA, "hello");
  world.play = async () => "yes";
  await world.receive(ANNA, "again");
  await world.until(() => world.sent.length === 2, "both are answered");
  expect(world.sent.map(({ to }) => to)).toEqual(["chat_id:1", "chat_id:1"]);
});

test("an agent that is gone from the configuration fails its turn", async () => {
  await using world = await FlowWorld.create();
  world.settings = { ...world.settings, defaultAgentId: asId<AgentId>("gone") };
  await world.receive(ANNA, "hello");
  await world.until(() => world.sent.length === 1, "it is told");
  expect(world.lines.join("")).toContain('there is no agent "gone"');
});
