// The registry of the methods that change something, by name.

import type { MethodHandler } from "../rpc/context.ts";
import { ERROR, RpcError } from "../rpc/error.ts";
import { chatMethods } from "./chat-methods.ts";
import { contactMethods } from "./contact-methods.ts";
import { messageMethods } from "./message-methods.ts";
import { partMethods } from "./part-methods.ts";
import { pollMethods } from "./poll-methods.ts";
import { richMethods } from "./rich-methods.ts";
import { messageSendStatus } from "./send-status.ts";
import { send, sendTracked } from "./send.ts";

/** Every method that sends, changes, or asks what became of a send. */
export const sendMethods: Readonly<Record<string, MethodHandler>> = {
  send,
  ...fromV1({ "send.tracked": sendTracked, "message.send_status": messageSendStatus }),
  ...fromV1(pollMethods),
  ...fromV1(partMethods),
  ...fromV1(contactMethods),
  ...richMethods,
  ...messageMethods,
  ...chatMethods,
};

/** Methods that imsg 0.9.0 does not have. */
function fromV1(methods: Readonly<Record<string, MethodHandler>>): Record<string, MethodHandler> {
  const guarded = Object.entries(methods).map(([name, handler]): [string, MethodHandler] => [
    name,
    (params, context) => {
      if (context.dialect === "legacy") throw new RpcError(ERROR.methodNotFound, "Method not found", name);
      return handler(params, context);
    },
  ]);
  return Object.fromEntries(guarded);
}
