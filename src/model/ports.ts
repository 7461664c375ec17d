// What the flows need from the world beside the state database: imsg, agents, time, and whoever watches.
import type { AgentOffers } from "./agent-session.ts";
import type { CommandAnswer, CommandEntry } from "./command.ts";
import type { OutboundPart, SendOutcome } from "./delivery.ts";
import type { AccountId, AgentId, AttemptId, EntryId, MessageGuid, PartId, RowId, TurnId } from "./ids.ts";
import type { Position } from "./journal.ts";
import type { ChatSummary, InboundMessage } from "./message.ts";
import type { ApprovalRequest } from "./approval.ts";
import type { Target } from "./target.ts";
import type { AgentEvent, AgentRequest, EarlierTurn } from "./turn.ts";

/** Time, given rather than taken, so that a test can own it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}

/** Something happened to the reading of an account. */
export type WatchEvent =
  | {
      readonly kind: "rows";
      readonly rows: readonly InboundMessage[];
      readonly cursor: RowId;
      readonly missed: boolean;
      readonly healthyAtMs: number;
    }
  /** What was missed before this (re)opening of the watch has all been handed over. */
  | { readonly kind: "caught-up" }
  /** The database is not the one of the stored position; the watch went on from `position`. */
  | { readonly kind: "replaced"; readonly because: string };

/** One account's `imsg`. */
export interface Messages {
  readonly accountId: AccountId;
  /**
   * Starts the children and keeps the watch open until `close`.
   *
   * Contract: events come one at a time, each after the promise of the one before; a rejected promise reopens the watch from the
   * stored position. Between `caught-up` events rows are in row order. The same row may come again.
   */
  open(sink: WatchSink): void;
  /** Sends one part. Contract: never rejects; settles once the child answered, ended, or ran out of time. */
  send(part: OutboundPart): Promise<SendOutcome>;
  /** Looks for a part of unknown fate in imsg's send status, then in the chat's history. Rejects when that cannot be read. */
  lookUp(part: OutboundPart, known: KnownGuids): Promise<LookUp>;
  /** Shows in the chat that somebody is typing, or no longer, where the account's imsg can. Contract: best effort; never rejects. */
  typing(target: Target, isTyping: boolean): Promise<void>;
  /** Newest messages of a chat, newest first. */
  history(chatId: number, options: { limit: number; sinceMs?: number }): Promise<readonly InboundMessage[]>;
  /** Chats, newest activity first. */
  chats(limit: number): Promise<readonly ChatSummary[]>;
  /** The chat that a target names, however long ago it was used. Rejects when not every chat could be looked at and none of them is it. */
  chat(target: Target): Promise<ChatSummary | undefined>;
  /** Rows that came without their chat, as they are now that Messages joined them to one; those that it has not are left out. */
  joined(rows: readonly InboundMessage[]): Promise<readonly InboundMessage[]>;
  health(): AccountHealth;
  close(): Promise<void>;
}

/** Says which of these guids belong to other parts and so cannot be the one looked for. */
export type KnownGuids = (guids: readonly MessageGuid[]) => Promise<ReadonlySet<MessageGuid>>;

/** `absent` is certain: the chat was read without error and has no such row; `unclear` is anything less. */
export type LookUp =
  | { readonly kind: "found"; readonly guid: MessageGuid; readonly rowId: RowId | undefined }
  | { readonly kind: "absent" }
  | { readonly kind: "unclear"; readonly reason: string };

/** What a watch needs from its owner. */
export interface WatchSink {
  position(): Promise<Position | undefined>;
  begin(position: Position): Promise<void>;
  onEvent(event: WatchEvent): Promise<void>;
  onHealth(health: AccountHealth): void;
}

/** One child's state. */
export type ChildState = "starting" | "ready" | "waiting" | "stopped";

/** Separate verdicts for reading, watching and sending, each by what was seen and never by traffic alone. */
export interface AccountHealth {
  readonly reading: {
    readonly state: ChildState;
    readonly reason: string | undefined;
    readonly restarts: number;
  };
  readonly watching: {
    readonly ok: boolean;
    /** Why it is not; undefined too while the first watch is being opened. */
    readonly reason: string | undefined;
    /** Newest row id the database was seen to have. */
    readonly head: number | undefined;
    /** Epoch ms of the last moment at which stream and database were seen to agree. */
    readonly healthyAtMs: number | undefined;
    /** Epoch ms of the last row. */
    readonly lastEventAtMs: number | undefined;
  };
  readonly sending: {
    readonly state: ChildState;
    readonly reason: string | undefined;
    readonly restarts: number;
    /** What is wrong with Messages itself, by the last send: no message of the account goes out until it is fixed. */
    readonly trouble?: { readonly message: string; readonly fix: string };
  };
  readonly dialect: "legacy" | "v1" | undefined;
  readonly version: string | undefined;
}

/**
 * The machine that an account's imsg runs on: the one object that knows what is local and what is remote. Paths of imsg are paths of
 * that machine, `~` in them is the home of its user.
 */
export interface Mac {
  /** False: imsg runs on this machine, under this user. */
  readonly isRemote: boolean;
  /** For people: `this machine`, or `user@host`. */
  readonly name: string;
  /**
   * Copies a file of that machine to `to`, a path that is not there yet.
   *
   * Contract: a file that is still being written is waited for until it has `expectedBytes` (when that is known), within the limits.
   * Nothing is left at `to` after a rejection. Rejects with `media/…` codes; the message is fit for people.
   */
  fetch(path: string, to: string, limits: FetchLimits): Promise<{ readonly bytes: number }>;
  /** Makes a file of this machine readable for imsg, under this name. Contract: `release` removes what was copied, and never rejects. */
  stage(file: string, name: string): Promise<StagedFile>;
  /** Removes what an earlier run staged for this account and could not release. Contract: never rejects. */
  tidy(): Promise<void>;
  /** Ends what is kept open. */
  close(): Promise<void>;
}

/** Bounds of one copy. */
export interface FetchLimits {
  readonly expectedBytes: number | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A file as imsg can read it. */
export interface StagedFile {
  readonly path: string;
  release(): Promise<void>;
}

/** A kind of agent. */
export interface AgentRuntime {
  /** What the text of its answers is: `plain` is sent as it is, `markdown` becomes what Messages can show. */
  readonly output: "plain" | "markdown";
  /** It knows by itself what was said in its session: earlier turns are not told it in the prompt. */
  readonly remembers: boolean;
  /**
   * Runs a turn. The stream ends when the agent is done; aborting the signal ends the agent and everything it started for this turn.
   *
   * Contract: does not throw for what the agent does; that is a `failed` event.
   */
  run(request: AgentRequest, signal: AbortSignal, host: TurnHost): AsyncIterable<AgentEvent>;
  /** What it offers in a session, as last heard of; undefined: nothing, or nothing heard yet. */
  offers(sessionId: string): Promise<AgentOffers | undefined>;
  close(): Promise<void>;
}

/** What an agent is told of its request. */
export interface ApprovalAnswer {
  /** One of the request's options; undefined: none fits, the agent is told that it was cancelled. */
  readonly optionId: string | undefined;
  /** People were told why it is a no; the agent need not. */
  readonly isExplained: boolean;
}

/** What an agent may ask of the gateway while it runs a turn. */
export interface TurnHost {
  /** Asks whoever may decide. Contract: never rejects, and settles within the time a request may be open, or at the end of the turn. */
  ask(request: ApprovalRequest): Promise<ApprovalAnswer>;
  /** The answered turns of this session before this one, oldest first; no more than the configuration lets be shown. */
  transcript(): Promise<readonly EarlierTurn[]>;
}

/** Carries out what commands in chat ask for. */
export interface ChatOperations {
  /**
   * Does what a command does outside of the store's own effect, and says what is to be changed and answered.
   *
   * Contract: does not reject for what a person wrote or what is refused: that is a short reply. Text goes to the sender as it is:
   * nothing secret is in it, and no internals for those who are not the owner.
   */
  run(command: CommandEntry): Promise<CommandAnswer>;
  /** True for a command that must not be carried out twice: it changes what is outside of the store's own effect. */
  isOnceOnly(command: CommandEntry): boolean;
}

/** Steps between a line of imsg and a sent answer; each is told after what it names is durable or done. */
export type Step =
  | "line.received"
  | "rows.accepted"
  | "rows.decided"
  | "turn.begun"
  | "agent.said"
  | "agent.answered"
  | "turn.finished"
  | "approval.asked"
  | "approval.taken"
  | "command.begun"
  | "command.finished"
  | "part.claimed"
  | "send.answered"
  | "part.settled";

/** Told what the gateway does, as it does it. Contract: must not throw; it is called in the middle of the work. */
export interface Observer {
  step(step: Step, facts: StepFacts): void;
}

export interface StepFacts {
  readonly accountId: AccountId;
  readonly entryId?: EntryId;
  readonly guid?: MessageGuid;
  readonly turnId?: TurnId;
  readonly partId?: PartId;
  readonly attemptId?: AttemptId;
  /** Of a turn. */
  readonly agentId?: AgentId;
  /** What came of it, as one word: the code of a decision, how a turn ended, what a send came to. */
  readonly outcome?: string;
  /** One readable line, free of secrets. */
  readonly text?: string;
  /** Of `agent.said`: a piece of what the agent says, as it says it. */
  readonly said?: string;
}
