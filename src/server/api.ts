// What the API takes and answers, as types: the server's routes and the page's one file that asks share them. A value that is undefined is
// left out of the JSON. Every text that people or agents wrote is data; texts that may be long are clipped, with their whole length beside them.
import type { Explanation } from "../control/explain/explain.ts";
import type { Home } from "../control/page/home.ts";
import type { PageLink } from "../control/page/link.ts";
import type { AccountProbe } from "../control/status/probe.ts";
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

/** A piece of a list, newest first. `next`: give it as `before` for the piece after it; undefined: that was all. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

// ── Signing in ──────────────────────────────────────────────────────────────────────────────────────────────────────

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

/** `GET sessions`; `POST sessions/:id/revoke` ends one. */
export interface SessionsAnswer {
  readonly sessions: readonly PageSession[];
  /** The one that asks. */
  readonly current: number | undefined;
}

/** `POST page-links`. */
export type PageLinkAnswer = PageLink;

// ── Home ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET home`. */
export type HomeAnswer = Home;

/** `POST probe` with `{ account? }`. */
export interface ProbeAnswer {
  readonly probes: readonly AccountProbe[];
}

/** `GET explain/:guidOrRow`. */
export interface ExplainAnswer {
  readonly messages: readonly Explanation[];
}

// ── Inbox ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET inbox`: everything that waits for the owner, the oldest of each kind first. */
export interface InboxAnswer {
  readonly items: readonly InboxItem[];
  /** What waits beside the items given. */
  readonly more: number;
}

export type InboxItem = ApprovalItem | PairingItem | ParkedItem | WarningItem;

interface InboxItemBase {
  /** Stable: the same thing has the same id, and a button answers for the id that it was drawn for. */
  readonly id: string;
}

/** An agent's question. `POST approvals/:approvalId/answer` with `{ optionId }`; `approval/over` where it is settled already. */
export interface ApprovalItem extends InboxItemBase {
  readonly kind: "approval";
  readonly approvalId: number;
  readonly accountId: string;
  readonly agentId: string;
  readonly conversationId: number;
  /** Whose message the agent works on. */
  readonly onBehalfOf: string | undefined;
  readonly title: string;
  /** `edit`, `execute`, `fetch`, …; `other`. */
  readonly toolKind: string;
  readonly places: readonly string[];
  /** The command, or the diff, as the agent gave it; may be empty. */
  readonly detail: string;
  readonly detailChars: number;
  readonly options: readonly {
    readonly id: string;
    readonly label: string;
    readonly kind: "allow_once" | "allow_always" | "reject_once" | "reject_always";
  }[];
  readonly askedAtMs: number;
  readonly expiresAtMs: number;
}

/** A stranger. `POST pairings/:code/approve` with `{ account, owner? }`, `POST pairings/:code/deny` with `{ account }`. */
export interface PairingItem extends InboxItemBase {
  readonly kind: "pairing";
  readonly accountId: string;
  readonly handle: string;
  readonly code: string;
  readonly heldMessages: number;
  /** The first of them, clipped. */
  readonly firstText: string | undefined;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** A message that could not be sent. `POST outbox/:partId/retry`, `POST outbox/:partId/drop`. */
export interface ParkedItem extends InboxItemBase {
  readonly kind: "parked";
  readonly partId: number;
  readonly accountId: string;
  readonly conversationId: number | undefined;
  readonly to: string;
  readonly text: string;
  readonly textChars: number;
  readonly file: { readonly name: string; readonly bytes: number } | undefined;
  readonly reason: string;
  readonly attempts: number;
  readonly createdAtMs: number;
}

/** Something that does not work, or surely not as meant. */
export interface WarningItem extends InboxItemBase {
  readonly kind: "warning";
  readonly severity: "broken" | "warning";
  /** The account, or the place in the config. */
  readonly where: string | undefined;
  readonly message: string;
  readonly fix: string;
}

// ── Conversations ───────────────────────────────────────────────────────────────────────────────────────────────────

/** One of `GET conversations?search=&before=&limit=`. */
export interface ConversationItem {
  readonly id: number;
  readonly accountId: string;
  /** The chat's name; where it has none, the people in it. */
  readonly name: string;
  readonly isGroup: boolean;
  /** The one other person of a direct chat. */
  readonly peer: string | undefined;
  readonly lastAtMs: number;
  /** Who wrote last; undefined: we did. */
  readonly lastFrom: string | undefined;
  /** Clipped. */
  readonly lastText: string;
  /** An agent is at work. */
  readonly isRunning: boolean;
  /** Messages that wait for an agent. */
  readonly waiting: number;
  readonly isMuted: boolean;
}

/** `GET conversations/:id`. */
export interface ConversationAnswer {
  readonly conversation: ConversationItem;
  /** Who answers there. */
  readonly agent: { readonly id: string; readonly name: string };
  readonly session:
    | { readonly key: string; readonly turns: number; readonly createdAtMs: number }
    | undefined;
  /** Those who wrote there, the latest first. */
  readonly people: readonly ConversationPerson[];
  /** Why nothing can be written there by hand; undefined: it can. */
  readonly cannotSend: string | undefined;
}

export interface ConversationPerson {
  readonly handle: string;
  readonly name: string | undefined;
  readonly access: "owner" | "allowed" | "paired" | "asked" | "none";
}

/** One of `GET conversations/:id/timeline?before=&limit=`. */
export type TimelineRow = MessageRow | TurnRow | PartRow | ApprovalRow;

interface TimelineRowBase {
  /** Stable and unique in the timeline. */
  readonly key: string;
  readonly atMs: number;
}

/** What somebody wrote. "Why?" asks `explain/:guid`. */
export interface MessageRow extends TimelineRowBase {
  readonly kind: "message";
  readonly guid: string;
  readonly rowId: number;
  /** Undefined: it was written on one of the owner's own devices. */
  readonly from: string | undefined;
  readonly fromName: string | undefined;
  readonly text: string;
  readonly textChars: number;
  readonly files: readonly {
    readonly name: string;
    readonly mimeType: string;
    readonly bytes: number;
    readonly missing: boolean;
  }[];
  /** A tapback, such as `❤️`. */
  readonly reaction: string | undefined;
  readonly verdict: Verdict | undefined;
}

/** What was decided about a message. */
export interface Verdict {
  readonly outcome: "turn" | "command" | "answer" | "hold" | "remember" | "ignore";
  /** Of docs/troubleshooting.md; `turn`, `command` and `answer` for those. */
  readonly code: string;
  readonly because: string | undefined;
  readonly fix: string | undefined;
}

/** An agent's run. */
export interface TurnRow extends TimelineRowBase {
  readonly kind: "turn";
  readonly turnId: string;
  readonly agentId: string;
  readonly state: "running" | "answered" | "failed" | "stopped";
  readonly attempts: number;
  readonly finishedAtMs: number | undefined;
  readonly failure: string | undefined;
}

/** A message of ours, on its way or out. */
export interface PartRow extends TimelineRowBase {
  readonly kind: "part";
  readonly partId: number;
  readonly origin: "turn" | "progress" | "question" | "command" | "pairing" | "notice" | "send";
  readonly text: string;
  readonly textChars: number;
  readonly file: { readonly name: string; readonly bytes: number } | undefined;
  readonly state: "queued" | "sending" | "sent" | "unknown" | "parked" | "dropped";
  readonly reason: string | undefined;
  readonly attempts: number;
  readonly sentAtMs: number | undefined;
}

/** What an agent asked, and what became of it. */
export interface ApprovalRow extends TimelineRowBase {
  readonly kind: "approval";
  readonly approvalId: number;
  readonly agentId: string;
  readonly title: string;
  /** In words: `allowed, by +15551234567: Allow once`. */
  readonly decision: string;
  readonly isPending: boolean;
}

/** `POST conversations/:id/send` with `{ text }`. */
export interface WrittenAnswer {
  readonly partIds: readonly number[];
}

// `POST conversations/:id/stop`, `…/new-session`, `…/mute` with `{ muted }`, `…/allow` with `{ handle }`, `…/block` with `{ handle }`
// answer with a `DoneAnswer`.

/** What was done, in a sentence for people. */
export interface DoneAnswer {
  readonly done: string;
}

// ── Agents ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `GET agents`. */
export interface AgentsAnswer {
  readonly agents: readonly AgentItem[];
}

export interface AgentItem {
  readonly id: string;
  readonly name: string;
  readonly runtime: "echo" | "command" | "acp" | "model";
  /** The program, or the model and where it is; empty for an agent that needs nothing. */
  readonly runs: string;
  readonly workspace: string;
  readonly isDefault: boolean;
  /** False: its program is not on the gateway's machine. */
  readonly isThere: boolean;
  readonly running: readonly RunningTurn[];
  readonly sessions: readonly AgentSessionItem[];
  /** How many more sessions it has: `GET agents/:id/sessions?before=`. */
  readonly moreSessions: string | undefined;
}

export interface RunningTurn {
  readonly turnId: string;
  readonly accountId: string;
  readonly conversationId: number;
  readonly startedAtMs: number;
  readonly attempt: number;
  /** The end of what it said so far. */
  readonly output: string;
  readonly outputChars: number;
}

export interface AgentSessionItem {
  readonly key: string;
  readonly sessionId: string;
  readonly createdAtMs: number;
  readonly lastTurnAtMs: number | undefined;
  readonly turns: number;
  readonly mode: string | undefined;
  readonly model: string | undefined;
  /** What can be chosen, as far as the agent has said; `POST agents/:id/choose` with `{ key, what, choice? }`. */
  readonly modes: readonly { readonly id: string; readonly name: string }[];
  readonly models: readonly { readonly id: string; readonly name: string }[];
}

/** `POST agents/:id/try` with `{ text }`. `POST agents/:id/reset` with `{ key }`; `GET agents/:id/export?key=&format=`. */
export interface TryAnswer {
  readonly ok: boolean;
  /** What it answered, or why it did not. */
  readonly text: string;
  readonly tookMs: number;
}

// ── Config ──────────────────────────────────────────────────────────────────────────────────────────────────────────

export type {
  ConfigAnswer,
  ConfigProblemItem,
  ConfigKey,
  ConfigInput,
  ConfigEdit,
  ConfigPreviewAnswer,
  DiffLine,
  ConfigChangeAnswer,
} from "../control/page/config-answers.ts";

// ── Activity and log ────────────────────────────────────────────────────────────────────────────────────────────────

/** One of `GET activity?kind=&before=&limit=`; `GET activity/export?kind=` gives all as JSON lines. */
export interface ActivityItem {
  readonly id: number;
  readonly atMs: number;
  readonly kind: ActivityKind;
  /** `command line`, `chat +15551234567`, `page session 3`, `agent main`, `gateway`. */
  readonly actor: string;
  readonly accountId: string | undefined;
  readonly conversationId: number | undefined;
  /** One sentence. */
  readonly text: string;
}

export type ActivityKind = "pairing" | "approval" | "config" | "sign-in" | "outbox" | "session" | "failure";

/** One of `GET log?account=&before=&after=&limit=`: the journal, a row a message. */
export interface LogItem {
  readonly position: number;
  readonly accountId: string;
  readonly conversationId: number | undefined;
  readonly guid: string;
  readonly rowId: number;
  readonly atMs: number;
  readonly from: string;
  /** Clipped. */
  readonly text: string;
  readonly state: "undecided" | "held" | "waiting" | "taken" | "done";
  readonly verdict: Verdict | undefined;
}

// ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `hello`, the first event of the stream `GET events`. */
export interface HelloEvent {
  readonly bootId: string;
  readonly seq: number;
  readonly version: string;
  readonly startedAtMs: number;
  /** What was missed is not known any more: everything shown must be read again. */
  readonly gap: boolean;
}

/** Any other event of it. */
export interface StreamEvent extends GatewayEvent {
  readonly topic: Topic;
}
