// What the API answers, as types: the server's routes and the page's one file that asks share them.
import type { Home } from "../control/page/home.ts";
import type { PageLink } from "../control/page/link.ts";
import type { GatewayEvent } from "../control/status/running.ts";
import type { Topic } from "../control/status/topics.ts";
import type { PageSession } from "../model/page-session.ts";

/** `{ error }`, with a status of 400 and more. */
export interface ErrorAnswer {
  readonly error: {
    /** Of `docs/errors.md`. */
    readonly code: string;
    /** What happened. */
    readonly message: string;
    /** What to do about it, in one sentence. */
    readonly hint: string;
  };
}

/** `POST sign-in` with `{ code }`. */
export interface SignInAnswer {
  readonly session: PageSession;
}

/** `GET session`. */
export interface SessionAnswer {
  /** Undefined for a program. */
  readonly session: PageSession | undefined;
  readonly version: string;
}

/** `GET sessions`. */
export interface SessionsAnswer {
  readonly sessions: readonly PageSession[];
  /** The one that asks. */
  readonly current: number | undefined;
}

/** `POST page-links`. */
export type PageLinkAnswer = PageLink;

/** `GET home`. */
export type HomeAnswer = Home;

/** `hello`, the first event of a stream. */
export interface HelloEvent {
  readonly bootId: string;
  readonly seq: number;
  readonly version: string;
  readonly startedAtMs: number;
  /** What was missed is not known any more: everything shown must be read again. */
  readonly gap: boolean;
}

/** Any other event of a stream. */
export interface StreamEvent extends GatewayEvent {
  readonly topic: Topic;
}
