// `message.send_status`: what became of a message, by its guid.

import { dateOf, isoTime } from "../read/apple-time.ts";
import type { RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { MessageWriter } from "../write.ts";
import { readParams } from "./params.ts";

const SQL = `SELECT guid, service, error, is_sent, is_delivered, is_finished, is_delayed, is_prepared, was_downgraded,
  CAST(date_delivered AS TEXT) AS delivered, CAST(date_read AS TEXT) AS read
  FROM message WHERE guid = ? COLLATE NOCASE ORDER BY ROWID DESC LIMIT 1`;

/** Answers the state; a message that is not in the database is pending, with nulls. */
export function messageSendStatus(values: unknown, context: RpcContext): unknown {
  const guid = readParams(values, context, "message.send_status", ["guid"]).string("guid")?.trim() ?? "";
  if (guid === "") throw invalidParams("guid is required");
  const checkedAt = new Date().toISOString();
  const row = MessageWriter.of(context.db).first(SQL, guid);
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
  const deliveredAt = timeOf(row["delivered"]);
  const error = Number(row["error"]);
  const isSent = Number(row["is_sent"]) !== 0;
  const isDelivered = Number(row["is_delivered"]) !== 0;
  return {
    ok: true,
    guid: row["guid"],
    send_state:
      error !== 0
        ? "failed"
        : isDelivered || deliveredAt !== null
          ? "delivered"
          : isSent
            ? "sent"
            : "pending",
    service: row["service"] === "" ? null : row["service"],
    checked_at: checkedAt,
    ...(deliveredAt === null ? {} : { delivered_at: deliveredAt }),
    status_fields: {
      is_sent: isSent,
      is_delivered: isDelivered,
      is_finished: Number(row["is_finished"]) !== 0,
      error,
      date_delivered: deliveredAt,
      date_read: timeOf(row["read"]),
      is_delayed: Number(row["is_delayed"]) !== 0,
      is_prepared: Number(row["is_prepared"]) !== 0,
      is_pending_satellite_send: false,
      was_downgraded: Number(row["was_downgraded"]) !== 0,
    },
  };
}

function timeOf(nanoseconds: unknown): string | null {
  const value = BigInt(typeof nanoseconds === "string" ? nanoseconds : 0);
  return value === 0n ? null : isoTime(dateOf(value));
}
