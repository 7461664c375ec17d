// The errors of sending: what each generation of imsg answers when Messages or the bridge did not do as told.

import type { RpcContext } from "../rpc/context.ts";
import { ERROR, RpcError, internalError } from "../rpc/error.ts";
import type { Disposition } from "../rpc/faults-port.ts";

/** How a message travels: Messages told by AppleScript, or by imsg's bridge inside it. */
export type Transport = "applescript" | "bridge";

/** What went wrong with an operation. */
export interface DeliveryProblem {
  readonly disposition: Disposition;
  readonly transport: Transport;
  readonly operation: string;
  readonly detail: string;
}

/** The error that is answered: typed from 0.14, the one error for everything before. */
export function deliveryFailure(context: RpcContext, problem: DeliveryProblem): RpcError {
  const { disposition, transport, operation, detail } = problem;
  if (context.dialect === "legacy") {
    return internalError(transport === "applescript" ? `AppleScript failed: ${detail}` : detail);
  }
  const isCertain = disposition === "not_started";
  const code = isCertain ? ERROR.internal : ERROR.mayHaveCompleted;
  return new RpcError(code, isCertain ? "Delivery failed before dispatch" : "Delivery outcome unknown", {
    retry_safe: isCertain,
    disposition,
    transport: transport === "bridge" ? "bridge_v2" : transport,
    operation,
    detail,
  });
}

/** What a Mac says that has its protection on, so that the bridge cannot be put into Messages. */
const NO_BRIDGE =
  "System Integrity Protection (SIP) is enabled. Refusing to inject into Messages.app. " +
  "Disable SIP in Recovery mode before using `imsg launch`.";
const LINUX_NO_BRIDGE = "Failed to launch Messages.app: Messages.app is only available on macOS.";

/** Refuses what only the bridge can do. Contract: throws when it is not running. */
export function requireBridge(context: RpcContext): void {
  if (context.bridge) return;
  if (context.dialect === "legacy") throw internalError(context.linux ? LINUX_NO_BRIDGE : NO_BRIDGE);
  const detail = "The bridge is not started. Run imsg launch explicitly before using bridge methods.";
  throw new RpcError(ERROR.noBridge, "Bridge unavailable", { detail, retryable: true });
}

/** Refuses what imsg's Linux build refuses. */
export function refuseOnLinux(context: RpcContext, text: string): void {
  if (context.linux) throw internalError(text);
}
