import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
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
