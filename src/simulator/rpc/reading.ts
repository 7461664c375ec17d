// What the reading methods of both generations share.

import { attachmentsOf } from "../read/attachments.ts";
import { parseIsoTime } from "../read/iso-time.ts";
import { toNanoseconds } from "../read/apple-time.ts";
import type { AppleSeconds } from "../read/apple-time.ts";
import type { MessageFilter } from "../read/filter.ts";
import type { Message } from "../read/message.ts";
import { messagePayload } from "../read/payload.ts";
import type { MessagePayload } from "../read/payload.ts";
import { reactionsOf } from "../read/reactions.ts";
import type { Database } from "./database.ts";
import type { Output } from "./output.ts";
import type { Subscriptions, WatchSource } from "./subscriptions.ts";

/** The parts reading methods work with. */
export interface Reading {
  readonly database: Database;
  readonly subscriptions: Subscriptions;
  readonly output: Output;
  /** Dialect legacy: a subscription's first row is written before its answer. */
  readonly earlyRows: boolean;
}

/** Builds a filter. Contract: throws what `refuse` makes for a time that is not ISO 8601 with a zone. */
export function buildFilter(
  participants: readonly string[],
  span: { start: string | undefined; end: string | undefined },
  refuse: (text: string) => Error,
): MessageFilter {
  const read = (value: string | undefined): AppleSeconds | undefined => {
    if (value === undefined) return undefined;
    const time = parseIsoTime(value);
    if (time === undefined) throw refuse(`Invalid ISO8601 date: ${value}`);
    return time;
  };
  return { participants, start: read(span.start), end: read(span.end) };
}

/** Messages with the tapbacks that stand on them and, when asked for, their attachments. */
export function payloadsOf(
  messages: readonly Message[],
  source: WatchSource,
  options: { attachments: boolean; convert: boolean },
): MessagePayload[] {
  return messages.map((message) =>
    messagePayload(message, source.chats, {
      attachments: options.attachments ? attachmentsOf(source.store, message.rowId, options.convert) : [],
      reactions: reactionsOf(source.store, message.guid),
    }),
  );
}

/** imsg turns times into 64-bit nanoseconds; one that does not fit ends the process, as it ends imsg before 0.15.5. */
export function trapOnFarDates({ start, end }: MessageFilter): void {
  const isFar = (time: AppleSeconds | undefined): boolean =>
    time !== undefined && toNanoseconds(time) === undefined;
  if (isFar(start) || isFar(end)) process.kill(process.pid, "SIGTRAP");
}
