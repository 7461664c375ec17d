// The filter of history and watch: senders, and a span of time.

import type { Message } from "./message.ts";

/** What passes. Times are milliseconds since 1970; `startMs` inclusive, `endMs` exclusive. */
export interface MessageFilter {
  readonly participants: readonly string[];
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}

const INTERNET_DATE_TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d(?::?\d\d)?)$/u;

/** A time in ISO 8601 with a zone, as milliseconds since 1970; undefined for anything else. */
export function parseIsoTime(value: string): number | undefined {
  const found = INTERNET_DATE_TIME.exec(value);
  if (found === null) return undefined;
  const [, day, time, fraction = "", zone = "Z"] = found;
  const offset =
    zone === "Z"
      ? zone
      : zone.replace(/^(...):?(..)?$/u, (_, hours, minutes) => `${hours}:${minutes ?? "00"}`);
  const ms = Date.parse(`${day}T${time}.${fraction.padEnd(3, "0").slice(0, 3)}${offset}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Whether a message passes. */
export function passes(filter: MessageFilter, message: Message): boolean {
  if (filter.startMs !== undefined && message.dateMs < filter.startMs) return false;
  if (filter.endMs !== undefined && message.dateMs >= filter.endMs) return false;
  if (filter.participants.length === 0) return true;
  const sender = message.sender.toLowerCase();
  return filter.participants.some((participant) => participant.toLowerCase() === sender);
}
