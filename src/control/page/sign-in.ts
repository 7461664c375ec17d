// Signing a browser in and out, and knowing it again.
import { randomBytes } from "node:crypto";
import type { Actor } from "../../model/activity.ts";
import { GatewayError } from "../../model/errors.ts";
import { asId, type PageSessionId } from "../../model/ids.ts";
import type { PageSession } from "../../model/page-session.ts";
import type { Store } from "../../model/store.ts";
import { describeDevice } from "./device.ts";
import { hashSecret } from "./link.ts";

/** How long a session lasts. */
export const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** A code or a token of ours is not longer; what is longer is not looked at. */
const LONGEST_SECRET = 100;

type Place = Pick<Store, "pageSessions">;

/** A session with the secret that its browser keeps. */
export interface SignedIn {
  readonly session: PageSession;
  readonly token: string;
}

/** Uses a link's code up. Throws `page/link-over` when it was used or has expired, `page/link-unknown` when it never was one. */
export async function signIn(
  { pageSessions }: Place,
  code: string,
  { userAgent, nowMs }: { readonly userAgent: string; readonly nowMs: number },
): Promise<SignedIn> {
  const token = randomBytes(32).toString("base64url");
  const redeemed =
    code.length > LONGEST_SECRET
      ? ({ kind: "unknown" } as const)
      : await pageSessions.redeem(hashSecret(code), {
          tokenHash: hashSecret(token),
          device: describeDevice(userAgent),
          nowMs,
          expiresAtMs: nowMs + SESSION_LIFETIME_MS,
        });
  if (redeemed.kind === "signed-in") return { session: redeemed.session, token };
  throw new GatewayError(
    redeemed.kind === "unknown" ? "page/link-unknown" : "page/link-over",
    REASONS[redeemed.kind],
    { hint: "Get a new link with `coderclaw page`, or text /page to your gateway." },
  );
}

const REASONS = {
  used: "This link has been used. Each link signs in one browser, once.",
  expired: "This link has expired. A link is good for five minutes.",
  unknown: "This link is not one of this gateway's, or it is too old.",
};

/** The session of a cookie's token; undefined when the browser is not signed in (any more). */
export async function sessionOf(
  { pageSessions }: Place,
  token: string,
  nowMs: number,
): Promise<PageSession | undefined> {
  return token.length > LONGEST_SECRET ? undefined : pageSessions.use(hashSecret(token), nowMs);
}

/** Browsers that are signed in, the latest used first. */
export async function listPageSessions(
  { pageSessions }: Place,
  nowMs: number,
): Promise<readonly PageSession[]> {
  return pageSessions.list(nowMs);
}

/** Signs a browser out, at once. Throws `page/session-unknown`. */
export async function revokePageSession(
  { pageSessions }: Place,
  idText: string,
  how: { readonly by: Actor; readonly nowMs: number },
): Promise<PageSession> {
  const id = /^\d{1,15}$/.test(idText) ? asId<PageSessionId>(Number(idText)) : undefined;
  const session = id === undefined ? undefined : await pageSessions.revoke(id, how);
  if (session !== undefined) return session;
  throw new GatewayError(
    "page/session-unknown",
    `No signed-in browser has the number ${JSON.stringify(idText)}.`,
    {
      hint: "See who is signed in with `coderclaw gateway sessions list`.",
    },
  );
}
