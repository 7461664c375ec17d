// `message.send_status`: what became of a message, by its guid.

import { APPLE_EPOCH_MS } from "../read/message.ts";
import { integer } from "../read/store.ts";
import type { RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { MessageWriter } from "../write.ts";
import { readParams } from "./params.ts";

const SQL = `SELECT guid, service, error, is_sent, is_delivered, is_finished, is_delayed, is_prepared, was_downgraded,
  date_delivered / 1000000 AS delivered_ms, date_read / 1000000 AS read_ms FROM message WHERE guid IN (?, ?)`;

/** Answers the state; a message that is not in the database is pending, with nulls. */
export function messageSendStatus(values: unknown, context: RpcContext): unknown {
  const guid = readParams(values, context, "message.send_status", ["guid"]).string("guid")?.trim() ?? "";
  if (guid === "") throw invalidParams("guid is required");
  const checkedAt = new Date().toISOString();
  const row = MessageWriter.of(context.db).first(SQL, guid, guid.toLowerCase()); // a tracked send writes its id in lower case
  if (row === undefined) {
    return {
      ok: true,
      guid,
      send_state: "pending",
      service: null,
      checked_at: checkedAt,
      status_fields: null,
    };
  }
  const deliveredAt = timeOf(row["delivered_ms"]);
  const error = integer(row["error"]);
  const isSent = integer(row["is_sent"]) !== 0;
  const isDelivered = integer(row["is_delivered"]) !== 0;
  return {
    ok: true,
    guid: row["guid"],
    send_state: error !== 0 ? "failed" : isDelivered ? "delivered" : isSent ? "sent" : "pending",
    service: row["service"] === "" ? null : row["service"],
    checked_at: checkedAt,
    ...(deliveredAt === null ? {} : { delivered_at: deliveredAt }),
    status_fields: {
      is_sent: isSent,
      is_delivered: isDelivered,
      is_finished: integer(row["is_finished"]) !== 0,
      error,
      date_delivered: deliveredAt,
      date_read: timeOf(row["read_ms"]),
      is_delayed: integer(row["is_delayed"]) !== 0,
      is_prepared: integer(row["is_prepared"]) !== 0,
      is_pending_satellite_send: false,
      was_downgraded: integer(row["was_downgraded"]) !== 0,
    },
  };
}

function timeOf(ms: Parameters<typeof integer>[0]): string | null {
  const value = integer(ms);
  return value === 0 ? null : new Date(value + APPLE_EPOCH_MS).toISOString();
}
