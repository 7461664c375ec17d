// What requests bring, read with care: JSON bodies and the numbers in queries.
import type { Context } from "hono";
import { GatewayError } from "../model/errors.ts";

/** A JSON object. */
export type Body = Readonly<Record<string, unknown>>;

/** The body, `{}` for none. Throws `cli/usage`. */
export async function readBody(context: Context): Promise<Body> {
  const text = await context.req.text();
  let body: unknown;
  try {
    body = text === "" ? {} : JSON.parse(text);
  } catch {
    throw badRequest("The body is not JSON");
  }
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Body;
  throw badRequest("The body must be a JSON object");
}

/** A text that may be left out. Throws `cli/usage`. */
export function optionalText(body: Body, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || typeof value === "string") return value;
  throw badRequest(`\`${name}\` must be a text`);
}

/** A text. Throws `cli/usage`. */
export function requiredText(body: Body, name: string): string {
  const value = optionalText(body, name);
  if (value !== undefined) return value;
  throw badRequest(`\`${name}\` must be a text`);
}

/** A whole number of a query. Throws `cli/usage`. */
export function readCount(
  text: string | undefined,
  { name, fallback, most }: { readonly name: string; readonly fallback: number; readonly most: number },
): number {
  if (text === undefined) return fallback;
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0 && count <= most) return count;
  throw badRequest(`\`${name}\` must be a whole number from 1 to ${most}`);
}

/** The error for a request that is not understood. */
export function badRequest(what: string): GatewayError {
  return new GatewayError("cli/usage", `${what}.`, { hint: "Correct the request." });
}
