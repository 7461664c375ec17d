// Turns a line of stdin into a request, as either generation of imsg reads it.

import { ERROR, RpcError, invalidParams } from "./error.ts";
import type { Dialect } from "../release.ts";
import { JsonNumber, parseJson } from "./json.ts";
import { withoutEnd } from "../without-end.ts";

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

/** What Foundation takes off both ends of a line: blanks, line ends, and the zero-width space, but no byte order mark. */
const BLANK = /[\t-\r \u0085\u00A0\u1680\u2000-\u200B\u2028\u2029\u202F\u205F\u3000]/u;

/** Reads one line; undefined for a blank one. Contract: never throws. */
export function parseRequest(line: string, reader: Reader): Request | Refusal | undefined {
  const source = trimmed(line).replace(/^\uFEFF/u, "");
  if (source === "") return undefined;
  let value: unknown;
  try {
    value = parseJson(source, { trailingCommas: reader.dialect === "legacy" });
  } catch {
    return refuse(undefined, notJson(reader));
  }
  const isContainer = typeof value === "object" && value !== null && !(value instanceof JsonNumber);
  if (!isContainer) return refuse(undefined, notJson(reader));
  if (Array.isArray(value)) return refuse(undefined, invalidRequest("request must be an object"));
  const fields = value as Record<string, unknown>;
  return reader.dialect === "legacy" ? parseLegacy(fields) : parseStrict(fields);
}

/** Whether the line was a call. */
export function isRequest(parsed: Request | Refusal): parsed is Request {
  return "method" in parsed;
}

function parseLegacy(fields: Record<string, unknown>): Request | Refusal {
  const id = Object.hasOwn(fields, "id") ? exactJson(fields["id"]) : undefined;
  const { jsonrpc, method, params } = fields;
  if (typeof jsonrpc === "string" && jsonrpc !== "2.0")
    return refuse(id, invalidRequest("jsonrpc must be 2.0"));
  if (typeof method !== "string" || method === "") return refuse(id, invalidRequest("method is required"));
  return { id, method, params };
}

function parseStrict(fields: Record<string, unknown>): Request | Refusal {
  const hasId = Object.hasOwn(fields, "id");
  const { jsonrpc, method } = fields;
  const given = fields["id"];
  if (hasId && given !== null && typeof given !== "string" && !(given instanceof JsonNumber)) {
    return refuse(undefined, invalidRequest("id must be a string, number, or null"));
  }
  const id = hasId ? exactJson(given) : undefined;
  if (jsonrpc !== "2.0") return refuse(id, invalidRequest("jsonrpc must be exactly 2.0"));
  if (typeof method !== "string" || method === "") return refuse(id, invalidRequest("method is required"));
  const params = Object.hasOwn(fields, "params") ? fields["params"] : {};
  if (!isNamed(params)) {
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

function isNamed(params: unknown): boolean {
  if (typeof params !== "object" || params === null) return false;
  return !Array.isArray(params) && !(params instanceof JsonNumber);
}

/** Cut by hand: a pattern for the end of a long line would look at it from every blank. */
function trimmed(line: string): string {
  let start = 0;
  let end = line.length;
  while (start < end && BLANK.test(line[start] ?? "")) start += 1;
  while (end > start && BLANK.test(line[end - 1] ?? "")) end -= 1;
  return line.slice(start, end);
}

/** JSON text of an id, as Foundation writes again what it has read. */
function exactJson(id: unknown): string {
  if (id instanceof JsonNumber) return writtenAgain(id);
  if (Array.isArray(id)) return `[${id.map((item) => exactJson(item)).join(",")}]`;
  if (typeof id !== "object" || id === null) return JSON.stringify(id);
  const entries = Object.entries(id).map(([key, value]) => `${JSON.stringify(key)}:${exactJson(value)}`);
  return `{${entries.join(",")}}`;
}

/** From so many signs on Foundation keeps the digits of a number, not its double. */
const LONG_NUMBER = 18;
const MAX_UINT64 = 2 ** 64;

function writtenAgain(number: JsonNumber): string {
  const { value, source } = number;
  if (number.isWhole) return BigInt(source).toString();
  if (Number.isInteger(value) && value >= -MAX_UINT64 / 2 && value < MAX_UINT64)
    return BigInt(value).toString();
  const [digits = ""] = source.split(/e/iu);
  if (digits === source && source.length >= LONG_NUMBER) return withoutEnd(source, "0");
  const isPlain = Math.abs(value) >= 1e-4 && Math.abs(value) < 2 ** 53;
  return isPlain ? String(value) : value.toExponential().replace(/e([+-])(\d)$/u, "e$10$2");
}
