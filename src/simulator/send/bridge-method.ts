// What the bridge methods have in common: parameters → chat → what is asked for → the bridge, if it runs.

import type { MethodHandler, RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import type { Chat } from "../write-chats.ts";
import { MessageWriter } from "../write.ts";
import { deliveryFailure, requireBridge, requireBridgeToRead } from "./failure.ts";
import { CHAT_KEYS, MESSAGE_ALIASES, readParams } from "./params.ts";
import type { Params } from "./params.ts";
import { readChatTarget, resolveChat } from "./target.ts";

/** One method. */
export interface BridgeMethod<Request> {
  readonly name: string;
  /** The bridge's own word for it. */
  readonly action: string;
  /** The parameters it takes, the chat's aside. */
  readonly keys: readonly string[];
  /** It only asks the bridge something. */
  readonly isQuestion?: boolean;
  /** Reads what is asked for. Contract: throws invalid params. */
  readonly read: (params: Params, context: RpcContext) => Request;
  /** Does it. Returns the result, `ok` aside; a promise of it never settles for a call that is never answered. */
  readonly act: (call: BridgeCall<Request>) => object | undefined | Promise<object | undefined>;
}

/** A call whose parameters are right and whose bridge runs. */
export interface BridgeCall<Request> {
  readonly method: string;
  readonly action: string;
  readonly request: Request;
  readonly chat: Chat;
  readonly writer: MessageWriter;
  readonly context: RpcContext;
}

/** Makes a handler. The event log gets the method's name with what was asked for. */
export function bridgeMethod<Request extends object>(method: BridgeMethod<Request>): MethodHandler {
  const { name, action, keys, isQuestion = false, read, act } = method;
  return (values, context) => {
    const params = readParams(values, context, name, [...CHAT_KEYS, ...keys]);
    const target = readChatTarget(params, context);
    const chat = resolveChat(target, context);
    const request = read(params, context);
    if (isQuestion) requireBridgeToRead(context);
    else requireBridge(context, action);
    if (chat === undefined) throw refused(context, action, "Chat not found");
    const writer = MessageWriter.of(context.db);
    const result = act({ method: name, action, request, chat, writer, context });
    context.log({ event: name, chat_id: chat.id, ...request });
    const answer = (found: object | undefined): object => ({ ok: true, ...found });
    return result instanceof Promise ? result.then(answer) : answer(result);
  };
}

/** What the bridge could not do, with nothing done. */
export function refused(context: RpcContext, operation: string, detail: string): Error {
  return deliveryFailure(context, { disposition: "not_started", transport: "bridge", operation, detail });
}

/** The keys that name a message and its part. */
export const MESSAGE_KEYS = ["message_id", ...MESSAGE_ALIASES, "part_index", "partIndex"];

/** The message an operation is about. */
export function readMessageGuid(params: Params): string {
  const guid = params.string("message_id", MESSAGE_ALIASES)?.trim() ?? "";
  if (guid === "") throw invalidParams("message_id or message_guid is required");
  return guid;
}

/** The part of the message. */
export function readPart(params: Params): number {
  const part = params.integer("part_index", ["partIndex"]) ?? 0;
  if (part < 0) throw invalidParams("part_index must be a non-negative integer");
  return part;
}
