// What imsg's answer to a send proves: sent, certainly not sent, or neither.
import type { SendOutcome } from "../../model/delivery.ts";
import { GatewayError } from "../../model/errors.ts";
import { asId, type MessageGuid, type RowId } from "../../model/ids.ts";
import { DATABASE_UNUSABLE, ImsgRefusal, RPC } from "../child/refusal.ts";

/** AppleScript's words for a person that Messages cannot address. A chat is another matter: Messages may not know a new one yet. */
const NO_SUCH_RECIPIENT = /can[’']t get (?:buddy|participant) .{0,500}\(-1728\)/iu;

/** Reads the result of `send` or `send.tracked`. Without guid and row imsg has only asked Messages: that proves nothing. */
export function outcomeOfResult(result: unknown): SendOutcome {
  const fields = (typeof result === "object" && result !== null ? result : {}) as Record<string, unknown>;
  const guid = [fields["guid"], fields["message_id"]].find(
    (value) => typeof value === "string" && value !== "",
  );
  const rowId = typeof fields["id"] === "number" && fields["id"] > 0 ? fields["id"] : undefined;
  if (guid === undefined && rowId === undefined)
    return { kind: "unknown", reason: "imsg handed it to Messages but did not see it become a message" };
  return {
    kind: "sent",
    guid: guid === undefined ? undefined : asId<MessageGuid>(guid as string),
    rowId: rowId === undefined ? undefined : asId<RowId>(rowId),
  };
}

/** What an attempt that ended with an error proves. */
export function outcomeOfError(error: unknown): SendOutcome {
  if (error instanceof ImsgRefusal) return outcomeOfRefusal(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof GatewayError && error.effect === "none") return failed(reason, true);
  return { kind: "unknown", reason };
}

/** True when the child must not be used for another send: what it was asked may still be going on in it, or it will never recover. */
export function needsNewChild(error: unknown): boolean {
  if (!(error instanceof ImsgRefusal)) return error instanceof GatewayError && error.code === "imsg/timeout";
  return (
    error.rpcCode === RPC.laneBlocked ||
    error.disposition === "still_in_flight" ||
    (error.rpcCode === RPC.internal && error.code === "imsg/database")
  );
}

function outcomeOfRefusal(refusal: ImsgRefusal): SendOutcome {
  const { rpcCode, text, disposition } = refusal;
  switch (rpcCode) {
    case RPC.parse:
    case RPC.invalidRequest:
    case RPC.unknownMethod:
    case RPC.invalidParams:
      return failed(text, disposition === "not_started" && refusal.retrySafe);
    case RPC.noBridge:
      return failed(text, false);
    case RPC.busy:
    case RPC.databaseUnavailable:
      return failed(text, true);
    default:
  }
  // Messages can address nobody by that name: it was asked for before anything was handed over, and would say the same again.
  if (NO_SUCH_RECIPIENT.test(text) && (disposition === "not_started" || disposition === undefined))
    return failed(text, false);
  if (disposition === "not_started") return failed(text, refusal.retrySafe);
  // A blocked lane refuses at its door; only its own words can say otherwise.
  if (rpcCode === RPC.laneBlocked && disposition === undefined) return failed(text, true);
  if (rpcCode === RPC.internal && disposition === undefined) {
    if (DATABASE_UNUSABLE.test(text)) return failed(text, true);
    // Recorded imsg 0.9.0 where there is no Messages at all.
    if (/only (?:supported|available) on macOS/u.test(text)) return failed(text, false);
  }
  return { kind: "unknown", reason: text };
}

function failed(reason: string, retryable: boolean): SendOutcome {
  return { kind: "failed", reason, retryable };
}
