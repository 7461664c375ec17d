// The reading methods of imsg up to 0.13.

import { listChats } from "../read/chats.ts";
import type { MessageFilter } from "../read/filter.ts";
import { chatPayload } from "../read/payload.ts";
import { history } from "../read/queries.ts";
import { DatabaseFailure } from "../read/store.ts";
import type { MethodHandler } from "./context.ts";
import { internalError, invalidParams } from "./error.ts";
import {
  looseBoolean,
  looseInt64,
  looseInteger,
  looseParams,
  looseString,
  looseStrings,
} from "./loose-params.ts";
import { buildFilter, payloadsOf, trapOnFarDates } from "./reading.ts";
import type { Reading } from "./reading.ts";

type Params = Readonly<Record<string, unknown>>;

const DEFAULT_DEBOUNCE_MS = 500;

/** Makes the methods. */
export function legacyMethods(reading: Reading): Record<string, MethodHandler> {
  return {
    "chats.list": guarded((params) => {
      const { store, chats } = reading.database.source();
      const limit = Math.max(looseInteger(params["limit"]) ?? 20, 1);
      const listed = listChats(store, limit).map((chat) => {
        const info = chats.info(chat.id) ?? chat;
        const name = info.name === "" ? chat.name : info.name;
        return chatPayload({ ...info, name, lastMessage: chat.lastMessage }, chats.participants(chat.id));
      });
      return { chats: listed };
    }),
    "messages.history": guarded((params) => {
      const chatId = looseInteger(params["chat_id"]);
      if (chatId === undefined) throw invalidParams("chat_id is required");
      const source = reading.database.source();
      const filter = filterOf(params);
      trapOnFarDates(filter);
      const limit = Math.max(looseInteger(params["limit"]) ?? 50, 1);
      const found = history(source.store, { chatId, limit, filter });
      return { messages: payloadsOf(found, source, attachmentOptions(params)) };
    }),
    "watch.subscribe": guarded((params) => {
      const { attachments, convert } = attachmentOptions(params);
      const watch = reading.subscriptions.open(
        {
          chatId: looseInteger(params["chat_id"]),
          sinceRowId: looseInt64(params["since_rowid"]) ?? 0,
          filter: filterOf(params),
          attachments,
          convert,
          includeReactions: looseBoolean(params["include_reactions"]) ?? false,
          debounceMs: debounceOf(params),
        },
        reading.database.source(),
      );
      if (reading.earlyRows) watch.startEarly();
      else setImmediate(() => watch.start());
      return { subscription: watch.id };
    }),
    "watch.unsubscribe": guarded((params) => {
      const id = looseInteger(params["subscription"]);
      if (id === undefined) throw invalidParams("subscription is required");
      reading.subscriptions.close(id);
      return { ok: true };
    }),
  };
}

/** SQLite's own words never reach the answers of this generation, and these are the recorded ones: a Mac's were never seen. */
function guarded(answer: (params: Params) => unknown): MethodHandler {
  return (params) => {
    try {
      return answer(looseParams(params));
    } catch (error) {
      if (!(error instanceof DatabaseFailure)) throw error;
      throw internalError("The operation could not be completed. (SQLite.Result error 0.)");
    }
  };
}

function filterOf(params: Params): MessageFilter {
  const span = { start: looseString(params["start"]), end: looseString(params["end"]) };
  return buildFilter(looseStrings(params["participants"]), span, internalError);
}

function attachmentOptions(params: Params): { attachments: boolean; convert: boolean } {
  return {
    attachments: looseBoolean(params["attachments"]) ?? false,
    convert: looseBoolean(params["convert_attachments"]) ?? false,
  };
}

function debounceOf(params: Params): number {
  const key = Object.hasOwn(params, "debounce_ms") ? "debounce_ms" : "debounceMs";
  if (!Object.hasOwn(params, key)) return DEFAULT_DEBOUNCE_MS;
  const value = looseInteger(params[key]);
  if (value === undefined || value < 0) throw invalidParams("debounce_ms must be a non-negative integer");
  return value;
}
