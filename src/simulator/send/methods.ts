// The registry of the methods that change something, by name.

import type { MethodHandler } from "../rpc/context.ts";
import { ERROR, RpcError } from "../rpc/error.ts";
import { chatMethods } from "./chat-methods.ts";
import { messageMethods } from "./message-methods.ts";
import { richMethods } from "./rich-methods.ts";
import { messageSendStatus } from "./send-status.ts";
import { send, sendTracked } from "./send.ts";

/** Every method that sends, changes, or asks what became of a send. */
export const sendMethods: Readonly<Record<string, MethodHandler>> = {
  send,
  "send.tracked": fromV1("send.tracked", sendTracked),
  "message.send_status": fromV1("message.send_status", messageSendStatus),
  ...richMethods,
  ...messageMethods,
  ...chatMethods,
};

/** A method that imsg up to 0.13 does not have. */
function fromV1(name: string, handler: MethodHandler): MethodHandler {
  return (params, context) => {
    if (context.dialect === "legacy") throw new RpcError(ERROR.methodNotFound, "Method not found", name);
    return handler(params, context);
  };
}
