import { describe, expect, test } from "vitest";
import {
  asked,
  asksAll,
  CARL,
  createWorld,
  decisions,
  direct,
  handle,
  OWNED,
  OWNER,
  questions,
  request,
  said,
  TO_ANNA,
  TO_BEN,
} from "../../test/flow/approval-plays.ts";
import { ANNA, BEN, type FlowOptions } from "../../test/flow/flow-world.ts";
import { NO_OWNER, OWNER_SILENT } from "../rules/approval-replies.ts";

describe("somebody else's turn", () => {
  test("is asked for in the owner's direct chat; their own answer is none", async () => {
    await using world = await createWorld();
    await world.receive(BEN, "go");
    const [question = ""] = await asked(world);
    expect(questions(world)).toMatchObject([{ to: direct(OWNER) }]);
    expect(question).toContain(`Asked on behalf of ${BEN}, who wrote:\n> go`);
    expect(question).not.toMatch(/always/iu);
    world.play = async ({ prompt }) => `You said: ${prompt}`;
    await world.receive(BEN, "1");
    expect(await decisions(world)).toEqual([undefined]);
    await world.receive(ANNA, "1");
    await said(world, TO_BEN, "decided: once");
    await said(world, TO_ANNA, "Allowed.");
    await said(world, TO_BEN, "You said: 1");
  });

  test("in a group, an owner's too, is asked for in the direct chat, and answered nowhere else", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "@main go", 12);
    await asked(world);
    expect(questions(world)).toMatchObject([{ to: direct(OWNER) }]);
    const told = world.sent.length;
    world.play = async ({ prompt }) => `You said: ${prompt}`;
    for (const [who, text] of [
      [BEN, "1"],
      [ANNA, "ok"],
      [ANNA, "3"],
      [ANNA, "👍"],
    ] as const)
      await world.receive(who, text, 12);
    expect(await decisions(world)).toEqual([undefined]);
    expect(world.sent).toHaveLength(told);
    await world.receive(ANNA, "3");
    await said(world, "chat_id:12", "decided: no");
    await said(world, TO_ANNA, "Denied.");
  });

  test("does not delay the owner's own, and holds one question open at a time", async () => {
    await using world = await createWorld();
    world.play = async ({ prompt }, _signal, host) =>
      prompt.includes("guest") ? asksAll(host, request("g1"), request("g2")) : asksAll(host, request("own"));
    await world.receive(BEN, "guest");
    await asked(world);
    await world.receive(ANNA, "mine");
    const shown = await asked(world, 2);
    expect(shown.map((text) => /> (\S+)\n/u.exec(text)?.[1])).toEqual(["g1", "own"]);
    expect(shown[1]).toContain("\n3. Allow once");
    await world.receive(ANNA, "yes");
    await said(world, TO_ANNA, "2 questions are open. Please answer with a number: 1 to 2 or 3 to 5.");
    await world.receive(ANNA, "5");
    await said(world, TO_ANNA, "decided: no");
    await world.receive(ANNA, "1");
    expect((await asked(world, 3))[2]).toContain("> g2\n");
    await world.receive(ANNA, "no");
    await said(world, TO_BEN, "decided: once, no");
  });

  test("gives its place among the agents that run to others while it waits for the owner", async () => {
    await using world = await createWorld({ ...OWNED, settings: { maxConcurrentTurns: 1 } });
    world.play = async ({ prompt }, _signal, host) =>
      prompt === "hello" ? "Hi." : asksAll(host, request("a"), request("b"));
    await world.receive(BEN, "go");
    await asked(world);
    await world.receive(CARL, "hello");
    await said(world, "chat_id:3", "Hi.");
    await world.receive(ANNA, "1");
    await asked(world, 2);
    await world.receive(ANNA, "hello");
    await said(world, TO_ANNA, "Hi.");
    await world.receive(ANNA, "no");
    await said(world, TO_BEN, "decided: once, no");
  });

  test("which nobody allows in time is told so, once a turn", async () => {
    await using world = await createWorld({ ...OWNED, timing: { approvalMs: 60 } });
    world.play = async (_request, _signal, host) => asksAll(host, request("a"), request("b"));
    await world.receive(BEN, "go");
    await said(world, TO_BEN, "decided: no, no");
    expect(world.sent.filter(({ text }) => text === OWNER_SILENT).map(({ to }) => to)).toEqual([TO_BEN]);
    expect(world.sent.filter(({ text }) => text.startsWith("No answer within"))).toHaveLength(2);
  });
});

describe("several owners", () => {
  const BOTH: FlowOptions = { account: { owners: [OWNER, handle(CARL)], notified: [OWNER, handle(CARL)] } };

  test("are each asked about a guest's turn; the first answer counts, and the others are told", async () => {
    await using world = await createWorld(BOTH);
    await world.receive(BEN, "go");
    await asked(world, 2);
    expect(questions(world).map(({ to }) => to)).toEqual([direct(OWNER), direct(CARL)]);
    await world.receive(CARL, "no");
    await said(world, TO_BEN, "decided: no");
    await said(world, "chat_id:3", "Denied.");
    await said(world, direct(OWNER), `Already answered by ${CARL}: denied.`);
    await world.receive(ANNA, "1");
    await said(
      world,
      TO_ANNA,
      `That question was already answered by ${CARL}: denied. If that was for the agent, write it in words.`,
    );
    expect(world.prompts).toEqual(["go"]);
    expect(await decisions(world)).toMatchObject([{ decider: CARL, allowed: false }]);
  });

  test("only the one who wrote is asked about their own", async () => {
    await using world = await createWorld(BOTH);
    world.play = async ({ prompt }, _signal, host) =>
      prompt === "go" ? asksAll(host, request("edit a.txt")) : `You said: ${prompt}`;
    await world.receive(CARL, "go");
    await asked(world);
    await world.receive(ANNA, "1");
    await said(world, TO_ANNA, "You said: 1");
    expect(await decisions(world)).toEqual([undefined]);
    await world.receive(CARL, "1");
    await said(world, "chat_id:3", "decided: once");
    expect(questions(world).map(({ to }) => to)).toEqual(["chat_id:3"]);
  });
});

describe("without an owner", () => {
  test("it is denied at once, and whoever asked is told why, once", async () => {
    await using world = await createWorld({});
    world.play = async (_request, _signal, host) => asksAll(host, request("a"), request("b"));
    await world.receive(BEN, "go");
    await world.expectSent(NO_OWNER, "decided: no, no");
    expect(await decisions(world)).toMatchObject([
      { by: "no-owner", allowed: false },
      { by: "no-owner", allowed: false },
    ]);
  });

  test("a group is told so as well", async () => {
    await using world = await createWorld({});
    await world.receive(BEN, "@main go", 12);
    await said(world, "chat_id:12", NO_OWNER);
  });
});
