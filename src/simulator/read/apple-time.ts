// Apple's clock as imsg handles it: seconds since 2001 in floating point, rounded where Foundation rounds.

import type { Row } from "./store.ts";

/** Seconds between 1970 and 2001, where Apple's clock begins. */
const EPOCH_SECONDS = 978_307_200;

/** Seconds since 2001. */
export type AppleSeconds = number;

/** A date column, in nanoseconds; one that holds no whole number reads as the beginning of 2001. */
export function dateOf(value: Row[number] | undefined): AppleSeconds {
  return typeof value === "bigint" ? Number(value) / 1e9 + EPOCH_SECONDS - EPOCH_SECONDS : 0;
}

/** Milliseconds since 1970 as Foundation keeps them. */
export function fromUnixMs(ms: number): AppleSeconds {
  return ms / 1000 - EPOCH_SECONDS;
}

/** A time as imsg prints it: UTC, rounded to milliseconds. */
export function isoTime(seconds: AppleSeconds): string {
  return new Date(Math.floor((seconds + EPOCH_SECONDS) * 1000 + 0.5)).toISOString();
}

/** Nanoseconds as a date column holds them; undefined when 64 bits do not hold them. */
export function toNanoseconds(seconds: AppleSeconds): bigint | undefined {
  const nanoseconds = Math.trunc((seconds + EPOCH_SECONDS - EPOCH_SECONDS) * 1e9);
  return nanoseconds >= -(2 ** 63) && nanoseconds < 2 ** 63 ? BigInt(nanoseconds) : undefined;
}
