// The errors of sending: what each generation of imsg answers when Messages or the bridge did not do as told.

import type { RpcContext } from "../rpc/context.ts";
import { ERROR, NO_BRIDGE, RpcError, bridgeUnavailable, internalError } from "../rpc/error.ts";
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

/** The words of older imsg for AppleScript's numbers. */
const APPLESCRIPT_WORDS: Readonly<Record<number, string>> = {
  [-600]: "Application isn’t running.",
  [-1712]: "AppleEvent timed out.",
  [-1728]: "Can’t get the object.",
  [-1743]: "Not authorized to send Apple events to Messages.",
};

/** What imsg says of an AppleScript error: from 0.14 the number alone. */
export function appleScriptDetail(context: RpcContext, number: number, words?: string): string {
  if (context.dialect === "v1") return `Messages automation failed with AppleScript error ${number}.`;
  const said = words ?? APPLESCRIPT_WORDS[number] ?? "An error of type";
  return `Messages got an error: ${said} (${number})`;
}

/** What older imsg says on a Mac that has its protection on, so that the bridge cannot be put into Messages. */
const PROTECTED =
  "System Integrity Protection (SIP) is enabled. Refusing to inject into Messages.app. " +
  "Disable SIP in Recovery mode before using `imsg launch`.";
const LINUX_NO_BRIDGE = "Failed to launch Messages.app: Messages.app is only available on macOS.";

/** Refuses a change that only the bridge can make. Contract: throws when it is not running. */
export function requireBridge(context: RpcContext, operation: string): void {
  if (context.bridge) return;
  if (context.dialect === "legacy") throw internalError(context.linux ? LINUX_NO_BRIDGE : PROTECTED);
  throw deliveryFailure(context, {
    disposition: "not_started",
    transport: "bridge",
    operation,
    detail: NO_BRIDGE,
  });
}

/** Refuses a question that only the bridge can answer. Contract: throws when it is not running. */
export function requireBridgeToRead(context: RpcContext): void {
  if (!context.bridge) throw bridgeUnavailable();
}

/** Refuses what imsg's Linux build refuses. */
export function refuseOnLinux(context: RpcContext, text: string): void {
  if (context.linux) throw internalError(text);
}
