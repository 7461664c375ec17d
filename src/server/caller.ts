// Who asks: a program that knows the gateway's token, or a browser that is signed in.
import { createHash, timingSafeEqual } from "node:crypto";
import { sessionOf } from "../control/page/sign-in.ts";
import type { Actor } from "../model/activity.ts";
import { GatewayError } from "../model/errors.ts";
import type { PageSession } from "../model/page-session.ts";
import type { Store } from "../model/store.ts";

/** Whoever may ask. */
export type Caller =
  | { readonly kind: "program" }
  | { readonly kind: "browser"; readonly session: PageSession };

/** The caller as activity names it. */
export function actorOf(caller: Caller): Actor {
  return caller.kind === "browser" ? `page session ${caller.session.id}` : "a program";
}

/** What a caller is told by. */
export interface Credentials {
  readonly token: string;
  readonly cookieName: string;
  /** Epoch ms. */
  readonly nowMs: number;
}

/**
 * Finds out who asks. Throws `gateway/refused` for a wrong token or a request that a browser makes for another page, and
 * `page/not-signed-in` for a browser without a session.
 */
export async function identify(
  request: Request,
  store: Pick<Store, "pageSessions">,
  { token, cookieName, nowMs }: Credentials,
): Promise<Caller> {
  const secret = readCookie(request, cookieName);
  const hasToken = request.headers.has("authorization");
  if (hasToken || (secret === undefined && !isBrowser(request))) {
    requireToken(request, token);
    return { kind: "program" };
  }
  const session = secret === undefined ? undefined : await sessionOf(store, secret, nowMs);
  if (session === undefined)
    throw new GatewayError("page/not-signed-in", "This browser is not signed in.", {
      hint: "Get a link with `coderclaw page`, or text /page to your gateway.",
    });
  requireOwnPage(request);
  return { kind: "browser", session };
}

/** Browsers say so on every request, programs hardly ever. */
function isBrowser(request: Request): boolean {
  return request.headers.has("sec-fetch-site") || request.headers.has("origin");
}

/** A cookie goes along with what another page of the same site asks for; that is not the owner's doing. Throws `gateway/refused`. */
export function requireOwnPage(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  const isReading = request.method === "GET" || request.method === "HEAD";
  const isOwn = site === null || site === "same-origin" || (isReading && site === "none");
  // That the origin is one of ours was seen at the door.
  if (isOwn && (isReading || request.headers.has("origin"))) return;
  throw new GatewayError("gateway/refused", "The request does not come from the control page itself.", {
    hint: "Use the control page, or a program with the gateway's token.",
  });
}

/** Refuses a caller without the token. Takes the same time however much of it is right. Throws `gateway/refused`. */
function requireToken(request: Request, token: string): void {
  const given = bearerOf(request);
  if (given !== undefined && isSame(given, token)) return;
  throw new GatewayError("gateway/refused", "The token is missing or wrong.", {
    hint: "Send `Authorization: Bearer TOKEN`; the token is gateway.token, or in the file gateway.token of the state folder.",
  });
}

/** The token that a request brings. */
export function bearerOf(request: Request): string | undefined {
  return /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
}

/** Compares two secrets; takes the same time however much of them is the same. */
export function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function readCookie(request: Request, name: string): string | undefined {
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name && value !== undefined && value !== "") return value;
  }
  return undefined;
}
