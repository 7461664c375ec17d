// When a message is tried next, and why it is not sent, in words.
import { expect, test } from "vitest";
import type { OutboxItem } from "../../model/journal.ts";
import { asLeft, describeNext, describeReasons } from "./outbox.ts";

const NOW = 1_800_000_000_000;
const UP = { nowMs: NOW, isRunning: true, isHeld: false };

function item(changes: Partial<OutboxItem>): OutboxItem {
  return { state: "queued", notBeforeMs: NOW, ...changes } as OutboxItem;
}

test.each<[string, Partial<OutboxItem>, Partial<typeof UP>, string]>([
  ["due", {}, {}, "now"],
  ["due since", { notBeforeMs: NOW - 5 }, {}, "now"],
  ["put off", { notBeforeMs: NOW + 90_000 }, {}, "in 1 min"],
  ["behind another", { waitsFor: 7 as never }, {}, "after 7"],
  ["behind another, with the gateway stopped", { waitsFor: 7 as never }, { isRunning: false }, "after 7"],
  ["over the budget", {}, { isHeld: true }, "when the send budget allows"],
  ["with the gateway stopped", { notBeforeMs: NOW + 5 }, { isRunning: false }, "when the gateway runs"],
  ["of unknown fate", { state: "unknown", notBeforeMs: NOW + 30_000 }, {}, "looked for in 30 s"],
  ["of unknown fate, due", { state: "unknown" }, { isHeld: true }, "looked for now"],
  [
    "of unknown fate, with the gateway stopped",
    { state: "unknown" },
    { isRunning: false },
    "looked for when the gateway runs",
  ],
  ["being sent", { state: "sending" }, {}, "now"],
  ["parked", { state: "parked" }, {}, "-"],
  ["sent", { state: "sent" }, {}, "-"],
  ["dropped", { state: "dropped" }, {}, "-"],
])("one that is %s", (_, changes, surroundings, words) => {
  expect(describeNext(item(changes), { ...UP, ...surroundings })).toBe(words);
});

test("none is being sent while no gateway runs", () => {
  expect(asLeft(item({ state: "sending" }))).toMatchObject({
    state: "unknown",
    reason: "the gateway ended while it was being sent",
  });
  expect(asLeft(item({ state: "queued" }))).toMatchObject({ state: "queued" });
});

test.each([
  [undefined, undefined, ""],
  ["refused", "refused", "refused"],
  ["refused", undefined, "refused"],
  ["not found", "timed out", "not found (at first: timed out)"],
  [undefined, "timed out", "at first: timed out"],
])("last %j, first %j: %s", (reason, firstReason, words) => {
  expect(describeReasons(item({ reason, firstReason }))).toBe(words);
});
