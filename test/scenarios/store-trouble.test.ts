// A state database that refuses for a while (full disk, long lock) delays an answer and loses none, without a restart.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { until, World } from "./world.ts";

const ANNA = "+14155550001";

/** Makes one kind of write fail until the trigger is dropped. */
const REFUSALS: readonly [string, string][] = [
  ["the end of a turn", "BEFORE UPDATE OF state ON turn WHEN NEW.state = 'answered'"],
  [
    "a send that failed",
    "BEFORE UPDATE OF state ON part WHEN OLD.state = 'sending' AND NEW.state = 'queued'",
  ],
];

test.each(REFUSALS)("%s that could not be recorded is recorded later", async (_, when) => {
  await using world = await World.create({ dialect: "v1" });
  await world.start();
  await world.receive(ANNA, "hello");
  await world.expectSent(ANNA, ["You said: hello"]);
  const state = new DatabaseSync(join(world.dir, "state/state.db"), { timeout: 5000 });
  try {
    state.exec(`CREATE TRIGGER refuse ${when} BEGIN SELECT RAISE(ABORT, 'refused'); END`);
    await world.setFaults({ fault: "send", outcome: "error-before", times: 1 });
    await world.receive(ANNA, "one");
    await until(
      () => world.lastLog().includes("refused"),
      () => world.lastLog(),
    );
    state.exec("DROP TRIGGER refuse");
  } finally {
    state.close();
  }
  await world.expectSent(ANNA, ["You said: hello", "You said: one"]);
  await world.receive(ANNA, "two");
  await world.expectSent(ANNA, ["You said: hello", "You said: one", "You said: two"]);
  expect(world.sentTo(ANNA)).toHaveLength(3);
});
