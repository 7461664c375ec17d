import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, RunningWorld, settings } from "../../../test/control/running-world.ts";
import { ANNA, BERT, HOME, sent } from "../../../test/contracts/store-world.ts";
import { parseAllowEntry } from "../../model/target.ts";
import { sendMessage, waitForSent, type SendReport } from "./send.ts";

let running: RunningWorld;
beforeEach(async () => {
  running = await RunningWorld.create();
  running.settingsInForce = settings([account(HOME, { textChunkLimit: 5 })]);
});
afterEach(async () => running.remove());

async function send(text: string, waitMs: number): Promise<SendReport> {
  return sendMessage(running, { accountId: undefined, target: ANNA, text, file: undefined, waitMs }, () =>
    Date.now(),
  );
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

  test("sends a file after its text, checked by the account's limit; the text may be empty", async () => {
    const request = { accountId: undefined, target: ANNA, waitMs: 0 };
    const both = await sendMessage(running, { ...request, text: "Look", file: "/a/b.png" }, () => Date.now());
    expect(both.parts.map(({ text, file }) => [text, file?.name])).toEqual([
      ["Look", undefined],
      ["", "chart.png"],
    ]);
    const alone = await sendMessage(running, { ...request, text: "", file: "/a/b.png" }, () => Date.now());
    expect(alone.parts).toHaveLength(1);
    expect(running.taken[0]).toMatchObject({
      source: "/a/b.png",
      by: { roots: ["/"], maxBytes: 16_777_216 },
    });
  });

  test("queues nothing for a file that is refused, or no whole path", async () => {
    const attempt = async (file: string) =>
      sendMessage(running, { accountId: undefined, target: ANNA, text: "x", file, waitMs: 0 }, () =>
        Date.now(),
      );
    await expect(attempt("/a.missing")).rejects.toMatchObject({ code: "media/missing" });
    await expect(attempt("a.png")).rejects.toMatchObject({ code: "cli/usage" });
    await expect(attempt("https://example.com/a.png")).rejects.toMatchObject({ code: "cli/usage" });
    expect(await running.store.outbox.list({ limit: 9 })).toEqual([]);
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

describe("why it waits", () => {
  test("the budget, then what the last attempt came to; nothing once it is out", async () => {
    running.settingsInForce = settings([account(HOME, { sendsPerMinute: 0 })]);
    const { waitsFor, parts } = await send("one", 0);
    expect(waitsFor).toContain("send budget is used up (0 a minute");
    running.settingsInForce = settings([account(HOME)]);
    const ids = parts.map(({ id }) => id);
    const again = async () => waitForSent(running, { ids, waitMs: 0 }, () => Date.now());
    expect(await again()).toMatchObject({ outcome: "pending", waitsFor: undefined });
    await settleNext({ state: "queued", reason: "Messages is away", notBeforeMs: Date.now() });
    expect(await again()).toMatchObject({ outcome: "pending", target: ANNA, waitsFor: "Messages is away" });
    await settleNext(sent("G1"));
    expect(await again()).toMatchObject({ outcome: "sent", waitsFor: undefined });
  });

  test("what is not in the outbox cannot be waited for", async () => {
    const asked = waitForSent(running, { ids: [999 as never], waitMs: 0 }, () => Date.now());
    await expect(asked).rejects.toMatchObject({ code: "outbox/unknown" });
  });
});

describe("allowTo", () => {
  const chat = {
    chatId: 7 as never,
    chatGuid: "any;-;+15550000001" as never,
    chatIdentifier: ANNA,
    chatName: "",
    participants: [ANNA],
    isGroup: false,
    service: "iMessage",
    lastMessageAtMs: 1,
  };
  const FAMILY = { ...chat, chatId: 42 as never, chatGuid: "iMessage;+;c42" as never, chatIdentifier: "c42" };
  const group = { ...FAMILY, isGroup: true, participants: [ANNA, BERT] };

  async function target(to: string, ...allowed: string[]): Promise<string> {
    const allowTo = allowed.map((text) => {
      const entry = parseAllowEntry(text, "US");
      if (!entry.ok) throw new Error(entry.reason);
      return entry.value;
    });
    running.settingsInForce = settings([account(HOME, { allowTo })]);
    const request = { accountId: undefined, target: to, text: "hi", file: undefined, waitMs: 0 };
    return (await sendMessage(running, request, () => Date.now())).target;
  }

  test.each([
    [ANNA, [ANNA], ANNA],
    ["imessage:(555) 000-0001", [ANNA], `imessage:${ANNA}`],
    ["chat_id:7", ["chat_id:7"], "chat_id:7"],
    ["guid:SMS;-;+15550000001", ["chat_guid:any;-;+15550000001"], "chat_guid:SMS;-;+15550000001"],
    ["chat_identifier:c42", ["*"], "chat_identifier:c42"],
  ])("%s under %j goes", async (to, allowed, sentTo) => {
    expect(await target(to, ...allowed)).toBe(sentTo);
  });

  test("a chat of the journal may go by another of its names", async () => {
    const { world } = running;
    await world.waits(ANNA, "hi");
    expect(await target("chat_id:1", ANNA)).toBe("chat_id:1");
    expect(await target("chat_id:1", `chat_guid:SMS;-;${ANNA}`)).toBe("chat_id:1");
    await expect(target("chat_id:1", BERT)).rejects.toMatchObject({ code: "send/not-allowed" });
  });

  test("one that only the account knows goes by the name that is allowed", async () => {
    running.chats = [chat, group];
    expect(await target("chat_id:7", ANNA)).toBe(ANNA);
    expect(await target("chat_id:42", "chat_identifier:c42")).toBe("chat_identifier:c42");
    await expect(target("chat_id:42", ANNA)).rejects.toMatchObject({ code: "send/not-allowed" });
  });

  test.each([
    [BERT, [ANNA]],
    ["chat_id:42", []],
    ["chat_identifier:c42", ["chat_id:42"]],
    ["22000", [ANNA]],
  ])("%s under %j is refused before anything is queued, with what to add", async (to, allowed) => {
    await expect(target(to, ...allowed)).rejects.toMatchObject({
      code: "send/not-allowed",
      hint: expect.stringContaining(`Add "${to}" to allowTo of account home`) as string,
      effect: "none",
    });
    expect(await running.store.outbox.list({ limit: 10 })).toEqual([]);
  });
});
