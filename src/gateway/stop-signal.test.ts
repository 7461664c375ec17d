import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Log } from "../lib/log.ts";
import { stopSignal, type StopSignal } from "./stop-signal.ts";

const EVENTS = ["uncaughtException", "SIGINT", "SIGTERM"] as const;
type Listener = (cause: unknown) => void;

/** The listeners of this process before a test; the timers that would end it never run out. */
let before: Map<string, readonly unknown[]>;
beforeEach(() => {
  vi.useFakeTimers();
  before = new Map(EVENTS.map((name) => [name, process.listeners(name as "SIGINT")]));
});
afterEach(() => {
  for (const name of EVENTS) for (const listener of added(name)) process.off(name, listener as () => void);
  vi.useRealTimers();
});

function added(name: (typeof EVENTS)[number]): Listener[] {
  const known = before.get(name) ?? [];
  return process.listeners(name as "SIGINT").filter((one) => !known.includes(one)) as unknown as Listener[];
}

function listen(): { stop: StopSignal; errors: string[] } {
  const errors: string[] = [];
  const log = { error: (message: string) => errors.push(message), warn: () => {} } as unknown as Log;
  return { stop: stopSignal(log), errors };
}

test("an error that nobody caught ends the gateway in order, as a failure, and is logged each time", async () => {
  const { stop, errors } = listen();
  const [onFault] = added("uncaughtException");
  onFault?.(new Error("boom"));
  onFault?.(new Error("boom again"));
  await stop.received;
  expect(errors).toHaveLength(2);
  expect(() => stop.throwFault()).toThrow("an error that nobody caught");
});

test("a signal ends it in order, and is no failure", async () => {
  const { stop, errors } = listen();
  added("SIGTERM")[0]?.("SIGTERM");
  await stop.received;
  expect(errors).toEqual([]);
  expect(() => stop.throwFault()).not.toThrow();
});
