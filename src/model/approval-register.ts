// What the flows need of the store to ask for approval: a request is a ticket that outlives the process which asked.
import type {
  ApprovalDecision,
  ApprovalOffer,
  ApprovalRecord,
  ApprovalRequest,
  MadeDecision,
  StandingApproval,
  TurnKind,
} from "./approval.ts";
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId, ApprovalId, ConversationId, TurnId } from "./ids.ts";
import type { NewGroup } from "./journal.ts";

/** A request that is to be decided. */
export interface NewApproval {
  readonly turnId: TurnId;
  /** Of the turn: an attempt that is over asks nothing. */
  readonly attempt: number;
  readonly accountId: AccountId;
  /** Of the turn. */
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  /** Whose turn it is; an answer that holds from now on holds for turns of this kind. */
  readonly turnKind: TurnKind;
  readonly request: ApprovalRequest;
}

/** Whom a request is put to, and the message that puts it. */
export interface AskPlace {
  readonly owner: Handle;
  /** The turn runs in the conversation where it is asked. */
  readonly isTurnHere: boolean;
  /** Contract: pure; it may be called more than once. */
  readonly compose: (firstNumber: number) => NewGroup;
}

/** How a request is put to owners. */
export interface Asking {
  /** Never empty. */
  readonly places: readonly AskPlace[];
  readonly offer: ApprovalOffer;
  readonly nowMs: number;
  readonly expiresAtMs: number;
  /** Requests that this process waits for: no other request is taken for one of them. */
  readonly waiting: ReadonlySet<ApprovalId>;
}

/** A request that waits for an answer, or has it. */
export interface Ticket {
  readonly id: ApprovalId;
  /** What was offered when it was put. */
  readonly offer: ApprovalOffer;
  readonly expiresAtMs: number;
  /** An earlier run of the turn asked the same, and nothing was sent now. */
  readonly isTakenOver: boolean;
  readonly isDecided: boolean;
}

/** What people are told when a request ends without an owner's answer. */
export interface EndNotices {
  /** To each owner who was asked, where they were asked. */
  readonly toAsked?: string;
  /** To whoever started the turn; only once a turn for the same reason. */
  readonly toSender?: NewGroup | undefined;
}

/** What agents asked, and what was decided. */
export interface ApprovalRegister {
  /**
   * Records a request and puts the messages that ask it into the outbox, in one transaction. In each chat its options have numbers that
   * no request has which is open there, or was in the ten minutes before.
   *
   * What the same turn asked before a crash, word for word, and was not answered to the agent yet, is taken over instead: it is asked once. What else
   * that turn asked before and nobody waits for ends.
   *
   * Contract: undefined, and nothing written, when the attempt of the turn is no longer the running one.
   */
  ask(approval: NewApproval, asking: Asking): Promise<Ticket | undefined>;
  /** Records a request that nobody is asked. */
  note(
    approval: NewApproval,
    decision: ApprovalDecision,
    told: { readonly nowMs: number; readonly toSender?: NewGroup | undefined },
  ): Promise<void>;
  /**
   * Takes the decision, to tell it to the agent; it counts as told from then on. A request that is still open is decided by `otherwise`.
   *
   * Contract: the decision that stands, which is another one if it was decided before. Where the message that asks still waits to be
   * sent, it is not sent any more; so at the end of its turn.
   */
  take(
    id: ApprovalId,
    otherwise: ApprovalDecision,
    told: EndNotices & { readonly nowMs: number },
  ): Promise<MadeDecision>;
  /**
   * Records an owner's answer that did not come in a chat.
   *
   * Contract: the decision that stands, which is another one if it was decided before. Undefined when there is no such request.
   */
  answer(
    id: ApprovalId,
    decision: ApprovalDecision,
    how: { readonly nowMs: number; readonly isStanding: boolean; readonly toAsked: string },
  ): Promise<MadeDecision | undefined>;
  /** What waits for an answer, the oldest first. */
  pending(): Promise<readonly ApprovalRecord[]>;
  /** What an owner decided for such turns once for all. */
  standing(agentId: AgentId, turnKind: TurnKind, key: string): Promise<StandingApproval | undefined>;
  /** The oldest first. */
  allStanding(): Promise<readonly StandingApproval[]>;
  /** False when there is none. */
  forget(id: number): Promise<boolean>;
  /** Newest first. */
  list(limit: number): Promise<readonly ApprovalRecord[]>;
}
