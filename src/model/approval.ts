// Questions an agent asks before it does something: what a person sees of one, and what became of it.
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId, ConversationId, MessageGuid, ApprovalId, TurnId } from "./ids.ts";

/** What an option means, in the words of the Agent Client Protocol. */
export type ApprovalOptionKind = "allow_once" | "allow_always" | "reject_once" | "reject_always";

/** One way to answer. */
export interface ApprovalOption {
  /** The agent's own name of it; unique within the question. */
  readonly id: string;
  /** As the agent words it, such as `Allow once`. */
  readonly label: string;
  readonly kind: ApprovalOptionKind;
}

/** What an agent asks. Everything in it is the agent's text: data, however it looks. */
export interface ApprovalRequest {
  /** What is to be done, such as `Edit src/a.ts`. */
  readonly title: string;
  /** The protocol's kind of tool: `edit`, `execute`, `fetch`, ...; `other` where the agent says none. */
  readonly toolKind: string;
  /**
   * What an "always" is remembered by, beside the agent: the tool's name where the agent gives one, else its kind; of a program that is to
   * be run the very command line too, so that one allowed command lets no other one through.
   */
  readonly tool: string;
  /** Files it is about, as the agent names them. */
  readonly places: readonly string[];
  /** The command, or the diff; may be empty and may be long. */
  readonly detail: string;
  /** In the agent's order; never empty. */
  readonly options: readonly ApprovalOption[];
}

/** Who or what decided. `remembered`: an earlier "always"; `turn-over`: the turn ended or was cut short before anybody did. */
export type ApprovalBy = "owner" | "remembered" | "configuration" | "time-out" | "no-owner" | "turn-over";

/** What is decided. */
export interface ApprovalDecision {
  readonly allowed: boolean;
  /** Undefined: none of the options fits; the agent is told that it was cancelled. */
  readonly optionId: string | undefined;
  readonly by: ApprovalBy;
  /** The owner who answered. */
  readonly decider: Handle | undefined;
}

/** A question as the records show it. */
export interface ApprovalRecord {
  readonly id: ApprovalId;
  readonly turnId: TurnId;
  readonly accountId: AccountId;
  readonly agentId: AgentId;
  readonly request: ApprovalRequest;
  /** The owner who was asked; undefined: nobody was. */
  readonly asked: Handle | undefined;
  readonly askedAtMs: number;
  /** Undefined while it is pending. */
  readonly decision: (ApprovalDecision & { readonly atMs: number }) | undefined;
}

/** A question that waits for an answer in a conversation, as a decision about a message there sees it. */
export interface PendingApproval {
  readonly id: ApprovalId;
  readonly request: ApprovalRequest;
  readonly asked: Handle;
  /** It was asked in this very chat; false: elsewhere, and this is the conversation of its turn. */
  readonly isAskedHere: boolean;
  /** Guids of the messages that asked it, as far as they are known: a tapback on one of them answers. */
  readonly guids: readonly MessageGuid[];
}

/** A question that is to be asked. */
export interface NewApproval {
  readonly turnId: TurnId;
  /** Of the turn: an attempt that is over asks nothing. */
  readonly attempt: number;
  readonly accountId: AccountId;
  /** Of the turn; an answer is taken there, too. */
  readonly conversationId: ConversationId;
  readonly agentId: AgentId;
  readonly request: ApprovalRequest;
}

/** An answer that holds for the same tool of the same agent from now on. */
export interface StandingApproval {
  readonly agentId: AgentId;
  readonly tool: string;
  readonly allowed: boolean;
  readonly grantedBy: Handle;
  readonly atMs: number;
}
