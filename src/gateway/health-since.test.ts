import { expect, test } from "vitest";
import { HEALTHY } from "../../test/control/running-world.ts";
import { asId, type AccountId } from "../model/ids.ts";
import type { AccountHealth } from "../model/ports.ts";
import { HealthTimes } from "./health-since.ts";

const HOME = asId<AccountId>("home");

test("each part is as it is since it last changed; tries to be back are one trouble", () => {
  const times = new HealthTimes();
  const broken: AccountHealth = {
    ...HEALTHY,
    reading: { state: "waiting", reason: "imsg ended", restarts: 1 },
    watching: { ...HEALTHY.watching, ok: false, reason: "imsg ended" },
  };
  const trying: AccountHealth = {
    ...broken,
    reading: { state: "starting", reason: "imsg ended", restarts: 2 },
  };
  const steps: readonly (readonly [AccountHealth, number])[] = [
    [HEALTHY, 10],
    [HEALTHY, 20],
    [broken, 30],
    [trying, 40],
    [broken, 50],
  ];
  expect(times.of(HOME)).toBeUndefined();
  for (const [health, nowMs] of steps) times.note(HOME, health, nowMs);
  expect(times.of(HOME)).toEqual({ reading: 30, watching: 30, sending: 10 });
  times.note(HOME, HEALTHY, 60);
  expect(times.of(HOME)).toEqual({ reading: 60, watching: 60, sending: 10 });
});
