// The registry of the methods that change something, by name.

import type { MethodHandler } from "../rpc/context.ts";
import { send, sendTracked } from "./send.ts";
import { messageSendStatus } from "./send-status.ts";

/** Every method that sends, changes, or asks what became of a send. */
export const sendMethods: Readonly<Record<string, MethodHandler>> = {
  send,
  "send.tracked": sendTracked,
  "message.send_status": messageSendStatus,
};
