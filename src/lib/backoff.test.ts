import { expect, it } from "vitest";
import { Backoff } from "./backoff.ts";

it("doubles from 250 ms to 30 s and starts over once all is well", () => {
  const most = new Backoff(undefined, () => 1);
  expect(Array.from({ length: 9 }, () => most.nextMs())).toEqual([
    250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
  most.reset();
  expect(most.nextMs()).toBe(250);
});

it("spreads the waits over half their length, never below the least", () => {
  const least = new Backoff(undefined, () => 0);
  expect([least.nextMs(), least.nextMs(), least.nextMs()]).toEqual([250, 250, 500]);
});
