import { describe, expect, test } from "vitest";
import {
  asked,
  asksAll,
  createWorld,
  decisions,
  OWNED,
  OWNER,
  questions,
  request,
  said,
  TO_ANNA,
} from "../../test/flow/approval-plays.ts";
import { ANNA, STOP } from "../../test/flow/flow-world.ts";
import { option } from "../../test/rules/approval-for-test.ts";
import { asId, type MessageGuid } from "../model/ids.ts";
import type { ApprovalRequest } from "../model/approval.ts";

describe("an owner who writes directly", () => {
  test("is asked there; the turn goes on with the answer", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "go");
    await asked(world);
    expect(questions(world)).toEqual([
      { to: TO_ANNA, text: expect.stringContaining("edit a.txt") as string },
    ]);
    await world.receive(ANNA, "1");
    await said(world, TO_ANNA, "decided: once");
    expect(world.sent).toHaveLength(2);
    expect(await decisions(world)).toMatchObject([{ by: "owner", decider: OWNER, allowed: true }]);
  });

  test("answers with a tapback on the question; one on something else is none", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "go");
    await asked(world);
    const like = (target: string) => ({
      ...world.row(ANNA, "Liked a message"),
      reaction: { type: "dislike", emoji: "👎", added: true, target: asId<MessageGuid>(target) },
    });
    await world.receiveAll([like("GUID-101")]);
    expect(await decisions(world)).toEqual([undefined]);
    await world.receiveAll([like(world.sent[0]?.part.attemptId.toUpperCase() ?? "")]);
    await said(world, TO_ANNA, "decided: no");
  });

  test("is told once that other words wait", async () => {
    await using world = await createWorld();
    await world.receive(ANNA, "go");
    await asked(world);
    await world.receive(ANNA, "why");
    await world.receive(ANNA, "tell me");
    await world.until(() => world.sent.length >= 2, "the reminder");
    world.play = async ({ prompt }) => `You said: ${prompt}`;
    await world.receive(ANNA, "no");
    await said(world, TO_ANNA, "You said: why\ntell me");
    expect(world.sent.map(({ text }) => text.slice(0, 24))).toEqual([
      expect.stringMatching(/^❓/u),
      "I'm waiting for your ans",
      "decided: no",
      "You said: why\ntell me",
    ]);
  });

  test("who does not answer in time has said no; an answer then is told so and goes no further", async () => {
    await using world = await createWorld({ ...OWNED, timing: { approvalMs: 60 } });
    await world.receive(ANNA, "go");
    await said(world, TO_ANNA, "decided: no");
    await said(world, TO_ANNA, "No answer within 10 minutes, so I denied this: edit a.txt");
    expect(await decisions(world)).toMatchObject([{ by: "time-out", optionId: "no", allowed: false }]);
    await world.receive(ANNA, "1");
    await world.until(() => world.sent.length === 4, "the answer to the late answer");
    expect(world.sent.at(-1)?.text).toMatch(/^That question is over/u);
    expect(world.prompts).toEqual(["go"]);
  });

  test("who stops the turn ends the question, and the ones behind it", async () => {
    await using world = await createWorld();
    world.carry = async () => STOP;
    const heard: (string | undefined)[] = [];
    world.play = async (_request, _signal, host) => {
      const all = ["a", "b"].map(async (title) => heard.push((await host.ask(request(title))).optionId));
      await Promise.all(all);
      return "never seen";
    };
    await world.receive(ANNA, "go");
    await asked(world);
    await world.receive(ANNA, "/stop");
    await said(world, TO_ANNA, "stopped 1, dropped 0");
    await world.until(() => heard.length === 2, "both are over");
    expect(heard).toEqual([undefined, undefined]);
    expect(questions(world)).toHaveLength(1);
    expect(await decisions(world)).toMatchObject([{ by: "turn-over", allowed: false }]);
    await world.receive(ANNA, "1");
    await world.until(() => world.sent.length === 3, "the late answer is told so");
    expect(world.sent.at(-1)?.text).toMatch(/^That question is over: the agent no longer/u);
    expect(world.prompts).toEqual(["go"]);
  });

  test("cannot answer what was sent less than two seconds ago", async () => {
    await using world = await createWorld({ ...OWNED, timing: { readingMs: 2_000 } });
    await world.receive(ANNA, "go");
    await asked(world);
    for (const text of ["1", "yes"]) await world.receive(ANNA, text);
    await world.until(() => world.sent.length === 3, "both are told so");
    expect(world.sent.slice(1).every(({ text }) => text.startsWith("That came before you could"))).toBe(true);
    expect(await decisions(world)).toEqual([undefined]);
    await world.receiveAll([{ ...world.row(ANNA, "1"), createdAtMs: Date.now() + 2_000 }]);
    expect(await decisions(world)).toEqual([undefined]);
  });
});

describe("several questions", () => {
  test("come one after the other, each with numbers of its own", async () => {
    await using world = await createWorld();
    world.play = async (_request, _signal, host) => asksAll(host, request("a"), request("b"), request("c"));
    await world.receive(ANNA, "go");
    for (const [at, answer] of ["yes", "6", "7"].entries()) {
      const shown = await asked(world, at + 1);
      expect(shown).toHaveLength(at + 1);
      expect(shown[at]).toContain(`\n${at * 3 + 1}. Allow once`);
      await world.receive(ANNA, answer);
    }
    await said(world, TO_ANNA, "decided: once, no, once");
  });

  test("a number of the one before answers nothing, and is no prompt", async () => {
    await using world = await createWorld();
    world.play = async (_request, _signal, host) => asksAll(host, request("a"), request("b"));
    await world.receive(ANNA, "go");
    await asked(world);
    const first = world.row(ANNA, "1");
    // The same words of the same moment would be one message.
    await world.receiveAll([first, { ...world.row(ANNA, "1"), createdAtMs: first.createdAtMs + 1 }]);
    await asked(world, 2);
    await world.receive(ANNA, "1");
    await world.until(() => world.sent.length === 4, "both are told so");
    expect(
      world.sent.filter(({ text }) => text.startsWith("You already answered that question: allowed.")),
    ).toHaveLength(2);
    expect(await decisions(world)).toMatchObject([{ by: "owner" }, undefined as never]);
    await world.receive(ANNA, "6");
    await said(world, TO_ANNA, "decided: once, no");
    expect(world.prompts).toEqual(["go"]);
  });

  test("for exactly the same have one answer, when that is always", async () => {
    await using world = await createWorld();
    world.play = async (_request, _signal, host) => asksAll(host, request("a"), request("a"), request("b"));
    await world.receive(ANNA, "go");
    await asked(world);
    await world.receive(ANNA, "always");
    expect((await asked(world, 2))[1]).toContain("> b\n");
    await world.receive(ANNA, "no");
    await said(world, TO_ANNA, "decided: once, once, no");
    expect(await decisions(world)).toMatchObject([{ by: "owner" }, { by: "remembered" }, { by: "owner" }]);
  });

  test("a plan that is chosen is told to the agent as it is, and is asked again the next time", async () => {
    await using world = await createWorld();
    const plan: ApprovalRequest = {
      ...request("plan"),
      toolKind: "switch_mode",
      options: [
        option("acceptEdits", "Yes, and auto-accept edits", "allow_always"),
        option("default", "Yes, and manually approve edits", "allow_once"),
        option("plan", "No, keep planning", "reject_once"),
      ],
    };
    world.play = async (_request, _signal, host) => asksAll(host, plan);
    for (const [at, text] of ["1", "Yes, and auto-accept edits"].entries()) {
      await world.receive(ANNA, "go");
      await asked(world, at + 1);
      await world.receive(ANNA, text);
      await world.until(() => world.sent.length === 2 * at + 2, "decided");
      expect(world.sent.at(-1)?.text).toBe("decided: acceptEdits");
    }
    expect(await world.store.approvals.allStanding()).toEqual([]);
  });
});

test("more shows all of what is asked, and is no prompt", async () => {
  await using world = await createWorld();
  const command = `start ${"x".repeat(5_000)} end`;
  world.play = async (_request, _signal, host) =>
    asksAll(host, { ...request("Build"), sections: [{ name: "command", text: command }] });
  await world.receive(ANNA, "go");
  const [question = ""] = await asked(world);
  expect(question).toContain("Reply “more” to read it all.");
  await world.receive(ANNA, "More");
  await said(world, TO_ANNA, "That is all of it.");
  const shown = world.sent.slice(1).map(({ text }) => text.replace(/^>… /gmu, ""));
  expect(shown.join("")).toContain("x".repeat(5_000));
  const more = world.sent.at(-2)?.part.attemptId.toUpperCase() ?? "";
  await asked(world, 3);
  const like = { type: "like", emoji: "👍", added: true, target: asId<MessageGuid>(more) };
  await world.receiveAll([{ ...world.row(ANNA, "Liked a message"), reaction: like }]);
  await said(world, TO_ANNA, "decided: once");
  expect(world.prompts).toEqual(["go"]);
});
