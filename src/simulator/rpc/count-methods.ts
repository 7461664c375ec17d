// `messages.stats` and `messages.scheduled`: what the database holds, and what Messages will send later.

import { isoTime, dateOf, fromUnixMs, toNanoseconds } from "../read/apple-time.ts";
import { messageStats } from "../read/stats.ts";
import { integer, text, whole, wireNumber } from "../read/store.ts";
import type { MessageStore } from "../read/store.ts";
import type { MethodHandler } from "./context.ts";
import type { Database } from "./database.ts";
import { invalidParams } from "./error.ts";
import { StrictParams } from "./strict-params.ts";

/** Makes the methods. */
export function countMethods(database: Database): Record<string, MethodHandler> {
  return {
    "messages.stats"(raw) {
      const params = new StrictParams(raw, "messages.stats", ["chat_id", "include_media", "time_zone"]);
      const chatId = params.integer("chat_id");
      const includeMedia = params.boolean("include_media") ?? false;
      const timeZone = zoneOf(params.string("time_zone"));
      const { store } = database.source();
      if (chatId !== undefined && chatId <= 0) throw invalidParams("chat_id must be a positive integer");
      if (chatId !== undefined && store.first("SELECT 1 FROM chat WHERE ROWID = ?", chatId) === undefined) {
        throw invalidParams(`unknown chat_id ${chatId}`);
      }
      return messageStats(store, { chatId, timeZone, includeMedia });
    },
    "messages.scheduled"(raw) {
      const limit = new StrictParams(raw, "messages.scheduled", ["limit"]).integer("limit") ?? 50;
      if (limit <= 0) throw invalidParams("limit must be a positive integer");
      const { store } = database.source();
      if (!knowsScheduled(store)) {
        throw invalidParams(
          "scheduled messages are unavailable because this Messages database has no schedule columns",
        );
      }
      return { messages: scheduled(store, limit) };
    },
  };
}

/** Whether the database has Messages' “Send Later”. */
export function knowsScheduled(store: MessageStore): boolean {
  return store.has("message", "schedule_type") || store.has("message", "schedule_state");
}

function scheduled(store: MessageStore, limit: number): object[] {
  const state = (name: string): string => (store.has("message", name) ? `IFNULL(m.${name}, 0)` : "0");
  const [type, progress] = [state("schedule_type"), state("schedule_state")];
  const sql = `SELECT m.ROWID, m.guid, m.text, m.service, m.date, ${type}, ${progress},
      c.ROWID, c.chat_identifier, c.guid, IFNULL(c.display_name, c.chat_identifier)
    FROM message m JOIN chat_message_join cmj ON cmj.message_id = m.ROWID JOIN chat c ON c.ROWID = cmj.chat_id
    WHERE (${type} <> 0 OR ${progress} <> 0) AND m.is_from_me = 1 AND m.date >= ? ORDER BY m.date, m.ROWID LIMIT ?`;
  const now = toNanoseconds(fromUnixMs(Date.now())) ?? 0n;
  return store.all(sql, now, limit).map((row) => ({
    id: wireNumber(whole(row[0])),
    guid: text(row[1]),
    chat_id: integer(row[7]),
    chat_identifier: text(row[8]),
    chat_guid: text(row[9]),
    chat_name: text(row[10]),
    text: text(row[2]),
    service: text(row[3]),
    scheduled_at: isoTime(dateOf(row[4])),
    schedule_type: integer(row[5]),
    schedule_state: integer(row[6]),
  }));
}

function zoneOf(given: string | undefined): string {
  if (given === undefined) return Intl.DateTimeFormat().resolvedOptions().timeZone;
  try {
    Intl.DateTimeFormat("en", { timeZone: given });
    return given;
  } catch {
    throw invalidParams(`invalid time zone: ${given}`);
  }
}
