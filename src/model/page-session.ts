// Signing in to the control page: one-time codes, and the sessions that browsers get for them. Only hashes of secrets are kept.
import type { Actor } from "./activity.ts";
import type { PageSessionId } from "./ids.ts";

/** A browser that is signed in. */
export interface PageSession {
  readonly id: PageSessionId;
  /** For people: `Safari on iPhone`. */
  readonly device: string;
  /** Who asked for the link: `command line`, `chat +15551234567`, `page session 3`. */
  readonly linkFrom: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly expiresAtMs: number;
}

/** What a sign-in makes. */
export interface NewPageSession {
  /** SHA-256 of the cookie's token, in hex. */
  readonly tokenHash: string;
  readonly device: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

/** What became of a code. */
export type Redeemed =
  | { readonly kind: "signed-in"; readonly session: PageSession }
  | { readonly kind: "used" | "expired" | "unknown" };

/** One-time codes and sessions of the control page; what becomes of them is noted as activity. */
export interface PageSessions {
  /** Keeps a code, by its SHA-256 in hex. Contract: only the newest 50 codes count; an older one is unknown then. */
  issueCode(codeHash: string, code: NewPageCode): Promise<void>;
  /** Uses a code up and begins a session, in one transaction. Contract: of any number of callers with the same code, one is signed in. */
  redeem(codeHash: string, session: NewPageSession): Promise<Redeemed>;
  /** The session of a token; undefined when there is none, it has expired, or it was revoked. Its last use is noted, by the minute. */
  use(tokenHash: string, nowMs: number): Promise<PageSession | undefined>;
  /** Sessions that have not expired, the latest used first. Contract: at most 200. */
  list(nowMs: number): Promise<readonly PageSession[]>;
  /** Ends a session; the answer is the session it was. */
  revoke(
    id: PageSessionId,
    how: { readonly by: Actor; readonly nowMs: number },
  ): Promise<PageSession | undefined>;
}

/** A one-time code. */
export interface NewPageCode {
  readonly linkFrom: string;
  readonly nowMs: number;
  readonly expiresAtMs: number;
}
