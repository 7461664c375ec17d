import { describe, expect, test } from "vitest";
import { ANNA, BEN, FlowWorld, STOP } from "../../test/flow/flow-world.ts";
import { ended, hang, saying, sentTo } from "../../test/flow/plays.ts";
import type { ApprovalRequest } from "../model/approval.ts";
import { STILL_AT_WORK } from "../rules/compose-reply.ts";

const QUESTION: ApprovalRequest = {
  title: "Edit a.ts",
  toolKind: "edit",
  tool: "edit",
  sections: [],
  omittedSections: 0,
  options: [{ id: "ok", label: "Allow", kind: "allow_once" }],
  standing: undefined,
};

describe("a turn that takes long", () => {
  test("says so once, also when it is cut short, and nowhere else", async () => {
    await using world = await FlowWorld.create({ agent: { longTurnMs: 10 } });
    world.play = hang;
    await world.receive(ANNA, "hello");
    await world.expectSent(STILL_AT_WORK);
    expect(world.sent[0]?.part.origin).toBe("progress");
    const before = world.typing.length;
    world.play = async () => {
      await world.until(() => world.typing.length > before + 4, "time passes");
      return "yes";
    };
    await world.start();
    await world.expectSent(STILL_AT_WORK, "yes");
  });

  test("does not say so where something of its answer was sent", async () => {
    await using world = await FlowWorld.create({ agent: { streaming: "paragraphs", longTurnMs: 1000 } });
    const slow = saying(world, "One.\n\nT", 1, async () => {
      await world.receive(BEN, "how long?");
      await world.until(
        () => sentTo(world, BEN).length > 0,
        "as much time passes for a turn that began later",
      );
      return "wo.";
    });
    world.play = (request, signal, host) =>
      request.prompt === "hello" ? slow(request, signal, host) : hang(request, signal);
    await world.receive(ANNA, "hello");
    await world.until(() => sentTo(world, ANNA).length === 2, "it is answered");
    expect(sentTo(world, ANNA)).toEqual(["One.", "Two."]);
    expect(sentTo(world, BEN)).toEqual([STILL_AT_WORK]);
  });

  test("does not say so while it waits for the answer to its question there", async () => {
    await using world = await FlowWorld.create({
      agent: { longTurnMs: 1000 },
      account: { owners: [ANNA as never], notified: [ANNA as never] },
    });
    world.play = (request, signal, host) => {
      if (request.prompt !== "hello") return hang(request, signal);
      return host.ask(QUESTION).then(({ optionId }) => `chosen: ${optionId}`);
    };
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.length === 1, "it is asked");
    await world.receive(BEN, "how long?");
    await world.until(() => sentTo(world, BEN).length === 1, "as much time passes");
    await world.receive(ANNA, "1");
    await world.until(() => sentTo(world, ANNA).length === 2, "it is answered");
    expect(sentTo(world, ANNA)[1]).toBe("chosen: ok");
    expect(sentTo(world, BEN)).toEqual([STILL_AT_WORK]);
  });
});

test("a question of an agent that ended without the answer holds up no other", async () => {
  await using world = await FlowWorld.create({
    account: { owners: [ANNA as never], notified: [ANNA as never] },
  });
  const answers: (string | undefined)[] = [];
  world.play = async ({ prompt }, _signal, host) => {
    const asked = world.sent.length;
    void host.ask(QUESTION).then(({ optionId }) => answers.push(optionId));
    await world.until(() => world.sent.length > asked, "it is asked");
    return `heard ${prompt}`;
  };
  for (const said of ["one", "two"]) {
    await world.receive(ANNA, said);
    await world.until(() => world.sent.at(-1)?.text === `heard ${said}`, "it is answered");
  }
  await world.until(() => answers.length === 2, "both know that it is over");
  expect(answers).toEqual([undefined, undefined]);
});

describe("somebody is typing", () => {
  const shown = (world: FlowWorld): boolean[] => world.typing.map(({ isTyping }) => isTyping);

  test.each(["answered", "failed", "stopped"])("again and again, until the turn is %s", async (how) => {
    await using world = await FlowWorld.create();
    world.carry = async () => STOP;
    world.play = async (_request, signal) => {
      await world.until(() => world.typing.length >= 3, "it is shown again");
      if (how === "answered") return "yes";
      if (how === "failed")
        return { kind: "failed", code: "agent/failed", reason: "it broke", passing: false };
      await ended(signal);
      return "no";
    };
    await world.receive(ANNA, "hello");
    if (how === "stopped") {
      await world.until(() => world.typing.length >= 3, "it is shown again");
      await world.receive(ANNA, "/stop");
    }
    await world.until(() => world.sent.length === 1 && shown(world).includes(false), "it is over");
    expect(shown(world).slice(0, 3)).toEqual([true, true, true]);
    expect(shown(world).filter((isTyping) => !isTyping)).toHaveLength(1);
    expect(shown(world).at(-1)).toBe(false);
    expect(new Set(world.typing.map(({ to }) => to))).toEqual(
      new Set([JSON.stringify({ kind: "chat_guid", guid: `iMessage;-;${ANNA}` })]),
    );
  });

  test("nobody is told of a turn that is over at once", async () => {
    await using world = await FlowWorld.create({ timing: { typingFirstMs: 60_000 } });
    await world.receive(ANNA, "hello");
    await world.expectSent("You said: hello");
    await world.stop();
    expect(world.typing).toEqual([]);
  });
});
