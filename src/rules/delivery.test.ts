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
    unknownSinceMs: undefined,
    handedOver: false,
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
      { kind: "unknown", reason: "timed out", handedOver: false },
      1,
      { state: "unknown", reason: "timed out", checkAtMs: NOW + 15_000, handedOver: false },
    ],
    [
      "unknown on a late attempt",
      { kind: "unknown", reason: "timed out", handedOver: false },
      9,
      { state: "unknown", reason: "timed out", checkAtMs: NOW + 15_000, handedOver: false },
    ],
    [
      "given to Messages: it may be in the chat any moment",
      { kind: "unknown", reason: "no row yet", handedOver: true },
      1,
      { state: "unknown", reason: "no row yet", checkAtMs: NOW + 5_000, handedOver: true },
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
  interface Facts {
    readonly attempts?: number;
    /** How long ago the attempt came to its unknown end. */
    readonly endedAgo?: number;
    readonly openedAgo?: number;
    readonly handedOver?: true;
  }
  const absent: LookUp = { kind: "absent" };
  const slow = { reason: "Messages has it, and does not show it in the chat" };
  const table: readonly [string, LookUp, Facts, Settlement][] = [
    ["found", { kind: "found", guid, rowId }, {}, { state: "sent", guid, rowId }],
    ["found late", { kind: "found", guid, rowId }, { endedAgo: 99 * MINUTE }, { state: "sent", guid, rowId }],
    [
      "absent when nothing can be going on any more",
      absent,
      { endedAgo: 15_000 },
      { state: "queued", reason: "it is not in the chat", notBeforeMs: NOW },
    ],
    [
      "absent while it may still go out",
      absent,
      { endedAgo: 14_999 },
      { state: "unknown", reason: "it may still go out", checkAtMs: NOW + 1 },
    ],
    [
      "absent after the last attempt",
      absent,
      { attempts: 6, endedAgo: MINUTE },
      { state: "parked", reason: "it is not in the chat after 6 attempts" },
    ],
    [
      "absent although Messages has it",
      absent,
      { handedOver: true, endedAgo: MINUTE },
      { state: "unknown", ...slow, checkAtMs: NOW + MINUTE },
    ],
    [
      "absent for ten minutes although Messages has it",
      absent,
      { handedOver: true, endedAgo: 10 * MINUTE },
      { state: "parked", reason: `whether it arrived cannot be told: ${slow.reason}` },
    ],
    ["unclear at once", unclear, { endedAgo: 1000 }, again(5000)],
    ["unclear after 20 s", unclear, { endedAgo: 20_000 }, again(20_000)],
    ["unclear after 4 min", unclear, { endedAgo: 4 * MINUTE }, again(4 * MINUTE)],
    ["unclear after 20 min", unclear, { endedAgo: 20 * MINUTE }, again(5 * MINUTE)],
    ["unclear after half an hour", unclear, { endedAgo: 30 * MINUTE }, parked],
    ["unclear from before a long stop", unclear, { endedAgo: 600 * MINUTE, openedAgo: 1000 }, again(5000)],
    ["unclear long after a stop", unclear, { endedAgo: 600 * MINUTE, openedAgo: 31 * MINUTE }, parked],
  ];
  test.each(table)("%s", (_, lookUp, facts, expected) => {
    const { attempts = 1, endedAgo = 0, openedAgo = 1000 * MINUTE, handedOver = false } = facts;
    const times = { claimedAtMs: NOW - endedAgo - MINUTE, unknownSinceMs: NOW - endedAgo };
    const asked = { lookUp, part: part({ attempts, handedOver, ...times }), nowMs: NOW, graceMs: 15_000 };
    expect(decideLookUp({ ...asked, openedAtMs: NOW - openedAgo })).toEqual(expected);
  });

  test.each([unclear, absent])("a part that stays %j is looked for a bounded number of times", (lookUp) => {
    let nowMs = NOW + 15_000;
    for (let looks = 1; looks <= 15; looks += 1) {
      const asked = part({ handedOver: true });
      const decided = decideLookUp({ lookUp, part: asked, nowMs, openedAtMs: NOW, graceMs: 15_000 });
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
