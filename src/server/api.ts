// What the API takes and answers, as types: the server's routes and the page's one file that asks share them. A value that is undefined is
// left out of the JSON. Every text that people or agents wrote is data; texts that may be long are clipped, with their whole length beside them.
import type { Explanation } from "../control/explain/explain.ts";
import type { Home } from "../control/page/home.ts";
import type { PageLink } from "../control/page/link.ts";
import type { Finding } from "../control/status/doctor.ts";
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

export type { Page } from "../control/page/piece.ts";

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

/** `GET doctor`: everything that is wrong, worst first, and what can be repaired here. `POST doctor/repair` with `{ id }`. */
export interface DoctorAnswer {
  readonly findings: readonly Finding[];
  readonly repairs: readonly RepairItem[];
}

/** A repair, shown before it is done. */
export interface RepairItem {
  /** Names this very repair. */
  readonly id: string;
  /** One sentence. */
  readonly problem: string;
  /** What is changed, as a command. */
  readonly change: string;
}

/** `GET explain/:guidOrRow`. */
export interface ExplainAnswer {
  readonly messages: readonly Explanation[];
}

// ── Inbox ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export type {
  InboxAnswer,
  InboxItem,
  ApprovalItem,
  PairingItem,
  ParkedItem,
  WarningItem,
} from "../control/page/inbox.ts";

/** `GET inbox/count`: how much waits for the owner's decision. */
export interface CountAnswer {
  readonly waiting: number;
}

// ── Conversations ───────────────────────────────────────────────────────────────────────────────────────────────────

export type {
  ConversationAnswer,
  ConversationItem,
  ConversationPerson,
} from "../control/conversations/list.ts";
export type {
  ApprovalRow,
  MessageRow,
  PartRow,
  TimelineRow,
  TurnRow,
} from "../control/conversations/timeline.ts";
export type { Verdict } from "../control/conversations/verdict.ts";

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

export type { AgentsAnswer, AgentItem, RunningTurn, AgentSessionItem } from "../control/page/agents.ts";

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

export type { ActivityItem, ActivityKind } from "../control/activity/activity.ts";
export type { LogItem } from "../control/conversations/log.ts";

// ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `hello`, the first event of the stream `GET events`. */
export interface HelloEvent {
  readonly bootId: string;
  readonly seq: number;
  readonly version: string;
  readonly startedAtMs: number;
  /** What was missed is not known any more: everything shown must be read again. */
  readonly gap: boolean;
  /** How much waits for the owner's decision. */
  readonly waiting: number;
}

/** Any other event of it. */
export interface StreamEvent extends GatewayEvent {
  readonly topic: Topic;
}
