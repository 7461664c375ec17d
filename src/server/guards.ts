// Who may ask: a caller that knows the token, by one of our own names, and from no other web page.
import { createHash, timingSafeEqual } from "node:crypto";
import { GatewayError } from "../model/errors.ts";

/** The address the server listens on. */
export interface Listening {
  readonly bind: string;
  readonly port: number;
}

/**
 * Refuses a request under a foreign name: a web page whose name was made to point at this machine (DNS rebinding) comes with its
 * own `Host`. Throws `gateway/refused`.
 */
export function requireOwnHost(request: Request, { bind, port }: Listening): void {
  const host = request.headers.get("host") ?? "";
  const names = ["localhost", "127.0.0.1", "[::1]", bind.includes(":") ? `[${bind}]` : bind];
  const isOwn = names.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
  if (isOwn) return;
  throw new GatewayError("gateway/refused", `The Host ${JSON.stringify(host)} is not this server's.`, {
    hint: `Ask for http://127.0.0.1:${port}.`,
  });
}

/** Refuses what another web page asks for. Throws `gateway/refused`. */
export function requireSameOrigin(request: Request): void {
  const origin = request.headers.get("origin");
  if (origin === null || origin === `http://${request.headers.get("host")}`) return;
  throw new GatewayError("gateway/refused", `Requests from ${JSON.stringify(origin)} are not answered.`, {
    hint: "Ask from the control server's own page, or from a program.",
  });
}

/** Refuses a caller without the token. Takes the same time however much of it is right. Throws `gateway/refused`. */
export function requireToken(request: Request, token: string): void {
  const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  if (timingSafeEqual(digest(given), digest(token))) return;
  throw new GatewayError("gateway/refused", "The token is missing or wrong.", {
    hint: "Send `Authorization: Bearer TOKEN`; the token is gateway.token, or in the file gateway.token of the state folder.",
  });
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
