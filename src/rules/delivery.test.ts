import { describe, expect, test } from "vitest";
import type { OutboundPart, SendOutcome, Settlement } from "../model/delivery.ts";
import {
  asId,
  type AccountId,
  type AttemptId,
  type MessageGuid,
  type PartId,
  type RowId,
} from "../model/ids.ts";
import type { LookUp } from "../model/ports.ts";
import { decideDelivery, decideLookUp } from "./delivery.ts";

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const guid = asId<MessageGuid>("G-1");
const rowId = asId<RowId>(7);

function part(facts: Partial<OutboundPart>): OutboundPart {
  return {
    id: asId<PartId>(1),
    accountId: asId<AccountId>("default"),
    conversationId: undefined,
    turnId: undefined,
    origin: "send",
    target: { kind: "chat_id", chatId: 1 },
    expectedGuid: undefined,
    formatting: [],
    file: undefined,
    chat: undefined,
    text: "hello",
    attempts: 1,
    attemptId: asId<AttemptId>("A-1"),
    anchorRow: asId<RowId>(0),
    claimedAtMs: NOW,
    ...facts,
  };
}

describe("decideDelivery", () => {
  const passing: SendOutcome = { kind: "failed", reason: "busy", retryable: true };
  const queued = (delayMs: number): Settlement => ({
    state: "queued",
    reason: "busy",
    notBeforeMs: NOW + delayMs,
  });
  const table: readonly [string, SendOutcome, number, Settlement][] = [
    [
      "sent with its guid",
      { kind: "sent", guid, rowId: undefined },
      1,
      { state: "sent", guid, rowId: undefined },
    ],
    [
      "sent with its row",
      { kind: "sent", guid: undefined, rowId },
      3,
      { state: "sent", guid: undefined, rowId },
    ],
    ["first failure", passing, 1, queued(2000)],
    ["second failure", passing, 2, queued(10_000)],
    ["third failure", passing, 3, queued(MINUTE)],
    ["fourth failure", passing, 4, queued(5 * MINUTE)],
    ["fifth failure", passing, 5, queued(15 * MINUTE)],
    ["sixth failure", passing, 6, { state: "parked", reason: "busy (gave up after 6 attempts)" }],
    [
      "a failure that would repeat",
      { kind: "failed", reason: "no such chat", retryable: false },
      1,
      { state: "parked", reason: "no such chat" },
    ],
    [
      "unknown",
      { kind: "unknown", reason: "timed out" },
      1,
      { state: "unknown", reason: "timed out", checkAtMs: NOW + 15_000 },
    ],
    [
      "unknown on a late attempt",
      { kind: "unknown", reason: "timed out" },
      9,
      { state: "unknown", reason: "timed out", checkAtMs: NOW + 15_000 },
    ],
  ];
  test.each(table)("%s", (_, outcome, attempts, expected) => {
    expect(decideDelivery({ outcome, part: part({ attempts }), nowMs: NOW, graceMs: 15_000 })).toEqual(
      expected,
    );
  });
});

describe("decideLookUp", () => {
  const unclear: LookUp = { kind: "unclear", reason: "imsg is gone" };
  const again = (delayMs: number): Settlement => ({
    state: "unknown",
    reason: "imsg is gone",
    checkAtMs: NOW + delayMs,
  });
  const parked: Settlement = { state: "parked", reason: "whether it arrived cannot be told: imsg is gone" };
  const table: readonly [
    string,
    LookUp,
    { attempts?: number; claimedAgo?: number; openedAgo?: number },
    Settlement,
  ][] = [
    ["found", { kind: "found", guid, rowId }, {}, { state: "sent", guid, rowId }],
    [
      "found late",
      { kind: "found", guid, rowId },
      { claimedAgo: 99 * MINUTE },
      { state: "sent", guid, rowId },
    ],
    [
      "absent",
      { kind: "absent" },
      {},
      { state: "queued", reason: "it is not in the chat", notBeforeMs: NOW },
    ],
    [
      "absent after the last attempt",
      { kind: "absent" },
      { attempts: 6 },
      { state: "parked", reason: "it is not in the chat after 6 attempts" },
    ],
    ["unclear at once", unclear, { claimedAgo: 1000 }, again(5000)],
    ["unclear after 20 s", unclear, { claimedAgo: 20_000 }, again(20_000)],
    ["unclear after 4 min", unclear, { claimedAgo: 4 * MINUTE }, again(4 * MINUTE)],
    ["unclear after 20 min", unclear, { claimedAgo: 20 * MINUTE }, again(5 * MINUTE)],
    ["unclear after half an hour", unclear, { claimedAgo: 30 * MINUTE }, parked],
    ["unclear from before a long stop", unclear, { claimedAgo: 600 * MINUTE, openedAgo: 1000 }, again(5000)],
    ["unclear long after a stop", unclear, { claimedAgo: 600 * MINUTE, openedAgo: 31 * MINUTE }, parked],
  ];
  test.each(table)("%s", (_, lookUp, facts, expected) => {
    const { attempts = 1, claimedAgo = 0, openedAgo = 1000 * MINUTE } = facts;
    const asked = part({ attempts, claimedAtMs: NOW - claimedAgo });
    expect(decideLookUp({ lookUp, part: asked, nowMs: NOW, openedAtMs: NOW - openedAgo })).toEqual(expected);
  });

  test("a part that stays unclear is looked for a bounded number of times", () => {
    let nowMs = NOW + 15_000;
    for (let looks = 1; looks <= 15; looks += 1) {
      const decided = decideLookUp({ lookUp: unclear, part: part({}), nowMs, openedAtMs: NOW });
      if (decided.state === "parked") {
        expect(looks).toBeGreaterThan(5);
        return;
      }
      expect(decided.state).toBe("unknown");
      if (decided.state === "unknown") nowMs = decided.checkAtMs;
    }
    expect.unreachable("it was never parked");
  });
});
