// The one file that talks to the gateway: every address is relative, so the page works below any path.
import type {
  ErrorAnswer,
  HomeAnswer,
  PageLinkAnswer,
  SessionAnswer,
  SessionsAnswer,
  SignInAnswer,
} from "../src/server/api.ts";

/** Why the gateway did not do what was asked. `unreachable` is our own: it did not answer at all. */
export class ApiError extends Error {
  readonly code: string;
  readonly hint: string;

  constructor({ code, message, hint }: ErrorAnswer["error"]) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.hint = hint;
  }
}

const PATIENCE_MS = 20_000;

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`./api/${path}`, {
      ...init,
      signal: init.signal ?? AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new ApiError({
      code: "unreachable",
      message: "The gateway does not answer.",
      hint: "This page tries again by itself.",
    });
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok) return body as T;
  throw new ApiError((body as ErrorAnswer | undefined)?.error ?? unknownFailure(response.status));
}

function unknownFailure(status: number): ErrorAnswer["error"] {
  return {
    code: "unknown",
    message: `Something between this page and the gateway answered with status ${status}.`,
    hint: "Look at the proxy in front of the gateway.",
  };
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return ask<T>(path, signal === undefined ? {} : { signal });
}

async function post<T>(path: string, body: object = {}): Promise<T> {
  return ask<T>(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Everything the page asks, one function a question. Contract: rejects with `ApiError`. */
export const api = {
  signIn: async (code: string) => post<SignInAnswer>("sign-in", { code }),
  signOut: async () => post<object>("sign-out"),
  session: async () => get<SessionAnswer>("session"),
  sessions: async (signal?: AbortSignal) => get<SessionsAnswer>("sessions", signal),
  revokeSession: async (id: number) => post<object>(`sessions/${id}/revoke`),
  pageLink: async () => post<PageLinkAnswer>("page-links"),
  home: async (signal?: AbortSignal) => get<HomeAnswer>("home", signal),
  /** The stream of what the gateway does. */
  events: () => new EventSource("./api/events"),
};
