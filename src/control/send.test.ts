import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, RunningWorld, settings } from "../../test/control/running-world.ts";
import { ANNA, HOME, sent } from "../../test/contracts/store-world.ts";
import { sendMessage, type SendReport } from "./send.ts";

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
  running.settingsInForce = settings([account(HOME, { textChunkLimit: 5 })]);
});
afterEach(async () => running.remove());

async function send(text: string, waitMs: number): Promise<SendReport> {
  return sendMessage(running, { accountId: undefined, target: ANNA, text, waitMs }, () => Date.now());
}

/** Plays the outbound flow for the next part. */
async function settleNext(settlement: Parameters<typeof running.world.settle>[1]): Promise<void> {
  let part: Awaited<ReturnType<typeof running.world.claim>>[number] | undefined;
  const limits = () => running.world.claimLimits({ limit: 1, nowMs: Date.now() });
  await expect
    .poll(async () => ([part] = (await running.store.outbox.claim(HOME, limits())).parts)[0])
    .toBeDefined();
  if (!part) throw new Error("nothing to send");
  await running.world.settle(part, settlement);
  running.emit({ step: "part.settled", accountId: HOME, partId: part.id });
}

describe("sending by hand", () => {
  test("waits until every message of it is out", async () => {
    const report = send("one two", 10_000);
    await settleNext(sent("G1"));
    await settleNext(sent("G2"));
    expect(await report).toMatchObject({
      accountId: HOME,
      target: ANNA,
      outcome: "sent",
      parts: [
        { text: "one", sentGuid: "G1" },
        { text: "two", sentGuid: "G2" },
      ],
    });
    expect(running.listeners.size).toBe(0);
  });

  test("ends as soon as one is stuck: those behind it are held back", async () => {
    const report = send("one two", 10_000);
    await settleNext({ state: "parked", reason: "no such chat" });
    expect(await report).toMatchObject({
      outcome: "parked",
      parts: [{ state: "parked" }, { state: "queued" }],
    });
  });

  test("sees what another process changes too", async () => {
    const report = send("one", 10_000);
    await expect.poll(async () => (await running.store.outbox.list({ limit: 1 })).length).toBe(1);
    const [item] = await running.store.outbox.list({ limit: 1 });
    await running.store.outbox.drop(item?.id as never, Date.now());
    expect((await report).outcome).toBe("dropped");
  });

  test("tells the fate so far at the end of the wait", async () => {
    expect((await send("one", 0)).outcome).toBe("pending");
    const report = send("more", 300);
    await settleNext({ state: "unknown", reason: "time-out", checkAtMs: Date.now() + 60_000 });
    expect((await report).outcome).toBe("pending");
    expect((await running.store.outbox.list({ limit: 9 })).map((one) => one.state)).toEqual([
      "queued",
      "unknown",
    ]);
  });
});
