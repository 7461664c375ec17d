// Sends of every outcome: what may have arrived is looked for before it is sent again (field failures 12, 13).
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";

/** A gateway with short delays, watching. */
async function running(world: World): Promise<void> {
  world.launchKilling();
  await until(
    () => world.lastLog().includes("] watching,"),
    () => world.lastLog(),
  );
}

async function outbox(world: World): Promise<{ id: number; state: string; text: string }[]> {
  const listed = await world.coderclaw("outbox", "list", "--all", "--json");
  expect(listed.code).toBe(0);
  return (JSON.parse(listed.stdout) as { messages: { id: number; state: string; text: string }[] }).messages;
}

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test.each(["error-after", "no-guid"])(
    "12: a send that arrived and %s is not sent twice",
    async (outcome) => {
      await using world = await World.create({ dialect });
      await running(world);
      await world.setFaults({ fault: "send", outcome, times: 1 });
      await world.receive(ANNA, "hello");
      await until(
        async () => (await outbox(world)).some((part) => part.state === "sent"),
        () => world.lastLog(),
      );
      await world.receive(ANNA, "again");
      await world.expectSent(ANNA, ["You said: hello", "You said: again"]);
    },
  );

  test("12: a send whose process dies after delivering is not sent twice", async () => {
    await using world = await World.create({ dialect });
    await running(world);
    await world.setFaults({ fault: "send", outcome: "deliver-no-answer", times: 1 });
    await world.receive(ANNA, "hello");
    await until(
      () => world.sentTo(ANNA).length === 1,
      () => world.lastLog(),
    );
    await world.setFaults({ fault: "exit", process: "sending", times: 1 });
    await until(
      async () => (await outbox(world)).some((part) => part.state === "sent"),
      () => world.lastLog(),
    );
    await world.setFaults();
    await world.receive(ANNA, "again");
    await world.expectSent(ANNA, ["You said: hello", "You said: again"]);
  });

  test("13: a send that failed before delivering is sent again, not parked", async () => {
    await using world = await World.create({ dialect });
    await running(world);
    await world.setFaults({ fault: "send", outcome: "error-before", times: 1 });
    await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
    await world.receive(ANNA, "again");
    await world.expectSent(ANNA, ["You said: hello", "You said: again"]);
  });

  test("a stuck send delays nothing that comes in", async () => {
    await using world = await World.create({ dialect });
    await running(world);
    await world.setFaults({ fault: "hang", method: dialect === "v1" ? "send.tracked" : "send" });
    await world.receive(ANNA, "one");
    await until(
      () => world.lastLog().includes("turn for agent"),
      () => world.lastLog(),
    );
    await world.receive("+14155550002", "two");
    await until(
      () => world.lastLog().includes("from +14155550002: turn"),
      () => world.lastLog(),
    );
  });
});

test("message send goes through the outbox and says what became of it", async () => {
  await using world = await World.create({});
  const without = await world.coderclaw("message", "send", "--target", ANNA, "--text", "hi");
  expect(without.code).toBe(4);
  await world.start();
  const sent = await world.coderclaw("message", "send", "--target", ANNA, "--text", "hi", "--json");
  expect([sent.code, sent.stdout]).toEqual([0, expect.stringContaining('"sent"')]);
  expect(world.sentTo(ANNA)).toEqual(["hi"]);
});
