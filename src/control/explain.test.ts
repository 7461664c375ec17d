import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunningWorld } from "../../test/control/running-world.ts";
import { ANNA, HOLD, sent, WORK } from "../../test/contracts/store-world.ts";
import type { IgnoreCode } from "../model/decision.ts";
import { explain, type Explanation } from "./explain.ts";

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => running.remove());

/** The explanation of the newest message of Anna's. */
async function only(reference: string): Promise<Explanation> {
  const [explanation, ...others] = await explain(running.store, reference);
  if (explanation === undefined || others.length > 0) throw new Error("not exactly one");
  return explanation;
}

describe("what it comes to", () => {
  test("journaled, not decided", async () => {
    await running.world.accept(running.world.message(ANNA, "hi"));
    expect((await only("101")).conclusion).toMatchObject({
      verdict: "pending",
      because: "it was journaled and not looked at yet",
    });
  });

  test("without a chat", async () => {
    const nowhere = { chatId: 0 as never, chatGuid: "" as never };
    await running.world.accept(running.world.message(ANNA, "hi", nowhere));
    expect((await only("101")).conclusion.because).toBe("Messages has not put it into a chat yet");
  });

  test("ignored: why, and the fix that was recorded", async () => {
    const outcome = {
      kind: "ignore",
      code: "dm.not-allowed" satisfies IgnoreCode,
      because: "not listed",
      fix: "List them.",
    } as const;
    await running.world.decide([running.world.message(ANNA, "hi")], { outcome });
    expect((await only("GUID-101")).conclusion).toMatchObject({
      verdict: "not-answered",
      because: "not listed",
      fix: "List them.",
    });
  });

  test("held", async () => {
    await running.world.decide([running.world.message(ANNA, "hi")], { outcome: HOLD });
    expect((await only("101")).conclusion).toMatchObject({ verdict: "pending", fix: "approve" });
  });

  test("too old", async () => {
    const outcome = { kind: "remember", code: "catchup.too-old", because: "old" } as const;
    await running.world.decide([running.world.message(ANNA, "hi")], { outcome });
    const { conclusion } = await only("101");
    expect(conclusion.verdict).toBe("not-answered");
    expect(conclusion.fix).toContain("catchup.maxAgeMinutes");
  });

  test("waiting, then at work", async () => {
    const { world } = running;
    const conversationId = await world.waits(ANNA, "hi");
    expect((await only("101")).conclusion.because).toBe("it waits for a turn");
    await world.begin(conversationId);
    expect((await only("101")).conclusion.because).toBe("agent main is at work on it");
  });

  test("failed: the cause, not the apology that was sent", async () => {
    const { world } = running;
    const turn = await world.begin(await world.waits(ANNA, "hi"));
    const end = { state: "failed", reason: "exit 1", ref: "WXYZ" } as const;
    await world.store.turns.finish(turn, end, world.group(turn.conversationId, "Sorry"), world.nowMs);
    await world.sendAll();
    expect((await only("101")).conclusion).toMatchObject({
      verdict: "not-answered",
      because: "agent main failed: exit 1",
    });
  });

  test("an empty answer", async () => {
    const { world } = running;
    const turn = await world.begin(await world.waits(ANNA, "hi"));
    const none = world.group(turn.conversationId);
    await world.store.turns.finish(turn, { state: "answered", text: "" }, none, world.nowMs);
    expect((await only("101")).conclusion.because).toContain("empty");
  });

  test("answered, only once its last message is out", async () => {
    const { world } = running;
    await world.answer(ANNA, "one", "two");
    const [first] = await world.claim();
    await world.settle(first as never, sent("G1"));
    expect((await only("101")).conclusion).toMatchObject({ verdict: "pending" });
    world.nowMs += 5000;
    await world.sendAll();
    expect((await only("101")).conclusion).toMatchObject({
      verdict: "answered",
      answeredAtMs: world.nowMs,
      because: undefined,
    });
  });

  test("a stuck message of the answer, and how to go on; then dropped", async () => {
    const { world } = running;
    const [part] = await world.answer(ANNA, "one");
    const [claimed] = await world.claim();
    await world.settle(claimed as never, { state: "parked", reason: "refused" });
    const { conclusion } = await only("101");
    expect(conclusion.because).toBe(`message ${part?.id} of the answer could not be sent: refused`);
    expect(conclusion.fix).toContain(`coderclaw outbox retry ${part?.id}`);
    await world.store.outbox.drop(part?.id as never, world.nowMs);
    expect((await only("101")).conclusion.because).toContain("dropped by the owner");
  });
});

test("the steps are in the order they happened, checks before what they led to", async () => {
  const { world } = running;
  await world.asks(ANNA, "ABCD2345");
  await world.sendAll();
  world.nowMs += 1000;
  await world.store.pairings.approve("ABCD2345", {
    notice: "welcome",
    nowMs: world.nowMs,
    route: () => ({ agentId: "main" as never, sessionKey: "agent:main:main" as never }),
  });
  const { steps } = await only("101");
  expect(steps.map(({ kind, text }) => `${kind} ${text.replace(/:.*/s, "")}`)).toEqual([
    `event written by ${ANNA} in chat 1`,
    "event journaled for account home, as it came",
    "check passed test",
    "event decided",
    expect.stringMatching(/^event pairing message \d+ to chat_id$/) as string,
    "check passed pairing",
    "event decided",
  ]);
});

test("a row id that two accounts have gives both; an unknown one is an error", async () => {
  const { world } = running;
  const row = world.message(ANNA, "hi");
  await world.accept(row);
  await world.accept({ ...row, accountId: WORK });
  const both = await explain(running.store, `${row.rowId}`);
  expect(both.map(({ story }) => story.entry.message.accountId)).toEqual(["home", "work"]);
  await expect(explain(running.store, "no-such-guid")).rejects.toMatchObject({ code: "explain/unknown" });
});
