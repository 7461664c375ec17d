// How the service of an owner's message is found out where its chat's guid does not say it.
import { describe, expect, test } from "vitest";
import { ANNA, BEN, FlowWorld } from "../../test/flow/flow-world.ts";
import { handleOf } from "../../test/rules/admission-for-test.ts";
import { asId, type ChatGuid, type ChatId } from "../model/ids.ts";
import type { ChatSummary, InboundMessage } from "../model/message.ts";

const OWNED = { account: { owners: [handleOf(ANNA)] } };

/** A row of a chat of macOS 26. */
function anyRow(world: FlowWorld, sender: string, text: string): InboundMessage {
  return { ...world.row(sender, text), chatGuid: asId<ChatGuid>(`any;-;${sender}`) };
}

function chat(address: string, service: string): ChatSummary {
  return {
    chatId: asId<ChatId>(Number(address.slice(-1))),
    chatGuid: asId<ChatGuid>(`any;-;${address}`),
    chatIdentifier: address,
    chatName: "",
    participants: [address],
    isGroup: false,
    service,
    lastMessageAtMs: 0,
  };
}

/** How a row was decided about: the role of a command, else the code. */
async function decided(world: FlowWorld, { guid }: InboundMessage): Promise<string | undefined> {
  const [story] = await world.store.records.explain({ guid });
  const outcome = story?.decisions.at(-1)?.outcome;
  if (outcome?.kind === "command") return outcome.command.role;
  return outcome && "code" in outcome ? outcome.code : outcome?.kind;
}

describe("an owner's command in a chat whose guid names no service", () => {
  test.each([
    ["iMessage", "owner"],
    ["SMS", "owner.not-imessage"],
    ["RCS", "owner.not-imessage"],
    ["", "owner.not-imessage"],
  ])("counts by the service of the chat: %s", async (service, expected) => {
    await using world = await FlowWorld.create(OWNED);
    world.chats = async () => [chat(BEN, "iMessage"), chat(ANNA, service)];
    const row = anyRow(world, ANNA, "/agent");
    await world.receiveAll([row]);
    expect(await decided(world, row)).toBe(expected);
  });

  test.each<[string, FlowWorld["chats"]]>([
    ["refuses", async () => Promise.reject(new Error("no"))],
    ["never answers", async () => new Promise<never>(() => {})],
  ])("does not count where the list %s; the message is journaled all the same", async (_how, chats) => {
    await using world = await FlowWorld.create({ ...OWNED, timing: { serviceLookUpMs: 20 } });
    world.chats = chats;
    const [row, other] = [anyRow(world, ANNA, "/agent"), anyRow(world, BEN, "hello")];
    await world.receiveAll([row, other]);
    expect([await decided(world, row), await decided(world, other)]).toEqual(["owner.not-imessage", "turn"]);
  });

  test("nobody asks for somebody else's message, nor where the guid says it", async () => {
    await using world = await FlowWorld.create(OWNED);
    world.chats = async () => Promise.reject(new Error("nobody was to ask"));
    await world.receiveAll([anyRow(world, BEN, "hello"), world.row(ANNA, "/agent")]);
    await world.until(() => world.sent.length === 2, "both answered");
    expect(world.lines.join("")).not.toContain("could not ask");
  });
});

test("the owner is told once why text messages are not taken", async () => {
  await using world = await FlowWorld.create({
    account: { owners: [handleOf(ANNA)], notified: [handleOf(ANNA)] },
  });
  for (const text of ["/agent", "/config show"]) {
    const row = { ...world.row(ANNA, text), chatGuid: asId<ChatGuid>(`SMS;-;${ANNA}`) };
    await world.receiveAll([row]);
  }
  await world.receive(BEN, "hello");
  await world.until(() => world.sent.some(({ text }) => text.includes("hello")), "answered");
  const told = world.sent.filter(({ text }) => text.includes("SMS"));
  expect(told.map(({ text }) => text)).toEqual([
    "A message from +14155550001 came over SMS, where anyone can write under that number, so I don't take owner commands or answers from it. Send them over iMessage. To accept them anyway, set commands.allowSms to true on the gateway's machine.",
  ]);
});
