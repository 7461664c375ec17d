// What can go wrong between us and a child, as typed errors.
import { GatewayError, type Effect, type ErrorCode } from "../../model/errors.ts";
import { explainAppleScript, type AppleScriptTrouble } from "./applescript.ts";

/** JSON-RPC's codes and those that imsg 0.14 added. */
export const RPC = {
  parse: -32700,
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  internal: -32603,
  busy: -32000,
  mayHaveCompleted: -32001,
  databaseUnavailable: -32002,
  noBridge: -32003,
  laneBlocked: -32004,
} as const;

/** imsg answered a request with an error. */
export class ImsgRefusal extends GatewayError {
  readonly rpcCode: number;
  /** The useful text of it. */
  readonly text: string;
  /** v1's delivery errors: whether anything was handed to Messages. */
  readonly disposition: string | undefined;
  readonly retrySafe: boolean;
  /** How the error came: v1 describes with an object whatever happened after AppleScript began. */
  readonly isBare: boolean;
  /** What is wrong with Messages, where the text names one of AppleScript's numbers. */
  readonly trouble: AppleScriptTrouble | undefined;

  constructor(method: string, error: { code: number; message: string; data: unknown }) {
    const data = typeof error.data === "object" && error.data !== null ? error.data : {};
    const fields = data as Record<string, unknown>;
    const text = firstLine(error.data) ?? firstLine(fields["detail"]) ?? error.message;
    const [code, hint] = classify(error.code, text);
    const trouble = explainAppleScript(text);
    super(code, `${method}: ${trouble === undefined ? text : inWords(trouble)}`, {
      hint: trouble?.fix ?? hint,
      effect: effectOf(error.code),
      details: { method, rpcCode: error.code, data: error.data },
    });
    this.rpcCode = error.code;
    this.text = text;
    this.disposition = typeof fields["disposition"] === "string" ? fields["disposition"] : undefined;
    this.retrySafe = fields["retry_safe"] === true;
    this.isBare = typeof error.data !== "object" || error.data === null;
    this.trouble = trouble;
  }
}

/** A trouble as people read it; the number is there to be searched for. */
export function inWords({ what, number }: AppleScriptTrouble): string {
  return `${what} (AppleScript error ${number})`;
}

/** What to do when the Messages database cannot be read. */
export const FULL_DISK_ACCESS =
  "Give the program that starts coderclaw (terminal, service) Full Disk Access in System Settings → Privacy & Security, then restart it.";

/** The same on a Mac that is reached by SSH. */
export const REMOTE_DISK_ACCESS =
  "On the Mac, switch on “Allow full disk access for remote users” in System Settings → General → Sharing → Remote Login (i).";

/** Words of recorded imsg 0.9.0 for a database that it could not open, or that is none: nothing else was tried then. */
export const DATABASE_UNUSABLE =
  /unable to open database file|Full Disk Access|Permission Error|file is not a database/iu;

/** The child did not answer. */
export function timedOut(method: string, timeoutMs: number, effect: Effect): GatewayError {
  return new GatewayError("imsg/timeout", `imsg did not answer ${method} within ${timeoutMs} ms`, {
    hint: "Look for a permission dialog on the Mac; the child is replaced by itself.",
    effect,
    details: { method, timeoutMs },
  });
}

/** The child was not there (any more). `written`: the request may have reached it. */
export function gone(method: string, why: string, written: boolean): GatewayError {
  return new GatewayError("imsg/gone", `imsg ended before it answered ${method}: ${why}`, {
    hint: "Nothing: the child is replaced by itself.",
    effect: written ? "maybe" : "none",
    details: { method },
  });
}

/** A call ended because its child did, before anything of it was written. */
export function neverWritten(error: unknown): boolean {
  return error instanceof GatewayError && error.code === "imsg/gone" && error.effect === "none";
}

function classify(code: number, text: string): readonly [ErrorCode, string] {
  if (code === RPC.databaseUnavailable || (code === RPC.internal && DATABASE_UNUSABLE.test(text)))
    return ["imsg/database", FULL_DISK_ACCESS];
  if (code === RPC.busy) return ["imsg/busy", "Nothing: it is tried again by itself."];
  return ["imsg/refused", "Read what imsg says; it names the cause."];
}

function effectOf(code: number): Effect {
  const certain: readonly number[] = [RPC.parse, RPC.invalidRequest, RPC.unknownMethod, RPC.invalidParams];
  return certain.includes(code) ? "none" : "maybe";
}

function firstLine(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  return value.split("\n").find((line) => line.trim() !== "");
}
