import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunningWorld } from "../../../test/control/running-world.ts";
import { ANNA, AS_CONTEXT, BERT, HOLD, HOME, sent, WORK } from "../../../test/contracts/store-world.ts";
import type { IgnoreCode, RememberCode } from "../../model/decision.ts";
import type { OutboundPart } from "../../model/delivery.ts";
import type { ConversationId } from "../../model/ids.ts";
import type { Turn } from "../../model/turn.ts";
import { explain, type Explanation } from "./explain.ts";
import { describeOutcome } from "./outcome-words.ts";

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

describe("a command", () => {
  test("waits, then is done, with its reply", async () => {
    const { world } = running;
    const given = await world.gives(ANNA, { name: "whoami", role: "owner" });
    expect((await only("101")).conclusion).toMatchObject({
      verdict: "pending",
      because: "the command is not carried out yet",
    });
    await world.finish(given.open as never, { kind: "none" }, { texts: ["You: somebody"] });
    expect((await only("101")).conclusion.verdict).toBe("pending");
    await world.sendAll();
    const { conclusion, steps } = await only("101");
    expect(conclusion).toMatchObject({ verdict: "answered", because: undefined });
    const texts = steps.map(({ text }) => text);
    expect(texts).toContain("decided: /whoami is a command of an owner (at once)");
    expect(texts.at(-1)).toMatch(/^reply to the command \d+ to chat_id:1 “You: somebody”: sent/);
  });

  test("without a reply is done", async () => {
    const { world } = running;
    const given = await world.gives(ANNA, { name: "status" });
    await world.finish(given.open as never, { kind: "none" });
    expect((await only("101")).conclusion).toMatchObject({ verdict: "done", fix: undefined });
  });

  test("with a first message is what its turn is", async () => {
    const { world } = running;
    const given = await world.gives(ANNA, { name: "new", args: "hello", inOrder: true });
    const command = await world.nextCommand(given.conversationId);
    await world.finish(command, { kind: "reset", first: "hello" });
    const turn = await world.begin(given.conversationId);
    expect((await only("101")).conclusion.because).toBe("agent main is at work on it");
    const group = world.group(turn.conversationId, "hi");
    await world.store.turns.finish(turn, { state: "answered", text: "hi" }, group, world.nowMs);
    await world.sendAll();
    expect((await only("101")).conclusion.verdict).toBe("answered");
  });

  test("/stop: the turn it ended and the messages it dropped say so, with a fix", async () => {
    const { world } = running;
    await world.begin(await world.waits(ANNA, "long work"));
    await world.waits(ANNA, "and this");
    const given = await world.gives(ANNA, { name: "stop" });
    await world.finish(given.open as never, { kind: "stop" });
    for (const { conclusion } of [await only("101"), await only("102")]) {
      expect(conclusion.verdict).toBe("not-answered");
      expect(conclusion.because).toContain("stop");
      expect(conclusion.fix).toBeDefined();
    }
  });
});

test("a message kept as context says which turn was shown it", async () => {
  const { world } = running;
  const group = { chatId: 9 as never, chatGuid: "iMessage;+;c9" as never, isGroup: true };
  await world.decide([world.message(BERT, "aside", group)], { outcome: AS_CONTEXT });
  const before = await only("101");
  expect(before.conclusion).toMatchObject({ verdict: "not-answered" });
  expect(before.conclusion.fix).toContain("mention pattern");
  await world.decide([world.message(ANNA, "claw?", group)]);
  const conversationId = before.story.entry.conversationId as ConversationId;
  const limits = world.limits({ context: () => ({ messages: 5, turns: 0 }) });
  const turn = (await world.store.turns.begin(conversationId, limits)) as Turn;
  const after = await only("101");
  expect(after.conclusion.because).toContain(`agent main was shown it in turn ${turn.id}`);
  expect(after.steps.map(({ text }) => text)).toContain(
    `turn ${turn.id}: agent main was shown it as context`,
  );
});

const CODES: Readonly<Record<RememberCode, true>> = {
  "own.row": true,
  "own.echo": true,
  "own.copy": true,
  "row.redelivered": true,
  reaction: true,
  "approval.more": true,
  "event.empty": true,
  "link.preview": true,
  "group.not-mentioned": true,
  "catchup.too-old": true,
  "catchup.before-first-start": true,
};

test.each(Object.keys(CODES) as RememberCode[])("%s has the recorded reason, and a fix", (code) => {
  const { because, fix, fate } = describeOutcome({ kind: "remember", code, because: "as it was recorded" });
  expect([fate, because]).toEqual(["kept as context", "as it was recorded"]);
  expect(fix).toMatch(/^[A-Z].*\.$/);
});

test("what ran when the gateway ended is not at work, and says so; after a crash the story is told", async () => {
  const { world } = running;
  await world.begin(await world.waits(ANNA, "hi"));
  const [stopped] = await explain(running.store, "101", { isRunning: false });
  expect(stopped?.conclusion).toMatchObject({
    verdict: "pending",
    because: "agent main was at work on it when the gateway ended",
    fix: "Start the gateway: the turn is run again then.",
  });
  const next = await world.another();
  const [turn] = await next.turns.interrupted(HOME);
  world.nowMs += 60_000;
  await next.turns.resume(turn as Turn, world.nowMs);
  expect((await only("101")).steps.map(({ text }) => text).slice(-2)).toEqual([
    `turn ${turn?.id}: agent main began`,
    `turn ${turn?.id}: ran again, as the gateway was killed while it ran`,
  ]);
});

test("the first cause of a parked message stays beside the last", async () => {
  const { world } = running;
  await world.answer(ANNA, "one");
  const [part] = await world.claim();
  const claimed = part as OutboundPart;
  await world.settle(claimed, { state: "unknown", reason: "imsg was gone", checkAtMs: world.nowMs });
  await world.settle(claimed, { state: "parked", reason: "it is not in the chat" });
  const { conclusion, steps } = await only("101");
  expect(conclusion.because).toContain("could not be sent: it is not in the chat (at first: imsg was gone)");
  expect(steps.at(-1)?.text).toContain("parked: it is not in the chat (at first: imsg was gone)");
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
  const ofWork = await explain(running.store, `${row.rowId}`, { accountId: WORK });
  expect(ofWork.map(({ story }) => story.entry.message.accountId)).toEqual(["work"]);
  await expect(explain(running.store, "no-such-guid")).rejects.toMatchObject({ code: "explain/unknown" });
  await expect(explain(running.store, `${row.rowId}9`)).rejects.toMatchObject({
    hint: `The number is likely wrong: the newest row that was read is ${row.rowId}.`,
  });
});
