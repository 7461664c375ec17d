// Turns a line of stdin into a request, as either generation of imsg reads it.

import { ERROR, RpcError, invalidParams } from "./error.ts";
import type { Dialect } from "../release.ts";

/** A call. */
export interface Request {
  /** The id as JSON text, kept to the digit; undefined when the line had none. */
  readonly id: string | undefined;
  readonly method: string;
  readonly params: unknown;
}

/** A line that is no call. */
export interface Refusal {
  readonly id: string | undefined;
  readonly error: RpcError;
  /** False: say nothing (the line had no id and this generation keeps silent then). */
  readonly answer: boolean;
}

/** Which imsg reads. */
export interface Reader {
  readonly dialect: Dialect;
  /** Error texts of Linux's libraries in place of macOS's; those of legacy are as recorded in any case. */
  readonly linux: boolean;
}

/** Reads one line; undefined for a blank one. Contract: never throws. */
export function parseRequest(line: string, reader: Reader): Request | Refusal | undefined {
  const source = line.replace(/^\uFEFF/u, "").trim();
  if (source === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return refuse(undefined, notJson(reader));
  }
  if (typeof value !== "object" || value === null) return refuse(undefined, notJson(reader));
  if (Array.isArray(value)) return refuse(undefined, invalidRequest("request must be an object"));
  const fields = value as Record<string, unknown>;
  return reader.dialect === "legacy" ? parseLegacy(fields, source) : parseStrict(fields, source);
}

/** Whether the line was a call. */
export function isRequest(parsed: Request | Refusal): parsed is Request {
  return "method" in parsed;
}

function parseLegacy(fields: Record<string, unknown>, source: string): Request | Refusal {
  const id = Object.hasOwn(fields, "id") ? exactJson(fields["id"], source) : undefined;
  const { jsonrpc, method, params } = fields;
  if (typeof jsonrpc === "string" && jsonrpc !== "2.0")
    return refuse(id, invalidRequest("jsonrpc must be 2.0"));
  if (typeof method !== "string" || method === "") return refuse(id, invalidRequest("method is required"));
  return { id, method, params };
}

function parseStrict(fields: Record<string, unknown>, source: string): Request | Refusal {
  const hasId = Object.hasOwn(fields, "id");
  const { jsonrpc, method } = fields;
  const given = fields["id"];
  if (hasId && given !== null && typeof given !== "string" && typeof given !== "number") {
    return refuse(undefined, invalidRequest("id must be a string, number, or null"));
  }
  const id = hasId ? exactJson(given, source) : undefined;
  if (jsonrpc !== "2.0") return refuse(id, invalidRequest("jsonrpc must be exactly 2.0"));
  if (typeof method !== "string" || method === "") return refuse(id, invalidRequest("method is required"));
  const params = Object.hasOwn(fields, "params") ? fields["params"] : {};
  if (typeof params !== "object" || params === null || Array.isArray(params)) {
    return { id, error: invalidParams("params must be an object when present"), answer: hasId };
  }
  return { id, method, params };
}

function refuse(id: string | undefined, error: RpcError): Refusal {
  return { id, error, answer: true };
}

function invalidRequest(data: string): RpcError {
  return new RpcError(ERROR.invalidRequest, "Invalid Request", data);
}

function notJson(reader: Reader): RpcError {
  const text =
    reader.linux || reader.dialect === "legacy"
      ? "The operation could not be completed. The data is not in the correct format."
      : "The data couldn’t be read because it isn’t in the correct format.";
  return new RpcError(ERROR.parse, "Parse error", text);
}

/** JSON text of an id; a number that JavaScript would round is copied from the line. */
function exactJson(id: unknown, source: string): string {
  if (typeof id !== "number" || Number.isSafeInteger(id)) return JSON.stringify(id);
  let written: string | undefined;
  JSON.parse(
    source,
    function keep(this: unknown, key: string, value: unknown, context?: { source?: string }) {
      if (key === "id" && value === id) written = context?.source;
      return value;
    },
  );
  return written ?? JSON.stringify(id);
}
