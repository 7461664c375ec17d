// What the reading methods of both generations share.

import { attachmentsOf } from "../read/attachments.ts";
import { parseIsoTime } from "../read/filter.ts";
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
  const read = (value: string | undefined): number | undefined => {
    if (value === undefined) return undefined;
    const ms = parseIsoTime(value);
    if (ms === undefined) throw refuse(`Invalid ISO8601 date: ${value}`);
    return ms;
  };
  return { participants, startMs: read(span.start), endMs: read(span.end) };
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
