// When a session is over, by clocks on walls of several places.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { SessionReset } from "../model/settings.ts";
import { isSessionOver } from "./session-reset.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-05-04T12:00:00Z");

test.each<[SessionReset, number, boolean]>([
  [{ mode: "never" }, NOW - 10_000 * HOUR, false],
  [{ mode: "idle", idleMs: HOUR }, NOW - HOUR + 1, false],
  [{ mode: "idle", idleMs: HOUR }, NOW - HOUR, true],
  [{ mode: "idle", idleMs: HOUR }, NOW, false],
  [{ mode: "idle", idleMs: HOUR }, NOW + 5 * HOUR, false],
  [{ mode: "daily", atHour: 4 }, NOW, false],
  [{ mode: "daily", atHour: 4 }, NOW - 24 * HOUR, true],
  [{ mode: "daily", atHour: 4 }, NOW + 48 * HOUR, false],
])("%j, last used at %d: %s", (reset, lastTurnAtMs, isOver) => {
  expect(isSessionOver(reset, { lastTurnAtMs, nowMs: NOW })).toBe(isOver);
});

/** What the rule says in a place: a process has one time zone, so each place has a process. */
function inPlace(zone: string, cases: readonly { atHour: number; last: string; now: string }[]): boolean[] {
  const rule = fileURLToPath(new URL("session-reset.ts", import.meta.url));
  const script = `
    const { isSessionOver } = await import(${JSON.stringify(rule)});
    const cases = JSON.parse(process.argv[1]);
    process.stdout.write(JSON.stringify(cases.map(({ atHour, last, now }) =>
      isSessionOver({ mode: "daily", atHour }, { lastTurnAtMs: Date.parse(last), nowMs: Date.parse(now) }))));`;
  const argv = ["--input-type=module", "-e", script, JSON.stringify(cases)];
  const printed = execFileSync(process.execPath, argv, { env: { TZ: zone }, encoding: "utf8" });
  return JSON.parse(printed) as boolean[];
}

interface Case {
  readonly what: string;
  readonly atHour: number;
  /** ISO 8601 with the offset that the place has then. */
  readonly last: string;
  readonly now: string;
  readonly isOver: boolean;
}

const PLACES: Readonly<Record<string, readonly Case[]>> = {
  "Europe/Berlin": [
    {
      what: "before the hour",
      atHour: 4,
      last: "2026-05-04T03:00+02:00",
      now: "2026-05-04T03:59:59+02:00",
      isOver: false,
    },
    {
      what: "at the hour",
      atHour: 4,
      last: "2026-05-04T03:00+02:00",
      now: "2026-05-04T04:00+02:00",
      isOver: true,
    },
    {
      what: "used at the hour",
      atHour: 4,
      last: "2026-05-04T04:00+02:00",
      now: "2026-05-05T03:59+02:00",
      isOver: false,
    },
    {
      what: "the evening before",
      atHour: 4,
      last: "2026-05-04T23:00+02:00",
      now: "2026-05-05T00:10+02:00",
      isOver: false,
    },
    {
      what: "midnight",
      atHour: 0,
      last: "2026-05-04T23:59+02:00",
      now: "2026-05-05T00:00+02:00",
      isOver: true,
    },
    {
      what: "new year",
      atHour: 23,
      last: "2025-12-31T22:00+01:00",
      now: "2026-01-01T01:00+01:00",
      isOver: true,
    },
    // 29 March: 02:00 is 03:00. 25 October: 03:00 is 02:00 again.
    {
      what: "the day that lacks an hour, before its hour",
      atHour: 4,
      last: "2026-03-28T05:00+01:00",
      now: "2026-03-29T03:59+02:00",
      isOver: false,
    },
    {
      what: "the day that lacks an hour, at its hour",
      atHour: 4,
      last: "2026-03-29T01:59+01:00",
      now: "2026-03-29T04:00+02:00",
      isOver: true,
    },
    {
      what: "an hour that there is not, before the change",
      atHour: 2,
      last: "2026-03-28T03:00+01:00",
      now: "2026-03-29T01:59:59+01:00",
      isOver: false,
    },
    {
      what: "an hour that there is not, at the change",
      atHour: 2,
      last: "2026-03-29T01:59+01:00",
      now: "2026-03-29T03:00+02:00",
      isOver: true,
    },
    {
      what: "an hour that comes twice, the first time",
      atHour: 2,
      last: "2026-10-25T01:59+02:00",
      now: "2026-10-25T02:00+02:00",
      isOver: true,
    },
    {
      what: "an hour that comes twice, the second time",
      atHour: 2,
      last: "2026-10-25T02:30+02:00",
      now: "2026-10-25T02:00+01:00",
      isOver: false,
    },
    {
      what: "the long day",
      atHour: 4,
      last: "2026-10-24T04:00+02:00",
      now: "2026-10-25T03:59+01:00",
      isOver: false,
    },
  ],
  "America/Los_Angeles": [
    {
      what: "another date in Greenwich",
      atHour: 4,
      last: "2026-05-04T16:00-07:00",
      now: "2026-05-04T18:00-07:00",
      isOver: false,
    },
  ],
  "Pacific/Auckland": [
    {
      what: "a date ahead of Greenwich",
      atHour: 4,
      last: "2026-05-04T03:00+12:00",
      now: "2026-05-04T05:00+12:00",
      isOver: true,
    },
  ],
  "Asia/Kathmandu": [
    {
      what: "no whole hours from Greenwich",
      atHour: 4,
      last: "2026-05-04T03:59+05:45",
      now: "2026-05-04T04:00+05:45",
      isOver: true,
    },
  ],
};

test.each(Object.entries(PLACES))("daily, in %s", (zone, cases) => {
  const found = inPlace(zone, cases);
  expect(cases.map(({ what }, at) => `${what}: ${found[at]}`)).toEqual(
    cases.map(({ what, isOver }) => `${what}: ${isOver}`),
  );
});
