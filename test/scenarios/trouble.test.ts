// An imsg that dies, hangs, babbles or starts slowly is replaced, for ever, and says so (field failures 10, 11, 14, 17, 20).
import { rename } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { DIALECTS, until, World } from "./world.ts";

const ANNA = "+14155550001";

interface Status {
  readonly accounts: readonly { readonly health?: { reading: { state: string; restarts: number } } }[];
}

async function restarts(world: World): Promise<number> {
  const status = await world.coderclaw("channels", "status", "--json");
  expect(status.code).toBe(0);
  return (JSON.parse(status.stdout) as Status).accounts[0]?.health?.reading.restarts ?? -1;
}

describe.each(DIALECTS)("imsg %s", (dialect) => {
  test("14: U+2028, a banner, garbage and half a line break nothing", async () => {
    await using world = await World.create({ dialect });
    await world.setFaults(
      { fault: "banner", text: "Welcome to macmini\nLast login: today" },
      { fault: "garbage" },
    );
    await world.start();
    await world.receive(ANNA, "one\u2028two\u2029three");
    await world.expectSent(ANNA, ["You said: one\u2028two\u2029three"]);
  });

  test("a killed imsg is watching again, ten times in a row, and nothing is lost", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    const answers: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      const subscriptions = (): number =>
        world.simEvents().filter((event) => event["method"] === "watch.subscribe").length;
      const before = subscriptions();
      await world.setFaults({ fault: "exit", process: "watching", times: 1 });
      await until(
        () => subscriptions() > before,
        () => world.lastLog(),
      );
      await world.setFaults();
      await world.receive(ANNA, `round ${round}`);
      answers.push(`You said: round ${round}`);
      await world.expectSent(ANNA, answers);
    }
  });

  test("an imsg that freezes is replaced, and what came meanwhile is answered", async () => {
    await using world = await World.create({ dialect, imessage: { probeTimeoutMs: 1000 } });
    await world.start();
    await world.setFaults({ fault: "hang", process: "watching" });
    await world.receive(ANNA, "hello");
    await until(
      () => world.lastLog().includes("not watching"),
      () => world.lastLog(),
    );
    await world.setFaults();
    await world.expectSent(ANNA, ["You said: hello"]);
  });

  test("a terminal watch error is met by a new subscription", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    await world.setFaults({ fault: "watch-error", message: "database disk image is malformed", times: 1 });
    await world.receive(ANNA, "hello");
    await world.setFaults();
    await world.expectSent(ANNA, ["You said: hello"]);
  });

  test("duplicated and reordered notifications: each message is answered once", async () => {
    await using world = await World.create({ dialect });
    await world.start();
    await world.setFaults({ fault: "duplicate" }, { fault: "reorder" });
    const senders = Array.from({ length: 6 }, (_, at) => `+141555520${String(10 + at)}`);
    for (const sender of senders) await world.receive(sender, `from ${sender}`);
    await world.setFaults();
    for (const sender of senders) await world.expectSent(sender, [`You said: from ${sender}`]);
  });

  test("11: an imsg that does not start at first is tried until it does", async () => {
    await using world = await World.create({ dialect });
    await world.setFaults({ fault: "exit-at-start", times: 5 });
    await world.start();
    await world.receive(ANNA, "hello");
    await world.expectSent(ANNA, ["You said: hello"]);
  });
});

test("10: a quiet evening restarts nothing", async () => {
  await using world = await World.create({});
  await world.start();
  await delay(12_000);
  expect(await restarts(world)).toBe(0);
});

test("20: with imsg gone the status says so, and all is well again when it is back", async () => {
  await using world = await World.create({});
  await world.start();
  await rename(world.mac.program, `${world.mac.program}.away`);
  await world.setFaults({ fault: "exit", times: 2 });
  const bad = await until(
    async () => {
      const status = await world.coderclaw("channels", "status");
      return status.stdout.includes("not found") && status;
    },
    () => world.lastLog(),
  );
  expect(bad.code).toBe(0);
  await world.setFaults();
  await rename(`${world.mac.program}.away`, world.mac.program);
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
});

test("17: every message that was not answered can say why, and what to do", async () => {
  await using world = await World.create({
    imessage: { dmPolicy: "allowlist", allowFrom: ["+14155550002"] },
  });
  await world.start();
  const guid = await world.receive(ANNA, "hello");
  await until(
    () => world.lastLog().includes("dm.not-allowed"),
    () => world.lastLog(),
  );
  const explained = await world.coderclaw("explain", guid);
  expect(explained.stdout).toContain("not in allowFrom");
  expect(explained.stdout).toContain(`Add "${ANNA}" to channels.imessage.allowFrom`);
});
