import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StoppableTimer } from "./stoppable-timer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("fires when its time is up", () => {
  const timer = new StoppableTimer(100);
  vi.advanceTimersByTime(99);
  expect(timer.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(timer.signal.aborted).toBe(true);
});

test("stands still while anything is waited for, and goes on with what is left", async () => {
  const timer = new StoppableTimer(100);
  vi.advanceTimersByTime(60);
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const waits = [timer.without(first.promise), timer.without(second.promise)];
  vi.advanceTimersByTime(1000);
  first.resolve("a");
  await waits[0];
  vi.advanceTimersByTime(1000);
  expect(timer.signal.aborted).toBe(false);
  second.reject(new Error("no"));
  await expect(waits[1]).rejects.toThrow("no");
  vi.advanceTimersByTime(39);
  expect(timer.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(timer.signal.aborted).toBe(true);
});

test("never fires once it is cleared, even when what was waited for settles later", async () => {
  const timer = new StoppableTimer(100);
  const wait = Promise.withResolvers<void>();
  const waiting = timer.without(wait.promise);
  timer.clear();
  wait.resolve();
  await waiting;
  vi.advanceTimersByTime(1000);
  expect(timer.signal.aborted).toBe(false);
});

test("a limit that no timer can hold does not fire at once", () => {
  const timer = new StoppableTimer(Number.MAX_SAFE_INTEGER);
  vi.advanceTimersByTime(1000);
  expect(timer.signal.aborted).toBe(false);
  timer.clear();
});
