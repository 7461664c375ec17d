// `send` and `send.tracked`: parameters → target → Messages → the answer.

import type { RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { directChat, findDirectChat } from "../write-chats.ts";
import type { Chat } from "../write-chats.ts";
import { MessageWriter } from "../write.ts";
import type { Service } from "../write.ts";
import { deliver } from "./deliver.ts";
import type { Delivery, Outgoing } from "./deliver.ts";
import { appleScriptDetail, deliveryFailure, refuseOnLinux, requireBridge } from "./failure.ts";
import type { Transport } from "./failure.ts";
import { isAddressable, normalizeAddress } from "./recipient.ts";
import { readSendRequest } from "./send-request.ts";
import type { SendRequest } from "./send-request.ts";
import { resolveChat } from "./target.ts";
import type { Target } from "./target.ts";

/** AppleScript's number for an object that is not there. */
const UNKNOWN_OBJECT = -1728;

/** `send`. */
export function send(params: unknown, context: RpcContext): unknown {
  return carryOut(readSendRequest(params, context, false), context, "send");
}

/** `send.tracked`: the caller's id becomes the message's guid, so that it can be asked for whatever happens. */
export function sendTracked(params: unknown, context: RpcContext): unknown {
  return carryOut(readSendRequest(params, context, true), context, "send.tracked");
}

function carryOut(request: SendRequest, context: RpcContext, method: string): unknown {
  if (request.attemptId !== undefined) refuseKnownAttempt(request.attemptId, context);
  const { target } = request;
  const chat = resolveChat(target, context);
  const address = chat === undefined ? addressOf(target) : undefined;
  if (address === undefined) return dispatch(request, context, method, chat);
  const go = (to: string): unknown => {
    const known = findDirectChat(MessageWriter.of(context.db), to, wantedService(request));
    const direct = { ...request, target: { kind: "person", address: to } as const };
    return dispatch(direct, context, method, known);
  };
  const normalized = normalizeAddress(address, request.region);
  return typeof normalized === "string" ? go(normalized) : normalized.then(go);
}

/** The person who is meant: imsg takes the identifier of a chat it does not know for one, if it looks like an address. */
function addressOf(target: Target): string | undefined {
  if (target.kind === "person") return target.address;
  return target.kind === "chat" && isAddressable(target.reference) ? target.reference : undefined;
}

function refuseKnownAttempt(attemptId: string, context: RpcContext): void {
  const known = MessageWriter.of(context.db).first("SELECT 1 FROM message WHERE guid = ?", attemptId);
  if (known === undefined) return;
  throw deliveryFailure(context, {
    disposition: "not_started",
    transport: "bridge",
    operation: "send-message",
    detail: "attempt_id already identifies a message; choose a new UUID",
  });
}

function dispatch(
  request: SendRequest,
  context: RpcContext,
  method: string,
  chat: Chat | undefined,
): unknown {
  const transport = chooseTransport(request, context, chat);
  if (transport === "applescript") {
    refuseOnLinux(
      context,
      "AppleScript failed: Sending requires Messages.app automation and is only supported on macOS.",
    );
  }
  const { text, file, replyTo, attemptId } = request;
  // AppleScript sends plain text only.
  const formatting = transport === "bridge" ? request.formatting : undefined;
  const unverifiable = isOverlooked(request, context, chat);
  const outgoing: Outgoing = {
    method,
    transport,
    text,
    file,
    replyTo,
    guid: attemptId,
    formatting,
    unverifiable,
  };
  const delivery = deliver(context, outgoing, (writer) => chat ?? newChat(writer, request, context));
  const tell = (found: Delivery): unknown =>
    found.silent ? new Promise(() => {}) : answer(found, transport, request, context);
  return delivery instanceof Promise ? delivery.then(tell) : tell(delivery);
}

function chooseTransport(request: SendRequest, context: RpcContext, chat: Chat | undefined): Transport {
  const bridgeOnly = request.transport === "bridge" || request.attemptId !== undefined;
  // A tracked send asks only whether the bridge is ready, and says the same of one that is not.
  const isTrackedInVain =
    request.attemptId !== undefined && request.transport !== "bridge" && !context.bridge;
  if (bridgeOnly && (chat === undefined || (context.dialect === "v1" && isTrackedInVain)))
    throw invalidParams("bridge transport requires an existing chat target");
  if (bridgeOnly) requireBridge(context, request.file === "" ? "send-message" : "send-attachment");
  const isReachable = chat !== undefined && !isOverlooked(request, context, chat);
  if (isReachable && context.bridge && request.transport !== "applescript") return "bridge";
  if (request.replyTo !== undefined) {
    throw invalidParams(
      "reply_to requires bridge transport; AppleScript fallback cannot send threaded replies",
    );
  }
  return "applescript";
}

/** Asked for iMessage by name, imsg sees no chat whose guid says `any`: it sends there and never finds the row. */
function isOverlooked(request: SendRequest, context: RpcContext, chat: Chat | undefined): boolean {
  if (context.dialect === "legacy" || request.target.kind !== "person") return false;
  return request.service === "imessage" && chat?.guid.startsWith("any;") === true;
}

/** A person who was never written to gets a chat; a chat that is not there stays away. */
function newChat(writer: MessageWriter, request: SendRequest, context: RpcContext): Chat {
  const { target } = request;
  const address = target.kind === "chat" ? target.reference : target.kind === "person" ? target.address : "";
  if (target.kind === "person" && isAddressable(address)) {
    return directChat(writer, address, wantedService(request) ?? "iMessage");
  }
  throw deliveryFailure(context, {
    disposition: "not_started",
    transport: "applescript",
    operation: "send",
    detail: appleScriptDetail(
      context,
      UNKNOWN_OBJECT,
      `Can’t get ${target.kind === "person" ? "buddy" : "chat"} id "${address}".`,
    ),
  });
}

function wantedService(request: SendRequest): Service | undefined {
  if (request.service === "auto") return undefined;
  return request.service === "sms" ? "SMS" : "iMessage";
}

function answer(
  { row, chat }: Delivery,
  transport: Transport,
  request: SendRequest,
  context: RpcContext,
): Record<string, unknown> {
  if (row === undefined && isMissed(request, transport, context)) throw unconfirmed(context);
  const result: Record<string, unknown> = { ok: true, transport };
  if (row !== undefined) {
    // The bridge tells the guid it gave the message; only who looked into the database knows the row.
    if (transport === "applescript") result["id"] = row.rowId;
    result["guid"] = row.guid;
  }
  if (context.dialect === "legacy") return result;
  if (row !== undefined) result["message_id"] = row.guid;
  if (chat !== undefined) Object.assign(result, { chat_guid: chat.guid, service: chat.service });
  if (request.attemptId !== undefined) result["attempt_id"] = request.attemptId;
  return result;
}

/** From 0.14 a text that went by AppleScript and left no row is no success; from 0.15.10 a file neither. */
function isMissed(request: SendRequest, transport: Transport, context: RpcContext): boolean {
  if (context.dialect === "legacy" || transport !== "applescript") return false;
  return request.text !== "" || context.release.confirmsFiles;
}

function unconfirmed(context: RpcContext): Error {
  return deliveryFailure(context, {
    disposition: "may_have_completed",
    transport: "applescript",
    operation: "send",
    detail:
      "Messages automation returned success, but no matching outgoing text row was observed within 8 seconds.",
  });
}
