// The search for a send of unknown fate holds back nobody else's answer.
import { expect, test } from "vitest";
import { until, World } from "./world.ts";

const ANNA = "+14155550001";
const BERT = "+14155550002";

test("while imsg does not answer a look-up, other chats are answered", async () => {
  await using world = await World.create({ dialect: "v1" });
  const gateway = world.launchKilling();
  await until(
    () => gateway.log().includes("] watching,"),
    () => gateway.log(),
  );
  for (const person of [ANNA, BERT]) {
    await world.receive(person, "hello");
    await world.expectSent(person, ["You said: hello"]);
  }
  const asked = (): number =>
    world.simEvents().filter(({ method }) => method === "message.send_status").length;
  const before = asked();
  await world.setFaults(
    { fault: "exit", method: "send", times: 1 },
    { fault: "hang", method: "message.send_status" },
  );
  await world.receive(ANNA, "lost");
  await until(
    () => asked() > before,
    () => gateway.log(),
  );
  await world.receive(BERT, "and me?");
  // Far below the time-out of the look-up.
  await world.expectSent(BERT, ["You said: hello", "You said: and me?"], 10_000);
  expect(world.sentTo(ANNA)).toEqual(["You said: hello"]);
  await world.setFaults();
  await world.expectSent(ANNA, ["You said: hello", "You said: lost"], 60_000);
});
