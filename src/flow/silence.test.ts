// What people read when an agent says nothing.
import { test } from "vitest";
import { ANNA, FlowWorld } from "../../test/flow/flow-world.ts";

test.each([
  [
    "/frobnicate",
    "/frobnicate is not a command here, and Claw said nothing to it. /help lists the commands.",
  ],
  [
    "／frobnicate now",
    "/frobnicate is not a command here, and Claw said nothing to it. /help lists the commands.",
  ],
  ["/compact.", "Claw took /compact and said nothing more."],
])("to %s there is an answer in any case", async (text, answer) => {
  await using world = await FlowWorld.create({ agent: { name: "Claw" } });
  world.offers = { commands: [{ name: "compact", description: "" }] };
  world.play = async () => "";
  await world.receive(ANNA, text);
  await world.expectSent(answer);
});

test("the agent reads the word as it would be typed, and its own answer is the answer", async () => {
  await using world = await FlowWorld.create();
  await world.receive(ANNA, "\u200e／compact.");
  await world.expectSent("You said: /compact");
});

test("to anything else an empty answer sends nothing", async () => {
  await using world = await FlowWorld.create();
  world.play = async ({ prompt }) => (prompt.endsWith("done?") ? "yes" : "");
  for (const text of ["/etc/hosts is wrong", "thanks", "done?"]) await world.receive(ANNA, text);
  await world.expectSent("yes");
});
