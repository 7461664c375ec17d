import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, RunningWorld, settings } from "../../../test/control/running-world.ts";
import { ANNA, BERT, CARL, HOLD, HOME, HOUR, MINUTE, WORK } from "../../../test/contracts/store-world.ts";
import { approvePairing, denyPairing, listGrants, listRequests, revokePairing } from "./pairing.ts";

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
});
afterEach(async () => running.remove());

const place = () => ({ settings: running.settings(), store: running.store });
const choice = (accountId = undefined as typeof HOME | undefined) => ({
  accountId,
  nowMs: running.world.nowMs,
});

describe("approving", () => {
  test("lets the sender in, tells them, and what they wrote waits for the agent that the configuration names", async () => {
    const { world } = running;
    running.settingsInForce = settings([account(HOME)], {
      dmScope: "per-peer",
      bindings: [{ agentId: "butler" as never, accountId: HOME, peer: { kind: "handle", handle: ANNA } }],
    });
    await world.asks(ANNA, "ABCD2345");
    await world.decide([world.message(ANNA, "are you there?")], { outcome: HOLD });

    const { grant, answered } = await approvePairing(place(), " abcd2345 ", choice());
    expect(grant).toMatchObject({ accountId: HOME, handle: ANNA });
    expect(answered).toBe(2);
    const [conversationId] = await world.store.turns.waiting(HOME);
    const turn = await world.begin(conversationId as never);
    expect(turn).toMatchObject({ agentId: "butler", sessionKey: `agent:butler:direct:${ANNA}` });
    expect(turn.messages.map((one) => one.message.text)).toEqual([`hello from ${ANNA}`, "are you there?"]);
    const sent = await world.sendAll();
    expect(sent.at(-1)).toBe("You are approved: this chat now reaches the agent.");
  });

  test("commands among what they wrote are left out, with the reason", async () => {
    const { world } = running;
    await world.asks(ANNA, "ABCD2345");
    await world.decide([world.message(ANNA, "/config show"), world.message(ANNA, "/shrug it")], {
      outcome: HOLD,
    });
    expect((await approvePairing(place(), "ABCD2345", choice())).answered).toBe(2);
    const [conversationId] = await world.store.turns.waiting(HOME);
    const turn = await world.begin(conversationId as never);
    expect(turn.messages.map((one) => one.message.text)).toEqual([`hello from ${ANNA}`, "/shrug it"]);
    const stories = await world.store.records.explain({ rowId: 102 as never });
    expect(stories).toMatchObject([{ state: "done" }]);
    expect(stories[0]?.decisions.at(-1)).toMatchObject({
      outcome: { kind: "ignore", code: "command.not-authorised", fix: "They can give it again." },
      gates: [
        { name: "pairing", passed: true },
        { name: "command", passed: false },
      ],
    });
  });

  test("counts only what was written in the last hour", async () => {
    const { world } = running;
    await world.asks(ANNA, "ABCD2345");
    world.nowMs += HOUR + MINUTE;
    await world.asks(ANNA, "EFGH2345");
    expect((await approvePairing(place(), "EFGH2345", choice())).answered).toBe(1);
  });

  test.each([
    ["unknown", 0, "ZZZZZZZZ"],
    ["expired", HOUR + 1, "ABCD2345"],
  ])("an %s code is told as not found", async (_name, laterMs, code) => {
    await running.world.asks(ANNA, "ABCD2345");
    running.world.nowMs += laterMs;
    await expect(approvePairing(place(), code, choice())).rejects.toMatchObject({
      code: "pairing/unknown-code",
      message: `No pending pairing request found for code: ${code}`,
    });
    expect(await listGrants(place(), choice())).toEqual([]);
  });

  test("a code of another account than the named one is not found", async () => {
    await running.world.asks(ANNA, "ABCD2345");
    await expect(approvePairing(place(), "ABCD2345", choice(WORK))).rejects.toMatchObject({
      code: "pairing/unknown-code",
    });
  });
});

test("denying takes the request away and lets nobody in", async () => {
  await running.world.asks(ANNA, "ABCD2345");
  expect(await denyPairing(place(), "abcd2345", choice())).toMatchObject({ handle: ANNA });
  expect(await listRequests(place(), choice())).toEqual([]);
  expect(await listGrants(place(), choice())).toEqual([]);
  await expect(denyPairing(place(), "ABCD2345", choice())).rejects.toMatchObject({
    code: "pairing/unknown-code",
  });
});

test("lists are of one account where it is named", async () => {
  const { world } = running;
  await world.asks(ANNA, "ABCD2345");
  await world.asks(BERT, "EFGH2345", { accountId: WORK });
  const handles = async (accountId?: typeof HOME) =>
    (await listRequests(place(), choice(accountId))).map((request) => request.handle);
  expect(await handles()).toEqual([ANNA, BERT]);
  expect(await handles(HOME)).toEqual([ANNA]);
  expect(await handles(WORK)).toEqual([BERT]);
});

describe("revoking", () => {
  test("takes the approval back, however the handle is written", async () => {
    await running.world.asks(ANNA, "ABCD2345");
    await approvePairing(place(), "ABCD2345", choice());
    expect(await revokePairing(place(), "imessage:(555) 000-0001", choice())).toHaveLength(1);
    expect(await listGrants(place(), choice())).toEqual([]);
  });

  test("of somebody who was never let in, or at another account, is an error", async () => {
    await running.world.asks(ANNA, "ABCD2345");
    await approvePairing(place(), "ABCD2345", choice());
    const unknown = { code: "pairing/unknown-handle" };
    await expect(revokePairing(place(), CARL, choice())).rejects.toMatchObject(unknown);
    await expect(revokePairing(place(), ANNA, choice(WORK))).rejects.toMatchObject(unknown);
    expect(await listGrants(place(), choice())).toHaveLength(1);
  });
});
