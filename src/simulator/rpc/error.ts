// The error a JSON-RPC method answers with.

/** JSON-RPC's own codes, and those that imsg 0.14 adds. */
export const ERROR = {
  parse: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  busy: -32000,
  mayHaveCompleted: -32001,
  databaseUnavailable: -32002,
  noBridge: -32003,
  laneBlocked: -32004,
} as const;

/** Thrown by a method: becomes `{code, message, data}` on the wire. The useful text stands in `data`. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.name = "RpcError";
    this.code = code;
    this.data = data;
  }
}

/** A parameter is missing, of the wrong kind or out of range. */
export function invalidParams(data: string): RpcError {
  return new RpcError(ERROR.invalidParams, "Invalid params", data);
}

/** The one error of imsg before 0.14 for everything that went wrong while a method ran. */
export function internalError(data: string): RpcError {
  return new RpcError(ERROR.internal, "Internal error", data);
}

/** What imsg from 0.14 says of a bridge that is not there. */
export const NO_BRIDGE = "The bridge is not started. Run imsg launch explicitly before using bridge methods.";

/** A question that only the bridge can answer was asked without one. */
export function bridgeUnavailable(): RpcError {
  return new RpcError(ERROR.noBridge, "Bridge unavailable", { detail: NO_BRIDGE, retryable: true });
}
