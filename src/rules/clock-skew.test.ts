// What is told of clocks from the dates of messages.
import { expect, test } from "vitest";
import { ClockSkew } from "./clock-skew.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Date.UTC(2026, 4, 1, 12);

/** Rows by how long ago they were written, in ms; each read a minute after the one before. */
function learnt(newestAgoMs: number | undefined, reads: readonly { ago: number; missed?: true }[]): number[] {
  const skew = new ClockSkew();
  skew.begin(newestAgoMs === undefined ? undefined : NOW - newestAgoMs);
  return reads.map(({ ago, missed = false }, index) => {
    const nowMs = NOW + index * MINUTE;
    return Math.round(skew.learn({ datesMs: [nowMs - ago], nowMs, missed }) / MINUTE);
  });
}

const DAYS = (3 * DAY) / MINUTE;

test.each<[string, number | undefined, { ago: number; missed?: true }[], number[]]>([
  ["clocks that agree", 5 * MINUTE, [{ ago: 1000 }, { ago: 2000 }], [0, 0]],
  [
    "ours three days ahead, in a database whose newest row is as old",
    3 * DAY + MINUTE,
    [{ ago: 3 * DAY }],
    [DAYS],
  ],
  [
    "ours three days ahead, in an empty database",
    undefined,
    [{ ago: 3 * DAY }, { ago: 3 * DAY }],
    [DAYS, DAYS],
  ],
  ["ours behind: dates in the future are no age", MINUTE, [{ ago: -3 * DAY }], [0]],
  ["old rows that another device brings in", MINUTE, [{ ago: 3 * DAY }, { ago: 2 * DAY }], [0, 0]],
  ["the same, once clocks agreed and nothing came for days", 9 * DAY, [{ ago: 0 }, { ago: 3 * DAY }], [0, 0]],
  [
    "a history that comes oldest first: no more than its first row",
    9 * DAY,
    [{ ago: 8 * DAY }, { ago: 5 * DAY }, { ago: 2 * DAY }],
    [8 * 1440, 0, 0],
  ],
  ["our clock put right again", 3 * DAY + MINUTE, [{ ago: 3 * DAY }, { ago: 0 }, { ago: 0 }], [DAYS, 0, 0]],
  [
    "our clock gone wrong meanwhile: from the second row on",
    MINUTE,
    [{ ago: 0 }, { ago: -1 }, { ago: 3 * DAY }],
    [0, 0, 0],
  ],
  ["missed rows say nothing", 3 * DAY + MINUTE, [{ ago: 3 * DAY, missed: true }], [0]],
])("%s", (_what, newest, reads, expected) => {
  expect(learnt(newest, reads)).toEqual(expected);
});

test("a clock that goes wrong between two rows is believed when the next row agrees", () => {
  const skew = new ClockSkew();
  const at = (trueMs: number, ahead: number): number =>
    skew.learn({ datesMs: [trueMs], nowMs: trueMs + ahead, missed: false });
  expect([at(NOW, 0), at(NOW + MINUTE, 3 * DAY), at(NOW + 2 * MINUTE, 3 * DAY)]).toEqual([0, 0, 3 * DAY]);
});

test("rows of different times that come at once are old rows", () => {
  const skew = new ClockSkew();
  const datesMs = [NOW - 9 * DAY, NOW - 8 * DAY];
  expect(skew.learn({ datesMs, nowMs: NOW, missed: false })).toBe(0);
});
