// What the flows need from the state database. A verb is a whole transaction; no verb assumes that its caller is alone.
import type { Activity, Actor } from "./activity.ts";
import type { AgentSession } from "./agent-session.ts";
import type { CommandDone, CommandEffect, CommandEntry } from "./command.ts";
import type { Decision, Outcome } from "./decision.ts";
import type { KnownChat, OutboundPart, Settlement } from "./delivery.ts";
import type { Handle } from "./handle.ts";
import type {
  AccountId,
  AgentId,
  ConversationId,
  EntryId,
  MessageGuid,
  PartId,
  RowId,
  SessionKey,
  TurnId,
} from "./ids.ts";
import type { Decide, DecidedEntry, Entry, EntryFacts, NewGroup, OutboxItem, Position } from "./journal.ts";
import type { InboundMessage } from "./message.ts";
import type { ApprovalRecord } from "./approval.ts";
import type { ApprovalRegister } from "./approval-register.ts";
import type { PageSessions } from "./page-session.ts";
import type { Target } from "./target.ts";
import type { SessionSummary, TurnView, Views } from "./views.ts";
import type { EarlierTurn, Turn, TurnEnd, TurnMessage } from "./turn.ts";

/** The state database as a whole; every store opens to one. */
export interface Store {
  readonly inbox: Inbox;
  readonly turns: Turns;
  readonly commands: Commands;
  readonly outbox: Outbox;
  readonly sessions: Sessions;
  readonly agentSessions: AgentSessions;
  readonly approvals: ApprovalRegister;
  readonly pairings: Pairings;
  readonly records: Records;
  readonly processes: ProcessRegister;
  readonly pageSessions: PageSessions;
  readonly views: Views;
  readonly conversationActs: ConversationActs;
  readonly activity: Activity;
  /** Calls `listener` soon (within 300 ms) after another process changed the database; the answer stops it. */
  onForeignChange(listener: () => void): () => void;
  /** Contract: what was asked before is written first. */
  close(): Promise<void>;
}

/** Reading what was recorded: for `explain` and `status`. Nothing here is derived again. */
export interface Records {
  /** The story of a message by its guid, or by its row id (then the newest with it of each account). */
  explain(reference: { guid: MessageGuid } | { rowId: RowId }): Promise<readonly MessageStory[]>;
  /** The greatest row id up to which any account has read; undefined where none was ever started. */
  newestRow(): Promise<RowId | undefined>;
  overview(accountId: AccountId, nowMs: number): Promise<AccountOverview>;
  /** The chat that a target names, if the journal knows it. */
  chat(accountId: AccountId, target: Target): Promise<KnownChat | undefined>;
  /** The facts that a decision about this message would be given now. Contract: nothing is written. */
  facts(message: InboundMessage, asked: { handle: Handle | undefined; nowMs: number }): Promise<EntryFacts>;
  /** Threads whose messages were held since `sinceMs` because they say they are direct and are not; newest first. */
  unconfigured(accountId: AccountId, sinceMs: number): Promise<readonly UnconfiguredThread[]>;
}

/** A thread that claims to be direct and has several participants. */
export interface UnconfiguredThread {
  readonly chatId: number;
  readonly chatGuid: string;
  readonly chatIdentifier: string;
  readonly participants: readonly string[];
  readonly lastAtMs: number;
}

/** What the journal says about one inbound message, step by step. */
export interface MessageStory {
  readonly entry: Entry;
  /** A command that is not finished is `waiting`, in whichever way it is carried out. */
  readonly state: "undecided" | "held" | "waiting" | "taken" | "done";
  /** In the order made: a held message has a second decision after its approval. */
  readonly decisions: readonly (Decision & { readonly atMs: number })[];
  /** The turn that answered it; of a message kept as context, the one that was shown it. */
  readonly turn: TurnView | undefined;
  /** What the agent asked for permission in that turn, oldest first. */
  readonly approvals: readonly ApprovalRecord[];
  /** Parts of the turn's reply, or the pairing reply this message caused. */
  readonly parts: readonly OutboxItem[];
}

/** Figures of one account. */
export interface AccountOverview {
  readonly position: Position | undefined;
  readonly waiting: number;
  readonly held: number;
  readonly running: number;
  readonly queued: number;
  readonly unknown: number;
  readonly parked: number;
  readonly pendingPairings: number;
  /** Missed messages that were too old to answer and became context, in the 24 hours before `nowMs`. */
  readonly tooOld: number;
  /** Attempts to send, as the send budget counts them. */
  readonly sends: { readonly lastMinute: number; readonly lastHour: number };
  readonly lastReceivedAtMs: number | undefined;
  readonly lastSentAtMs: number | undefined;
  /** Decisions of the 24 hours before `nowMs`, by code (`turn` for a turn). */
  readonly decisions: Readonly<Record<string, number>>;
}

/** Child processes that may outlive a killed gateway and still finish a send. */
export interface ProcessRegister {
  record(accountId: AccountId, identity: ProcessIdentity): Promise<void>;
  recorded(accountId: AccountId): Promise<readonly ProcessIdentity[]>;
  forget(accountId: AccountId, identity: ProcessIdentity): Promise<void>;
}

/** A process told from a later one that has its number again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as the operating system words it. */
  readonly started: string;
}

/** The journal of inbound rows. */
export interface Inbox {
  /** Undefined: the account never started on this state database. */
  position(accountId: AccountId): Promise<Position | undefined>;
  /** Messages' date of the newest journaled row that somebody else wrote, epoch ms; undefined: none of late. */
  newestDateMs(accountId: AccountId): Promise<number | undefined>;
  /** Sets where an account begins (first start, or another database). `startedAtMs` keeps its first value once set. */
  begin(accountId: AccountId, position: Position): Promise<void>;
  /**
   * Journals rows and moves the cursor to `cursor`, in one transaction.
   *
   * Contract: a row whose (account, guid) is known is left out, so the same rows may be given again. The cursor never moves
   * back. The answer holds the new entries, in the order given. Rejects for an account without a position.
   */
  accept(accountId: AccountId, batch: AcceptBatch): Promise<readonly Entry[]>;
  /**
   * Decides every undecided entry of the account that has a chat, in journal order, and records each decision with what it
   * changes (pairing request and its reply, settled parts, streaks, notices), in one transaction.
   *
   * Contract: `decide` is called with facts that include the decisions before it. Idempotent: decided entries stay decided.
   */
  decide(accountId: AccountId, verdict: Verdict): Promise<readonly DecidedEntry[]>;
  /** Undecided entries that have no chat yet. */
  unjoined(accountId: AccountId): Promise<readonly Entry[]>;
  /** Gives an unjoined entry the chat it was found in; it is undecided then, in its old place. */
  join(entryId: EntryId, message: InboundMessage): Promise<void>;
  /** Gives an undecided entry what its row held when it was looked at again. */
  refresh(entryId: EntryId, message: InboundMessage): Promise<void>;
  /** Gives up on an unjoined entry: it is recorded as ignored, `unjoined.expired`. */
  expire(entryId: EntryId): Promise<void>;
}

/** Rows of one read, in row order. */
export interface AcceptBatch {
  readonly rows: readonly InboundMessage[];
  /** Row id up to which everything is read, rows without a message included. */
  readonly cursor: RowId;
  readonly missed: boolean;
  readonly healthyAtMs: number;
  readonly nowMs: number;
}

/** How entries are to be decided. */
export interface Verdict {
  readonly decide: Decide;
  /**
   * True for an entry that is left undecided for now; `before` are those of its conversation that are. Contract: pure and synchronous.
   */
  readonly defer?: (entry: Entry, before: readonly Entry[]) => boolean;
  /** Normal form of an entry's sender. */
  readonly handleOf: (message: InboundMessage) => Handle | undefined;
  readonly nowMs: number;
  /** Where notices to the owner go; empty: nowhere. */
  readonly owners: readonly Handle[];
}

/** Runs of agents. */
export interface Turns {
  /** Conversations of the account with messages that wait for a turn, and no turn running. */
  waiting(accountId: AccountId): Promise<readonly ConversationId[]>;
  /**
   * Begins a turn with the messages that wait in a conversation: the longest run of them, oldest first, that one agent and
   * session answers. Where a command is the first that waits, that command is given instead, and goes on waiting until it is finished.
   *
   * Contract: undefined when nothing waits or a turn of the conversation is running; `retryAtMs` when `maxPerMinute` turns of it
   * began within the minute before `nowMs`.
   */
  begin(
    conversationId: ConversationId,
    limits: TurnLimits,
  ): Promise<Turn | { retryAtMs: number } | { command: CommandEntry } | undefined>;
  /**
   * Ends a turn and puts its answer into the outbox, in one transaction.
   *
   * Contract: false, and nothing written, when this attempt of the turn is no longer the running one.
   */
  finish(turn: Turn, end: TurnEnd, group: NewGroup, nowMs: number): Promise<boolean>;
  /**
   * Puts something into the outbox while the turn runs, in one transaction with what it means for the turn: the next paragraphs of its
   * answer (`streamed` is all of the answer that is sent with them, as the agent wrote it), or that it takes long (said once a turn).
   *
   * Contract: false, and nothing written, when this attempt of the turn is no longer the running one, or that was said already.
   */
  say(turn: Turn, said: { streamed: string } | "long", group: NewGroup, nowMs: number): Promise<boolean>;
  /** The answered turns of the turn's session before it, oldest first, the newest `limit` of them. */
  transcript(turn: Turn, limit: number): Promise<readonly EarlierTurn[]>;
  /** Turns of the account that some earlier process left running. */
  interrupted(accountId: AccountId): Promise<readonly Turn[]>;
  /** Begins the next attempt of an interrupted turn; what it asked and nobody answered in time ends. Undefined when it is no longer this attempt that runs. */
  resume(turn: Turn, nowMs: number): Promise<Turn | undefined>;
  /** Gives a running turn back at an orderly stop: it is listed as interrupted from now on, and this attempt does not count. */
  suspend(turn: Turn): Promise<void>;
}

/** Which agent a message goes to, and by which session key. */
export interface WaitingRoute {
  readonly agentId: AgentId;
  readonly sessionKey: SessionKey;
}

export interface TurnLimits {
  readonly maxPerMinute: number;
  readonly nowMs: number;
  /** Senders of whom more may come that belongs together: what they wrote goes on waiting. */
  readonly holding?: ReadonlySet<Handle | undefined>;
  /** The route by the config in force of what was routed by an earlier one. Contract: pure. */
  readonly reroute?: (waiting: WaitingRoute, message: () => TurnMessage) => WaitingRoute;
  /**
   * How much context a turn that begins with this message is given: unanswered messages of a group, earlier turns of the session. What
   * is left out is not given later either. Contract: pure.
   */
  readonly context: (message: TurnMessage) => { readonly messages: number; readonly turns: number };
  /** True when the session is over, so that this turn begins another. Contract: pure. */
  readonly isOver: (session: { readonly lastTurnAtMs: number; readonly nowMs: number }) => boolean;
}

/** Commands in chat. */
export interface Commands {
  /** Commands of the account that do not wait for their turn and are not finished, oldest first. */
  open(accountId: AccountId): Promise<readonly CommandEntry[]>;
  /** Notes that a command that must not be carried out twice is about to be. False when that was noted before, or it is finished. */
  begin(command: CommandEntry, nowMs: number): Promise<boolean>;
  /**
   * Ends a command: its effect, and the reply that `reply` composes of what came of it (none for no parts), in one transaction.
   *
   * Contract: undefined, and nothing written, when it is finished already, or a stop dropped it. `reply` is called in the transaction,
   * maybe more than once. A stop ends no turn that began with what was written after it.
   */
  finish(
    command: CommandEntry,
    effect: CommandEffect,
    told: { readonly reply: (done: CommandDone) => NewGroup; readonly nowMs: number },
  ): Promise<CommandDone | undefined>;
}

/** Who does something, and when. */
export interface ActDone {
  readonly by: Actor;
  readonly nowMs: number;
}

/** What an owner does to a conversation from outside of it; each is noted as activity. */
export interface ConversationActs {
  /** Ends the turn that runs and drops what waits. Contract: whoever runs the turn is to end its agent. */
  stop(id: ConversationId, done: ActDone): Promise<CommandDone>;
  /** The surest way to reach it, as `chat_id:N` or `chat_guid:G`; undefined: none is known. */
  target(id: ConversationId): Promise<string | undefined>;
  /** Has nothing be answered there, or everything again. False when it was so already, or there is no such conversation. */
  mute(id: ConversationId, isMuted: boolean, done: ActDone): Promise<boolean>;
}

/** A claim of parts. */
export interface ClaimLimits {
  /** Most parts. */
  readonly limit: number;
  readonly nowMs: number;
  /** The send budget of the account. */
  readonly perMinute: number;
  readonly perHour: number;
}

/** What a claim came to. */
export interface Claim {
  readonly parts: readonly OutboundPart[];
  /** Parts are due and wait for the send budget until then (epoch ms). */
  readonly heldUntilMs: number | undefined;
}

/** Messages on their way out. */
export interface Outbox {
  /** Puts a group of parts into the outbox; the answer has their ids, in order. */
  add(group: NewGroup, nowMs: number): Promise<readonly PartId[]>;
  /**
   * Claims parts of the account that may go now and marks them `sending`: of each conversation (or, without one, each target) the
   * oldest part not yet sent, unless one before it is `sending`, `unknown` or not yet due; a parked part holds back its own group only.
   *
   * Contract: in no minute and no hour are more claimed than the budget has.
   */
  claim(accountId: AccountId, limits: ClaimLimits): Promise<Claim>;
  /**
   * Writes what came of an attempt.
   *
   * Contract: false, and nothing written, when this attempt is no longer the one under way (its row came back and settled it).
   */
  settle(part: OutboundPart, settlement: Settlement, nowMs: number): Promise<boolean>;
  /** Marks the account's `sending` parts `unknown`, to be looked for from `checkAtMs` on: their process is gone. */
  abandon(accountId: AccountId, checkAtMs: number, nowMs: number): Promise<number>;
  /** Parts in `unknown` whose time to look has come. */
  unsettled(accountId: AccountId, nowMs: number): Promise<readonly OutboundPart[]>;
  /**
   * Earliest moment (epoch ms) at which a queued part of the account may be claimed or an unknown one looked for; undefined when there
   * is none. Parts that another one holds back do not count: what ends that wakes them.
   */
  nextDueMs(accountId: AccountId): Promise<number | undefined>;
  /** Which of these guids of our own rows are known to be parts already, or what a person wrote. */
  knownGuids(accountId: AccountId, guids: readonly MessageGuid[]): Promise<ReadonlySet<MessageGuid>>;
  /** Newest first. */
  list(filter: { states?: readonly OutboxItem["state"][]; limit: number }): Promise<readonly OutboxItem[]>;
  find(partId: PartId): Promise<OutboxItem | undefined>;
  /** Queues a parked part again. False when it is not parked. */
  retry(partId: PartId, nowMs: number, by?: Actor): Promise<boolean>;
  /** Drops a part that is not sent and not being sent; the parts behind it go on. False when it cannot be dropped. */
  drop(partId: PartId, nowMs: number, by?: Actor): Promise<boolean>;
}

/** Sessions as the agents know them. */
export interface AgentSessions {
  find(agentId: AgentId, sessionId: string): Promise<AgentSession | undefined>;
  /** What was kept before is replaced. */
  keep(agentId: AgentId, sessionId: string, session: AgentSession): Promise<void>;
  forget(agentId: AgentId, sessionId: string): Promise<void>;
}

/** What agents remember by. */
export interface Sessions {
  /** The one with the latest turn first. */
  list(): Promise<readonly SessionSummary[]>;
  show(key: SessionKey, limit: number): Promise<SessionDetail | undefined>;
  /** The newest session on the agent's side under this key, one from before a reset too. */
  agentSession(key: SessionKey, agentId: AgentId): Promise<AgentSession | undefined>;
  /** Turns of a session, oldest first, a page at a time. Empty: there are no more, or no such session. */
  log(key: SessionKey, page: LogPage): Promise<readonly SessionTurn[]>;
  /** From now on the session's agent runs so; undefined: as it does by itself. False when there is no such session. */
  choose(
    key: SessionKey,
    choice: { readonly what: "mode" | "model"; readonly id: string | undefined },
    nowMs: number,
  ): Promise<boolean>;
  /** Gives the session a new id: what was said before is forgotten, its log and count begin anew. False when there is no such session. */
  reset(key: SessionKey, nowMs: number): Promise<boolean>;
}

export interface SessionDetail extends SessionSummary {
  /** Newest first. */
  readonly log: readonly SessionTurn[];
}

/** A turn as a transcript shows it. */
export interface SessionTurn {
  readonly turnId: TurnId;
  /** The same for all turns between two resets. */
  readonly sessionId: string;
  readonly startedAtMs: number;
  readonly state: string;
  readonly said: readonly {
    readonly sender: string;
    readonly text: string;
    /** Names of the files that came with it, as people named them. */
    readonly files: readonly string[];
  }[];
  readonly answered: string | undefined;
  /** Oldest first. */
  readonly approvals: readonly ApprovalRecord[];
}

/** Which turns of a session. */
export interface LogPage {
  /** Those from before it was reset, too. */
  readonly all: boolean;
  /** The last turn of the page before; undefined: from the beginning. */
  readonly after: SessionTurn | undefined;
  readonly limit: number;
}

/** Who was let in, and who asks to be. */
export interface Pairings {
  pending(nowMs: number): Promise<readonly PairingRequest[]>;
  approved(): Promise<readonly PairingGrant[]>;
  /** Strangers who wrote while the account's requests were full, in the hour before `nowMs`. */
  turnedAway(nowMs: number): Promise<readonly { accountId: AccountId; handle: Handle; lastAtMs: number }[]>;
  /**
   * Approves the pending request with this code (case-insensitive): the handle is let in, told so with `notice`, and what it wrote in the
   * hour before waits for a turn; one transaction.
   *
   * Contract: undefined when no pending request has the code.
   */
  approve(code: string, approval: PairingApproval): Promise<PairingGrant | undefined>;
  deny(
    code: string,
    choice: { accountId?: AccountId; nowMs: number; by?: Actor },
  ): Promise<PairingRequest | undefined>;
  /** Lets a handle in that asked for nothing, and tells it nothing. False when it is let in already. */
  grant(
    handle: Handle,
    choice: { readonly accountId: AccountId; readonly nowMs: number; readonly by?: Actor | undefined },
  ): Promise<boolean>;
  /** Takes an approval back; the answer counts the grants removed. */
  revoke(handle: Handle, choice: RevokeChoice): Promise<number>;
}

export interface PairingApproval {
  readonly accountId?: AccountId;
  readonly notice: string;
  readonly nowMs: number;
  /** Noted as activity; undefined: the command line. */
  readonly by?: Actor | undefined;
  /** Gives the route of a held message, by the config in force; or why it is not answered although its sender was approved. */
  readonly route: (entry: Entry, handle: Handle) => WaitingRoute | Extract<Outcome, { kind: "ignore" }>;
}

/** Whose approvals are taken back; without an account, those of every one. */
export interface RevokeChoice {
  readonly accountId?: AccountId;
  readonly nowMs?: number;
  readonly by?: Actor | undefined;
}

export interface PairingRequest {
  readonly accountId: AccountId;
  readonly handle: Handle;
  readonly code: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Messages the stranger wrote while waiting. */
  readonly heldMessages: number;
}

export interface PairingGrant {
  readonly accountId: AccountId;
  readonly handle: Handle;
  readonly approvedAtMs: number;
}
