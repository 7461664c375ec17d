// The one file that talks to the gateway: every address is relative, so the page works below any path.
import type {
  ActivityItem,
  ActivityKind,
  AgentSessionItem,
  AgentsAnswer,
  ConfigAnswer,
  ConfigChangeAnswer,
  ConfigEdit,
  ConfigPreviewAnswer,
  ConversationAnswer,
  ConversationItem,
  CountAnswer,
  DoctorAnswer,
  DoneAnswer,
  ErrorAnswer,
  ExplainAnswer,
  HomeAnswer,
  InboxAnswer,
  LogItem,
  Page,
  PageLinkAnswer,
  ProbeAnswer,
  SessionAnswer,
  SessionsAnswer,
  SignInAnswer,
  TimelineRow,
  TryAnswer,
  WrittenAnswer,
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

type Params = Readonly<Record<string, string | number | undefined>>;

/** A path with a query of what is given. */
function withQuery(path: string, params: Params): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return query.size === 0 ? path : `${path}?${query}`;
}

const named = encodeURIComponent;

/** Everything the page asks, one function a question. Contract: rejects with `ApiError`. */
export const api = {
  signIn: async (code: string) => post<SignInAnswer>("sign-in", { code }),
  signOut: async () => post<object>("sign-out"),
  session: async () => get<SessionAnswer>("session"),
  sessions: async (signal?: AbortSignal) => get<SessionsAnswer>("sessions", signal),
  revokeSession: async (id: number) => post<object>(`sessions/${id}/revoke`),
  pageLink: async () => post<PageLinkAnswer>("page-links"),

  home: async (signal?: AbortSignal) => get<HomeAnswer>("home", signal),
  doctor: async (signal?: AbortSignal) => get<DoctorAnswer>("doctor", signal),
  repair: async (id: string) => post<DoneAnswer>("doctor/repair", { id }),
  restartAccount: async (account: string) => post<DoneAnswer>(`accounts/${named(account)}/restart`),
  probe: async (account?: string) => post<ProbeAnswer>("probe", { account }),
  explain: async (guid: string, signal?: AbortSignal) => get<ExplainAnswer>(`explain/${named(guid)}`, signal),

  inbox: async (signal?: AbortSignal) => get<InboxAnswer>("inbox", signal),
  countWaiting: async () => get<CountAnswer>("inbox/count"),
  answerApproval: async (id: number, optionId: string) =>
    post<DoneAnswer>(`approvals/${id}/answer`, { optionId }),
  approvePairing: async (account: string, code: string, owner: boolean) =>
    post<DoneAnswer>(`pairings/${named(code)}/approve`, { account, owner }),
  denyPairing: async (account: string, code: string) =>
    post<DoneAnswer>(`pairings/${named(code)}/deny`, { account }),
  retryPart: async (id: number) => post<DoneAnswer>(`outbox/${id}/retry`),
  dropPart: async (id: number) => post<DoneAnswer>(`outbox/${id}/drop`),

  conversations: async (asked: { search?: string; before?: string }, signal?: AbortSignal) =>
    get<Page<ConversationItem>>(withQuery("conversations", asked), signal),
  conversation: async (id: number, signal?: AbortSignal) =>
    get<ConversationAnswer>(`conversations/${id}`, signal),
  timeline: async (id: number, before?: string, signal?: AbortSignal) =>
    get<Page<TimelineRow>>(withQuery(`conversations/${id}/timeline`, { before }), signal),
  write: async (id: number, text: string) => post<WrittenAnswer>(`conversations/${id}/send`, { text }),
  stopTurn: async (id: number) => post<DoneAnswer>(`conversations/${id}/stop`),
  newSession: async (id: number) => post<DoneAnswer>(`conversations/${id}/new-session`),
  mute: async (id: number, muted: boolean) => post<DoneAnswer>(`conversations/${id}/mute`, { muted }),
  allow: async (id: number, handle: string) => post<DoneAnswer>(`conversations/${id}/allow`, { handle }),
  block: async (id: number, handle: string) => post<DoneAnswer>(`conversations/${id}/block`, { handle }),

  agents: async (signal?: AbortSignal) => get<AgentsAnswer>("agents", signal),
  agentSessions: async (agent: string, before: string, signal?: AbortSignal) =>
    get<Page<AgentSessionItem>>(withQuery(`agents/${named(agent)}/sessions`, { before }), signal),
  tryAgent: async (agent: string, text: string) => post<TryAnswer>(`agents/${named(agent)}/try`, { text }),
  choose: async (agent: string, chosen: { key: string; what: "mode" | "model"; choice?: string }) =>
    post<DoneAnswer>(`agents/${named(agent)}/choose`, chosen),
  resetSession: async (agent: string, key: string) =>
    post<DoneAnswer>(`agents/${named(agent)}/reset`, { key }),
  /** The address of a file to save. */
  exportAddress: (agent: string, key: string, format: "markdown" | "jsonl" | "json") =>
    `./api/${withQuery(`agents/${named(agent)}/export`, { key, format })}`,

  config: async (signal?: AbortSignal) => get<ConfigAnswer>("config", signal),
  previewConfig: async (version: string, change: { edits: readonly ConfigEdit[] } | { undo: true }) =>
    post<ConfigPreviewAnswer>("config/preview", { version, ...change }),
  changeConfig: async (version: string, change: { edits: readonly ConfigEdit[] } | { undo: true }) =>
    post<ConfigChangeAnswer>("config/change", { version, ...change }),

  activity: async (asked: { kind?: ActivityKind; before?: string }, signal?: AbortSignal) =>
    get<Page<ActivityItem>>(withQuery("activity", asked), signal),
  /** The address of a file to save. */
  activityAddress: (kind?: ActivityKind) => `./api/${withQuery("activity/export", { kind })}`,
  log: async (asked: { account?: string; before?: string }, signal?: AbortSignal) =>
    get<Page<LogItem>>(withQuery("log", asked), signal),

  /** The stream of what the gateway does. */
  events: () => new EventSource("./api/events"),
};
