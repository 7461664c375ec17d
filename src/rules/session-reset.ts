// When a session is over by itself, so that the next message begins another.
import type { SessionReset } from "../model/settings.ts";

/** Epoch ms. */
export interface SessionMoments {
  /** When it was last in use. */
  readonly lastTurnAtMs: number;
  readonly nowMs: number;
}

/**
 * True when the session is over. A clock that was set back ends none. The hour of `daily` is that of the clock on the wall, whatever the
 * length of the day: one that daylight saving leaves out is the moment of the change, one that comes twice counts once.
 */
export function isSessionOver(reset: SessionReset, { lastTurnAtMs, nowMs }: SessionMoments): boolean {
  switch (reset.mode) {
    case "never":
      return false;
    case "idle":
      return nowMs - lastTurnAtMs >= reset.idleMs;
    case "daily":
      return lastTurnAtMs < lastAt(reset.atHour, nowMs);
  }
}

/** The last moment, up to now, at which the local clock struck this hour. */
function lastAt(hour: number, nowMs: number): number {
  const now = new Date(nowMs);
  const on = (day: number): number => new Date(now.getFullYear(), now.getMonth(), day, hour).getTime();
  const today = on(now.getDate());
  return today <= nowMs ? today : on(now.getDate() - 1);
}
