// The reading methods of imsg from 0.14.

import { chatList } from "../read/chat-list.ts";
import { history } from "../read/queries.ts";
import { search } from "../read/search.ts";
import { knowsUnread } from "../read/unread.ts";
import type { MethodHandler } from "./context.ts";
import { countMethods } from "./count-methods.ts";
import { invalidParams } from "./error.ts";
import { attachmentOptions, filterOf } from "./filter-params.ts";
import { readPage } from "./page.ts";
import { payloadsOf, trapOnFarDates } from "./reading.ts";
import type { Reading } from "./reading.ts";
import { statusMethods } from "./status-methods.ts";
import { StrictParams } from "./strict-params.ts";
import { watchMethods } from "./watch-methods.ts";

const MAX_SEARCH = 100;
const HISTORY_KEYS = [
  "chat_id",
  "limit",
  "participants",
  "start",
  "end",
  "attachments",
  "convert_attachments",
];

/** Makes the methods. */
export function v1Methods(reading: Reading, version: string): Record<string, MethodHandler> {
  const { database } = reading;
  return {
    ...statusMethods(reading, version),
    ...watchMethods(reading),
    ...countMethods(database),
    "chats.list"(raw) {
      const params = new StrictParams(raw, "chats.list", ["limit", "unread_only", "unreadOnly"]);
      const limit = params.positive("limit") ?? 20;
      const unreadOnly = params.boolean("unread_only", ["unreadOnly"]) ?? false;
      const { store, chats } = database.source();
      if (unreadOnly && !knowsUnread(store)) {
        throw invalidParams(
          "unread_only is unavailable because this Messages database has no read-state column",
        );
      }
      return { chats: chatList(store, chats, { limit, unreadOnly }) };
    },
    "messages.history"(raw, context) {
      const params = new StrictParams(raw, "messages.history", HISTORY_KEYS);
      const chatId = params.positive("chat_id");
      if (chatId === undefined) throw invalidParams("chat_id is required");
      const limit = params.positive("limit") ?? 50;
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
      const limit = params.within("limit", [1, MAX_SEARCH]) ?? 50;
      const source = database.source();
      const found = search(source.store, { words, exact: match === "exact", limit });
      return { messages: payloadsOf(found, source, { attachments: false, convert: false }) };
    },
    "messages.after": (raw) => readPage(raw, database),
  };
}
