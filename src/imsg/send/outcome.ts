// What imsg's answer to a send proves: sent, certainly not sent, or neither.
import type { SendOutcome } from "../../model/delivery.ts";
import { GatewayError } from "../../model/errors.ts";
import { messageGuid, asId, type RowId } from "../../model/ids.ts";
import type { Dialect } from "../child/dialect.ts";
import { DATABASE_UNUSABLE, ImsgRefusal, inWords, RPC } from "../child/refusal.ts";

/** AppleScript's words, in legacy's errors, for a person that Messages cannot address. */
const NO_SUCH_PERSON = /can[’']t get (?:buddy|participant) .{0,500}\(-1728\)/iu;
const NOT_FOUND = -1728;

/** What was asked. */
export interface Asked {
  readonly dialect: Dialect["kind"];
  /** By `to`, not by a chat: Messages may not know a new chat yet, but it never learns to address a wrong number. */
  readonly toPerson: boolean;
}

/**
 * Reads the result of `send` or `send.tracked`. Without guid and row imsg gave it to Messages and did not see what came of it: Messages
 * may only be slow.
 */
export function outcomeOfResult(result: unknown): SendOutcome {
  const fields = (typeof result === "object" && result !== null ? result : {}) as Record<string, unknown>;
  const guid = [fields["guid"], fields["message_id"]].find(
    (value) => typeof value === "string" && value !== "",
  );
  const rowId = typeof fields["id"] === "number" && fields["id"] > 0 ? fields["id"] : undefined;
  if (guid === undefined && rowId === undefined)
    return {
      kind: "unknown",
      reason: "imsg handed it to Messages but did not see it become a message",
      handedOver: fields["ok"] === true,
    };
  return {
    kind: "sent",
    guid: guid === undefined ? undefined : messageGuid(guid as string),
    rowId: rowId === undefined ? undefined : asId<RowId>(rowId),
  };
}

/** What an attempt that ended with an error proves. */
export function outcomeOfError(error: unknown, asked: Asked): SendOutcome {
  if (error instanceof ImsgRefusal) return outcomeOfRefusal(error, asked);
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof GatewayError && error.effect === "none") return failed(reason, true);
  return { kind: "unknown", reason, handedOver: false };
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

function outcomeOfRefusal(refusal: ImsgRefusal, asked: Asked): SendOutcome {
  const { rpcCode, disposition, text } = refusal;
  const reason = reasonOf(refusal);
  switch (rpcCode) {
    case RPC.parse:
    case RPC.invalidRequest:
    case RPC.unknownMethod:
    case RPC.invalidParams:
      return failed(reason, disposition === "not_started" && refusal.retrySafe);
    case RPC.noBridge:
      return failed(reason, false);
    case RPC.busy:
    case RPC.databaseUnavailable:
      return failed(reason, true);
    default:
  }
  // Messages can address nobody by that name: it was asked for before anything was handed over, and would say the same again.
  if (isNoSuchPerson(refusal, asked) && (disposition === "not_started" || disposition === undefined))
    return failed(reason, false);
  if (disposition === "not_started") return failed(reason, refusal.retrySafe);
  // A blocked lane refuses at its door; only its own words can say otherwise.
  if (rpcCode === RPC.laneBlocked && disposition === undefined) return failed(reason, true);
  if (rpcCode === RPC.internal && disposition === undefined) {
    if (DATABASE_UNUSABLE.test(text)) return failed(reason, true);
    // Recorded imsg 0.9.0 where there is no Messages at all.
    if (/only (?:supported|available) on macOS/u.test(text)) return failed(reason, false);
    // Once AppleScript has begun v1 says how far it came: without that nothing was handed over.
    if (asked.dialect === "v1" && refusal.isBare) return failed(reason, true);
  }
  const handedOver = disposition !== undefined || rpcCode === RPC.mayHaveCompleted;
  return { kind: "unknown", reason, handedOver };
}

function isNoSuchPerson({ text, trouble }: ImsgRefusal, { toPerson, dialect }: Asked): boolean {
  if (dialect === "legacy") return NO_SUCH_PERSON.test(text);
  return NO_SUCH_PERSON.test(text) || (toPerson && trouble?.number === NOT_FOUND);
}

/** What happened and what to do, as the owner reads it in lists and notices. */
function reasonOf({ text, trouble }: ImsgRefusal): string {
  return trouble === undefined ? text : `${inWords(trouble)}. ${trouble.fix}`;
}

function failed(reason: string, retryable: boolean): SendOutcome {
  return { kind: "failed", reason, retryable };
}
