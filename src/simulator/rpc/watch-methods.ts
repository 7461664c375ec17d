// The methods of imsg from 0.14 that open and close subscriptions.

import type { MethodHandler } from "./context.ts";
import { bridgeUnavailable, invalidParams } from "./error.ts";
import { attachmentOptions, filterOf } from "./filter-params.ts";
import type { Reading } from "./reading.ts";
import { StrictParams } from "./strict-params.ts";

const DEFAULT_DEBOUNCE_MS = 500;
const DEFAULT_BUFFER = 256;
const BUFFER_RANGE = [1, 4096] as const;
const KEYS = [
  "chat_id",
  "participants",
  "start",
  "end",
  "attachments",
  "convert_attachments",
  "since_rowid",
  "include_reactions",
  "debounce_ms",
  "debounceMs",
  "buffer_limit",
  "bufferLimit",
];

/** Makes the methods. */
export function watchMethods({ database, subscriptions }: Reading): Record<string, MethodHandler> {
  return {
    "watch.subscribe"(raw) {
      const params = new StrictParams(raw, "watch.subscribe", KEYS);
      const bufferLimit = params.within("buffer_limit", BUFFER_RANGE, ["bufferLimit"]) ?? DEFAULT_BUFFER;
      const { attachments, convert } = attachmentOptions(params);
      const request = {
        chatId: params.positive("chat_id"),
        sinceRowId: params.int64("since_rowid") ?? 0,
        filter: filterOf(params),
        attachments,
        convert,
        includeReactions: params.boolean("include_reactions") ?? false,
        debounceMs: debounceOf(params),
      };
      const watch = subscriptions.open(request, database.source(), bufferLimit);
      setImmediate(() => watch.start());
      return { subscription: watch.id, buffer_limit: bufferLimit };
    },
    "bridge.events.subscribe"(raw, context) {
      const params = new StrictParams(raw, "bridge.events.subscribe", ["buffer_limit"]);
      const bufferLimit = params.within("buffer_limit", BUFFER_RANGE) ?? DEFAULT_BUFFER;
      if (!context.bridge) throw bridgeUnavailable();
      const events = subscriptions.openEvents();
      setImmediate(() => events.start());
      return { subscription: events.id, buffer_limit: bufferLimit, resumable: false };
    },
    "watch.unsubscribe"(raw) {
      const id = new StrictParams(raw, "watch.unsubscribe", ["subscription"]).positive("subscription");
      if (id === undefined) throw invalidParams("subscription is required");
      subscriptions.close(id);
      return { ok: true };
    },
  };
}

function debounceOf(params: StrictParams): number {
  const value = params.integer("debounce_ms", ["debounceMs"]) ?? DEFAULT_DEBOUNCE_MS;
  if (value < 0) throw invalidParams("debounce_ms must be a non-negative integer");
  return value;
}
