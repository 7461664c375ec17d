// The filter of history and watch: senders, and a span of time.

import type { AppleSeconds } from "./apple-time.ts";
import type { Message } from "./message.ts";

/** What passes: `start` inclusive, `end` exclusive. */
export interface MessageFilter {
  readonly participants: readonly string[];
  readonly start: AppleSeconds | undefined;
  readonly end: AppleSeconds | undefined;
}

/** Whether a message passes. */
export function passes(filter: MessageFilter, message: Message): boolean {
  if (filter.start !== undefined && message.date < filter.start) return false;
  if (filter.end !== undefined && message.date >= filter.end) return false;
  if (filter.participants.length === 0) return true;
  const sender = message.sender.toLowerCase();
  return filter.participants.some((participant) => participant.toLowerCase() === sender);
}
