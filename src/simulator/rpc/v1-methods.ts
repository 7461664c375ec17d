// The reading methods of imsg from 0.14.

import { listChats, unreadCount } from "../read/chats.ts";
import type { MessageFilter } from "../read/filter.ts";
import { accountFields, chatPayload } from "../read/payload.ts";
import { history, search } from "../read/queries.ts";
import type { MethodHandler, RpcContext } from "./context.ts";
import { NO_BRIDGE, methodNames, usableMethods } from "./descriptors.ts";
import { invalidParams } from "./error.ts";
import { readPage } from "./page.ts";
import { buildFilter, payloadsOf, trapOnFarDates } from "./reading.ts";
import type { Reading } from "./reading.ts";
import { StrictParams } from "./strict-params.ts";

const PROTOCOL_VERSION = 1;
const DEFAULT_DEBOUNCE_MS = 500;
const DEFAULT_BUFFER = 256;
const MAX_BUFFER = 4096;
const MAX_SEARCH = 100;
const FILTER_KEYS = ["chat_id", "participants", "start", "end", "attachments", "convert_attachments"];
const HISTORY_KEYS = [...FILTER_KEYS, "limit"];
const WATCH_KEYS = [
  ...FILTER_KEYS,
  "since_rowid",
  "include_reactions",
  "debounce_ms",
  "debounceMs",
  "buffer_limit",
  "bufferLimit",
];

/** Makes the methods. */
export function v1Methods(reading: Reading, version: string): Record<string, MethodHandler> {
  const { database, subscriptions } = reading;
  return {
    initialize(params, context) {
      const given = new StrictParams(params, "initialize", ["protocol_version"]).integer("protocol_version");
      if (given !== undefined && given !== PROTOCOL_VERSION) {
        throw invalidParams(
          `unsupported protocol_version ${given}; supported version is ${PROTOCOL_VERSION}`,
        );
      }
      return statusOf(reading, version, context);
    },
    status(params, context) {
      void new StrictParams(params, "status", []);
      return statusOf(reading, version, context);
    },
    "chats.list"(raw) {
      const params = new StrictParams(raw, "chats.list", ["limit", "unread_only", "unreadOnly"]);
      const limit = positive(params, "limit") ?? 20;
      const unreadOnly = params.boolean("unread_only", ["unreadOnly"]) ?? false;
      const { store, chats } = database.source();
      const listed = listChats(store, unreadOnly ? Number.MAX_SAFE_INTEGER : limit).map((chat) => ({
        ...chatPayload(chat, chats.participants(chat.id)),
        display_name: chat.displayName,
        ...accountFields(chat),
        unread_count: unreadCount(store, chat.id),
      }));
      return { chats: listed.filter((chat) => !unreadOnly || chat.unread_count > 0).slice(0, limit) };
    },
    "messages.history"(raw, context) {
      const params = new StrictParams(raw, "messages.history", HISTORY_KEYS);
      const chatId = positive(params, "chat_id");
      if (chatId === undefined) throw invalidParams("chat_id is required");
      const limit = positive(params, "limit") ?? 50;
      const filter = filterOf(params);
      const options = attachmentOptions(params);
      const source = database.source();
      if (!context.release.takesFarDates) trapOnFarDates(filter);
      return { messages: payloadsOf(history(source.store, { chatId, limit, filter }), source, options) };
    },
    "messages.search"(raw) {
      const params = new StrictParams(raw, "messages.search", ["query", "match", "limit"]);
      const words = params.string("query")?.trim() ?? "";
      if (words === "") throw invalidParams("query must be a non-empty string");
      const match = params.string("match") ?? "contains";
      if (match !== "contains" && match !== "exact") throw invalidParams("match must be contains or exact");
      const limit = within(params, "limit", [1, MAX_SEARCH]) ?? 50;
      const source = database.source();
      const found = search(source.store, { words, exact: match === "exact", limit });
      return { messages: payloadsOf(found, source, { attachments: false, convert: false }) };
    },
    "messages.after": (raw) => readPage(raw, database),
    "watch.subscribe"(raw) {
      const params = new StrictParams(raw, "watch.subscribe", WATCH_KEYS);
      const bufferLimit = within(params, "buffer_limit", [1, MAX_BUFFER], ["bufferLimit"]) ?? DEFAULT_BUFFER;
      const { attachments, convert } = attachmentOptions(params);
      const request = {
        chatId: positive(params, "chat_id"),
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
    "watch.unsubscribe"(raw) {
      const id = positive(new StrictParams(raw, "watch.unsubscribe", ["subscription"]), "subscription");
      if (id === undefined) throw invalidParams("subscription is required");
      subscriptions.close(id);
      return { ok: true };
    },
  };
}

function statusOf(reading: Reading, version: string, context: RpcContext): object {
  const problem = reading.database.problem();
  const ready = problem === undefined;
  const features = {
    unread_state: true,
    scheduled_messages: false,
    reactions: true,
    reply_context: true,
    routing_metadata: true,
    balloon_payloads: false,
  };
  return {
    version,
    protocol_version: PROTOCOL_VERSION,
    database: { path: context.dbPath, ready, ...(ready ? { features } : { error: problem }) },
    bridge: context.bridge
      ? { ready: true, bridge_version: 2, v2_ready: true, registry_available: true, selectors: {} }
      : { ready: false, error: NO_BRIDGE },
    contacts: { available: false },
    methods: usableMethods({ database: ready, bridge: context.bridge }),
    supported_methods: methodNames("v1"),
  };
}

function positive(params: StrictParams, key: string): number | undefined {
  const value = params.integer(key);
  if (value !== undefined && value <= 0) throw invalidParams(`${key} must be a positive integer`);
  return value;
}

function within(
  params: StrictParams,
  key: string,
  [least, most]: readonly [number, number],
  aliases: readonly string[] = [],
): number | undefined {
  const value = params.integer(key, aliases);
  if (value === undefined || (value >= least && value <= most)) return value;
  throw invalidParams(`${key} must be an integer between ${least} and ${most}`);
}

function debounceOf(params: StrictParams): number {
  const value = params.integer("debounce_ms", ["debounceMs"]) ?? DEFAULT_DEBOUNCE_MS;
  if (value < 0) throw invalidParams("debounce_ms must be a non-negative integer");
  return value;
}

function filterOf(params: StrictParams): MessageFilter {
  const span = { start: params.string("start"), end: params.string("end") };
  return buildFilter(params.strings("participants") ?? [], span, invalidParams);
}

function attachmentOptions(params: StrictParams): { attachments: boolean; convert: boolean } {
  return {
    attachments: params.boolean("attachments") ?? false,
    convert: params.boolean("convert_attachments") ?? false,
  };
}
