import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ANNA, BEN, FlowWorld } from "../../test/flow/flow-world.ts";
import type { AllowEntry } from "../model/target.ts";

test("over the send budget messages wait, which is said once, and nothing is lost", async () => {
  await using world = await FlowWorld.create({ account: { sendsPerMinute: 2 } });
  for (const text of ["one", "two", "three"]) {
    await world.receive(ANNA, text);
    if (text !== "three") await world.until(() => world.sent.at(-1)?.text.endsWith(text) === true, text);
  }
  await world.until(() => world.lines.length > 0, "it is said");
  await delay(1200);
  expect(world.sent).toHaveLength(2);
  expect(world.lines.filter((line) => line.includes("limits.sendsPerMinute"))).toHaveLength(1);
  // A larger budget is in force without anything else happening.
  const accounts = world.settings.accounts.map((one) => ({ ...one, sendsPerMinute: 100 }));
  world.settings = { ...world.settings, accounts };
  await world.expectSent("You said: one", "You said: two", "You said: three");
});

test("what allowTo does not allow when it is about to be sent is parked, with the key that says so", async () => {
  await using world = await FlowWorld.create();
  const gate = Promise.withResolvers<string>();
  world.play = async () => gate.promise;
  await world.receive(ANNA, "hello");
  await world.until(() => world.prompts.length === 1, "the turn runs");
  const allowTo: AllowEntry[] = [{ kind: "handle", handle: BEN as never }];
  const accounts = world.settings.accounts.map((one) => ({ ...one, allowTo }));
  world.settings = { ...world.settings, accounts };
  gate.resolve("the answer");
  await world.until(() => world.steps.some((step) => step.startsWith("part.settled")), "it is settled");
  const [part] = await world.store.outbox.list({ limit: 1 });
  expect(part).toMatchObject({
    state: "parked",
    reason: expect.stringContaining("channels.imessage.allowTo"),
  });
  await world.receive(BEN, "hello");
  await world.expectSent("the answer");
});

describe("a message that is given up", () => {
  const owned = { account: { owners: [BEN as never], notified: [BEN as never] } };
  const refused = {
    kind: "failed",
    reason: "Messages cannot find this person.\nCheck the number.",
    retryable: false,
  } as const;
  const notices = (world: FlowWorld) => world.sent.filter(({ part }) => part.origin === "notice");

  test("is told to the owner, with the reason and what to do, once for each reason", async () => {
    await using world = await FlowWorld.create(owned);
    world.outcome = (part) => (part.origin === "notice" ? undefined : refused);
    await world.receive(ANNA, "one");
    await world.until(() => notices(world).length === 1, "the notice");
    await world.receive(ANNA, "two");
    await world.until(() => world.sent.length >= 3, "the second try");
    const [notice] = notices(world);
    expect(notice?.text).toMatch(
      /^I could not send a message to \+14155550001: Messages cannot find this person\. Check the number\.\nSend it with `coderclaw outbox retry \d+`/u,
    );
    expect(notices(world)).toHaveLength(1);
  });

  test("to the owner is not told to the owner, nor is a notice", async () => {
    await using world = await FlowWorld.create(owned);
    world.outcome = () => refused;
    await world.receive(BEN, "hello");
    await world.receive(ANNA, "hello");
    await world.until(() => world.sent.length === 3, "two answers and one notice");
    await world.until(
      () => world.steps.filter((step) => step.includes("parked")).length === 3,
      "all are parked",
    );
    expect(notices(world)).toHaveLength(1);
  });
});
