// `send` and `send.tracked`: parameters → target → Messages → the answer.

import type { RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { expandHome } from "../read/attachments.ts";
import { directChat, findDirectChat } from "../write-chats.ts";
import type { Chat } from "../write-chats.ts";
import { MessageWriter } from "../write.ts";
import type { Service } from "../write.ts";
import { deliver } from "./deliver.ts";
import type { Delivery, Outgoing } from "./deliver.ts";
import { deliveryFailure, refuseOnLinux, requireBridge } from "./failure.ts";
import type { Transport } from "./failure.ts";
import { CHAT_KEYS, REPLY_ALIASES, readParams } from "./params.ts";
import { isAddressable, normalizeAddress } from "./recipient.ts";
import { readTarget, resolveChat } from "./target.ts";
import type { Target } from "./target.ts";

const KEYS = [
  ...CHAT_KEYS,
  "reply_to",
  ...REPLY_ALIASES,
  "to",
  "text",
  "file",
  "text_formatting",
  "textFormatting",
  "formatting",
  "service",
  "transport",
  "region",
  "allow_sms_fallback",
  "allowSMSFallback",
  "attempt_id",
];
const SERVICES = ["auto", "imessage", "sms"] as const;
const TRANSPORTS = ["auto", "bridge", "applescript"] as const;

/** A `send` as it was asked for. */
interface SendRequest {
  readonly target: Target;
  readonly text: string;
  readonly file: string;
  readonly service: (typeof SERVICES)[number];
  readonly transport: (typeof TRANSPORTS)[number];
  readonly region: string;
  readonly replyTo: string | undefined;
  readonly attemptId: string | undefined;
  /** Parts of the text in bold and the like. */
  readonly formatting: readonly object[] | undefined;
}

/** `send`. */
export function send(params: unknown, context: RpcContext): unknown {
  return carryOut(readRequest(params, context, false), context, "send");
}

/** `send.tracked`: the caller's id becomes the message's guid, so that it can be asked for whatever happens. */
export function sendTracked(params: unknown, context: RpcContext): unknown {
  return carryOut(readRequest(params, context, true), context, "send.tracked");
}

function readRequest(values: unknown, context: RpcContext, isTracked: boolean): SendRequest {
  const params = readParams(values, context, isTracked ? "send.tracked" : "send", KEYS);
  const text = params.string("text") ?? "";
  const file = params.string("file") ?? "";
  const attemptId = readAttemptId(params.string("attempt_id"), isTracked);
  const formatting = params.objects("text_formatting", ["textFormatting", "formatting"]);
  const service = SERVICES.find((one) => one === (params.string("service") ?? "auto"));
  if (service === undefined) throw invalidParams("invalid service");
  const asked = (params.string("transport") ?? "auto").toLowerCase();
  const transport = TRANSPORTS.find((one) => one === asked);
  if (transport === undefined) throw invalidParams("invalid transport");
  const region = params.string("region") ?? "US";
  const replyTo = params.string("reply_to", REPLY_ALIASES) || undefined;
  const target = readTarget(params, context, "to is required for direct sends");
  if (text === "" && file === "") throw invalidParams("text or file is required");
  if (isTracked && (text === "" || file !== "")) {
    throw invalidParams("send.tracked supports exactly one text message");
  }
  if (isTracked && transport === "applescript") throw invalidParams("send.tracked requires bridge transport");
  return { target, text, file: expandHome(file), service, transport, region, replyTo, attemptId, formatting };
}

function readAttemptId(value: string | undefined, isTracked: boolean): string | undefined {
  if (!isTracked) {
    if (value !== undefined) throw invalidParams("attempt_id is only supported by send.tracked");
    return undefined;
  }
  if (value === undefined || !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu.test(value)) {
    throw invalidParams("attempt_id must be a UUID");
  }
  return value.toLowerCase();
}

function carryOut(request: SendRequest, context: RpcContext, method: string): unknown {
  if (request.attemptId !== undefined) refuseKnownAttempt(request.attemptId, context);
  const { target } = request;
  const chat = resolveChat(target, context);
  const address = chat === undefined ? addressOf(target) : undefined;
  if (address === undefined) return dispatch(request, context, method, chat);
  const go = (to: string): unknown => {
    const known = findDirectChat(MessageWriter.of(context.db), to, wantedService(request));
    return dispatch({ ...request, target: { kind: "person", address: to } }, context, method, known);
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
  const outgoing: Outgoing = { method, transport, text, file, replyTo, guid: attemptId, formatting };
  const delivery = deliver(context, outgoing, (writer) => chat ?? newChat(writer, request, context));
  if (delivery.silent) return new Promise(() => {});
  return answer(delivery, transport, request, context);
}

function chooseTransport(request: SendRequest, context: RpcContext, chat: Chat | undefined): Transport {
  const bridgeOnly = request.transport === "bridge" || request.attemptId !== undefined;
  if (chat === undefined && bridgeOnly)
    throw invalidParams("bridge transport requires an existing chat target");
  if (bridgeOnly) requireBridge(context);
  if (chat !== undefined && context.bridge && request.transport !== "applescript") return "bridge";
  if (request.replyTo !== undefined) {
    throw invalidParams(
      "reply_to requires bridge transport; AppleScript fallback cannot send threaded replies",
    );
  }
  return "applescript";
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
    detail: `Messages got an error: Can’t get ${target.kind === "person" ? "buddy" : "chat"} id "${address}". (-1728)`,
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
