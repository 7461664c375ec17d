// Links, signing in and out, and the browsers that are signed in.
import type { Context } from "hono";
import { makePageLink } from "../../control/page/link.ts";
import {
  listPageSessions,
  revokePageSession,
  SESSION_LIFETIME_MS,
  signIn,
} from "../../control/page/sign-in.ts";
import { reachable } from "../../control/gateway-address.ts";
import { GatewayError } from "../../model/errors.ts";
import type { PageSession } from "../../model/page-session.ts";
import type { SessionAnswer, SessionsAnswer, SignInAnswer } from "../api.ts";
import type { App, AppEnv, Serving } from "../serving.ts";
import { Attempts } from "../attempts.ts";
import { optionalText, readBody, requiredText } from "../body.ts";
import { actorOf, requireOwnPage, type Caller } from "../caller.ts";
import { publicUrlOf } from "../doors.ts";

const SIGN_INS_PER_MINUTE = 10;

/** Adds the routes. */
export function addSessionRoutes(app: App, serving: Serving): void {
  const { running, now, cookieName, streams } = serving;
  const attempts = new Attempts(SIGN_INS_PER_MINUTE);

  app.post("/api/sign-in", async (context) => {
    const address = addressOf(context);
    const waitMs = attempts.add(address, now());
    if (waitMs > 0) throw tooManyTries(waitMs);
    requireOwnPage(context.req.raw);
    const code = requiredText(await readBody(context), "code");
    const userAgent = context.req.header("user-agent") ?? "";
    const { session, token } = await signIn(running.store, code, { userAgent, nowMs: now() });
    attempts.forgive(address);
    context.header("Set-Cookie", cookie(context, token, SESSION_LIFETIME_MS / 1000));
    return context.json<SignInAnswer>({ session });
  });

  app.post("/api/sign-out", async (context) => {
    const session = sessionIn(context.get("caller"));
    if (session !== undefined) {
      await revokePageSession(running.store, `${session.id}`, madeBy(context, now()));
      streams.endSession(session.id);
    }
    context.header("Set-Cookie", cookie(context, "", 0));
    return context.json({});
  });

  app.get("/api/session", (context) =>
    context.json<SessionAnswer>({ session: sessionIn(context.get("caller")), version: running.version }),
  );

  app.get("/api/sessions", async (context) =>
    context.json<SessionsAnswer>({
      sessions: await listPageSessions(running.store, now()),
      current: sessionIn(context.get("caller"))?.id,
    }),
  );

  app.post("/api/sessions/:id/revoke", async (context) => {
    const session = await revokePageSession(running.store, context.req.param("id"), madeBy(context, now()));
    streams.endSession(session.id);
    return context.json({ session });
  });

  app.post("/api/page-links", async (context) => {
    const caller = context.get("caller");
    const given = optionalText(await readBody(context), "linkFrom")?.slice(0, 100);
    const linkFrom = caller.kind === "browser" ? actorOf(caller) : (given ?? actorOf(caller));
    const { bind, port } = serving.doors().listening;
    const addresses = { address: { host: reachable(bind), port }, publicUrls: serving.doors().publicUrls };
    return context.json(await makePageLink(running.store, addresses, { linkFrom, nowMs: now() }));
  });

  /** The whole path of a public address, so that what else its host serves is not handed the cookie. */
  function cookie(context: Context<AppEnv>, value: string, seconds: number): string {
    const path = publicUrlOf(context.req.raw, serving.doors())?.path ?? "/";
    const isSecure = context.req.header("origin")?.startsWith("https:") === true;
    const attributes = `Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
    return `${cookieName}=${value}; ${attributes}`;
  }
}

function madeBy(context: Context<AppEnv>, nowMs: number) {
  return { by: actorOf(context.get("caller")), nowMs };
}

function sessionIn(caller: Caller): PageSession | undefined {
  return caller.kind === "browser" ? caller.session : undefined;
}

/** A proxy on this machine adds whom it asks for as the last one; nobody else is believed. */
function addressOf({ env, req }: Context<AppEnv>): string {
  const peer = env.incoming?.socket?.remoteAddress ?? "";
  const isLocal = peer === "" || peer === "::1" || /^(?:::ffff:)?127\./.test(peer);
  const forwarded = isLocal ? req.header("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  return (forwarded ?? peer).slice(0, 64);
}

function tooManyTries(waitMs: number): GatewayError {
  return new GatewayError("page/too-many-tries", "Too many attempts to sign in came from this address.", {
    hint: `Wait ${Math.ceil(waitMs / 1000)} seconds, then open the link again.`,
  });
}
