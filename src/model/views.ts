// The journal read for people, a page at a time: every list is walked by a key and bounded, however much was recorded.
import type { ApprovalRecord } from "./approval.ts";
import type { Decision } from "./decision.ts";
import type {
  AccountId,
  AgentId,
  ApprovalId,
  ConversationId,
  EntryId,
  PartId,
  SessionKey,
  TurnId,
} from "./ids.ts";
import type { Entry, OutboxItem } from "./journal.ts";
import type { SessionChoices } from "./agent-session.ts";

/** Reading for the control page and the command line's lists. */
export interface Views {
  /** Decisions of an account since a moment, by the hour (epoch ms of its beginning, UTC) and code; oldest first. */
  decisionsByHour(accountId: AccountId, sinceMs: number): Promise<readonly HourCount[]>;
  /** Conversations, the one with the newest message first. */
  conversations(page: ConversationsPage): Promise<readonly ConversationView[]>;
  conversation(id: ConversationId): Promise<ConversationView | undefined>;
  /** Those who wrote in the newest 300 messages of a conversation, the latest first; at most 30. */
  people(id: ConversationId): Promise<readonly ConversationWriter[]>;
  /** What happened in a conversation, newest first. Contract: at most `limit` things of all kinds, fewer where they are long. */
  timeline(id: ConversationId, page: TimelinePage): Promise<TimelinePiece>;
  /** Journaled messages of every conversation, newest first; with `after` oldest first. */
  journal(page: JournalPage): Promise<readonly JournalView[]>;
  /** Questions of agents that wait for an answer, the oldest first. */
  pendingApprovals(nowMs: number, limit: number): Promise<readonly PendingApprovalView[]>;
  /** How much waits for the owner's decision: questions, pairing requests, parked messages. */
  countWaiting(nowMs: number): Promise<number>;
  /** What the senders of pairing requests wrote first, in the order given; undefined: it is no longer kept. */
  firstTexts(
    requests: readonly { readonly accountId: AccountId; readonly code: string }[],
  ): Promise<readonly (string | undefined)[]>;
  /** Turns that run now, the oldest first; at most 100. */
  runningTurns(): Promise<readonly RunningTurnView[]>;
  /** Sessions of an agent, the one with the latest turn first. */
  sessionsOf(agentId: AgentId, page: SessionsPage): Promise<readonly SessionSummary[]>;
  /** The session that answered last in a conversation. */
  lastSession(id: ConversationId): Promise<SessionSummary | undefined>;
}

/** How far a message has come. A command that is not finished is `waiting`, in whichever way it is carried out. */
export type EntryState = "undecided" | "held" | "waiting" | "taken" | "done";

/** A turn as people see it. */
export interface TurnView {
  readonly id: TurnId;
  readonly agentId: AgentId;
  readonly sessionKey: SessionKey;
  readonly attempts: number;
  readonly state: "running" | "answered" | "failed" | "stopped";
  readonly startedAtMs: number;
  readonly finishedAtMs: number | undefined;
  readonly failure: string | undefined;
  readonly ref: string | undefined;
  /** When it was run again, oldest first, and whether the gateway was killed before or stopped in order. */
  readonly resumed?: readonly { readonly atMs: number; readonly wasKilled: boolean }[];
}

/** What an agent remembers by. */
export interface SessionSummary {
  readonly key: SessionKey;
  readonly sessionId: string;
  readonly agentId: AgentId;
  readonly createdAtMs: number;
  readonly lastTurnAtMs: number | undefined;
  readonly turns: number;
  readonly choices: SessionChoices;
}

/** How often something was decided in an hour. */
export interface HourCount {
  readonly hourMs: number;
  /** `turn` for a turn. */
  readonly code: string;
  readonly count: number;
}

/** Which conversations. */
export interface ConversationsPage {
  readonly accountId: AccountId | undefined;
  /** Part of a name, a handle or an identifier; empty: all. */
  readonly search: string;
  /** `lastEntry` of the last one of the piece before. */
  readonly before: EntryId | undefined;
  readonly limit: number;
}

/** A conversation as lists show it. */
export interface ConversationView {
  readonly id: ConversationId;
  readonly accountId: AccountId;
  /** The chat's own name; may be empty. */
  readonly name: string;
  readonly chatIdentifier: string;
  readonly isGroup: boolean;
  readonly peer: string | undefined;
  readonly lastEntry: EntryId;
  /** Undefined: that message is no longer kept. */
  readonly last: Pick<Entry, "message" | "receivedAtMs"> | undefined;
  readonly isRunning: boolean;
  readonly waiting: number;
  readonly isMuted: boolean;
}

/** Somebody who wrote. */
export interface ConversationWriter {
  readonly handle: string;
  readonly name: string | undefined;
  readonly lastAtMs: number;
}

/** Where something stands in a conversation. At the same moment a message comes before the turn that it began, and that before its parts. */
export interface TimelinePlace {
  readonly atMs: number;
  readonly kind: Happening["kind"];
  /** Of an entry, turn, approval or part. */
  readonly id: string | number;
}

/** Which part of a timeline: what stands before a place, newest first. */
export interface TimelinePage {
  readonly before: TimelinePlace | undefined;
  readonly limit: number;
}

/** A piece of a timeline. */
export interface TimelinePiece {
  readonly items: readonly Happening[];
  /** Something stands before the last of them. */
  readonly isMore: boolean;
}

/** Something that happened in a conversation. */
export type Happening =
  | HappeningOf<"message", EntryId, { readonly entry: Entry; readonly decision: Decision | undefined }>
  | HappeningOf<"turn", TurnId, { readonly turn: TurnView }>
  | HappeningOf<"approval", ApprovalId, { readonly approval: ApprovalRecord }>
  | HappeningOf<"part", PartId, { readonly part: OutboxItem }>;

type HappeningOf<Kind extends string, Id, Fact> = Fact & {
  readonly kind: Kind;
  readonly atMs: number;
  readonly id: Id;
};

/** Which journaled messages: those before an entry, newest first, or those after one, oldest first. */
export interface JournalPage {
  readonly accountId: AccountId | undefined;
  readonly before?: EntryId | undefined;
  readonly after?: EntryId | undefined;
  readonly limit: number;
}

/** A journaled message with what was decided last. */
export interface JournalView {
  readonly entry: Entry;
  readonly state: EntryState;
  readonly decision: Decision | undefined;
}

/** A question that waits for an answer. */
export interface PendingApprovalView {
  readonly record: ApprovalRecord;
  /** Of the turn. */
  readonly conversationId: ConversationId;
  /** Whose message the turn answers. */
  readonly onBehalfOf: string | undefined;
  readonly expiresAtMs: number;
}

/** A turn that runs. */
export interface RunningTurnView {
  readonly id: TurnId;
  readonly accountId: AccountId;
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  readonly sessionKey: SessionKey;
  readonly attempt: number;
  readonly startedAtMs: number;
}

/** Which sessions; `before` is the last one of the piece before. */
export interface SessionsPage {
  readonly before: { readonly lastAtMs: number; readonly key: SessionKey } | undefined;
  readonly limit: number;
}
