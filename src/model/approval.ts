// What an agent asks leave for: what people are shown of it, how it can be answered, and what became of it.
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId, ApprovalId, ConversationId, MessageGuid, RowId, TurnId } from "./ids.ts";

/** What an option means, in the words of the Agent Client Protocol. */
export type ApprovalOptionKind = "allow_once" | "allow_always" | "reject_once" | "reject_always";

/** One way to answer, as the agent offers it. */
export interface ApprovalOption {
  /** The agent's own name of it; unique within the request. */
  readonly id: string;
  /** As the agent words it, such as `Allow once`. */
  readonly label: string;
  readonly kind: ApprovalOptionKind;
}

/** One thing that a request is about. */
export interface ApprovalSection {
  /** Such as `command`, `folder` or `changes to /w/a.ts`. */
  readonly name: string;
  readonly text: string;
  /** Where `text` is too long to be kept: so many characters are left out of it at this place. */
  readonly omitted?: { readonly at: number; readonly characters: number };
}

/** What an answer that holds from now on would hold for. */
export interface StandingScope {
  /** Equal for two requests exactly when an answer to one may hold for the other. */
  readonly key: string;
  /** The same for people, on one line. */
  readonly what: string;
  /** `file`, `files`: any change of this one or these; `call`: this very call alone. */
  readonly covers: "file" | "files" | "call";
}

/** What an agent asks. Everything in it is the agent's text: data, however it looks. */
export interface ApprovalRequest {
  /** What is to be done, such as `Edit src/a.ts`. */
  readonly title: string;
  /** The protocol's kind of tool: `edit`, `execute`, `fetch`, ...; `other` where the agent says none. */
  readonly toolKind: string;
  /** The tool's name where the agent gives one, else its kind. */
  readonly tool: string;
  /** All that the agent tells of it, the most important first. */
  readonly sections: readonly ApprovalSection[];
  /** Sections left out because there were too many. */
  readonly omittedSections: number;
  /** In the agent's order; never empty. */
  readonly options: readonly ApprovalOption[];
  /** Undefined: no answer to it may hold from now on, as it is not known exactly enough. */
  readonly standing: StandingScope | undefined;
}

/** One way to answer, as people are offered it. */
export interface OfferedOption {
  /** The agent's option; undefined: a no that the agent has no option for. */
  readonly optionId: string | undefined;
  readonly label: string;
  readonly kind: ApprovalOptionKind;
  /** What the agent is told when it is chosen: another option than `optionId` where the gateway keeps the answer itself. */
  readonly tells: string | undefined;
  /** The gateway keeps the answer from now on. */
  readonly isStanding: boolean;
}

/** How a request is put to people. */
export interface ApprovalOffer {
  /** In the order of their numbers. */
  readonly options: readonly OfferedOption[];
  /** False: what is shown leaves something out; `more` shows it. */
  readonly isWhole: boolean;
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

/** A decision with its moment. */
export type MadeDecision = ApprovalDecision & { readonly atMs: number };

/** Whose turns an answer that holds from now on holds for. */
export type TurnKind = "owners" | "guests";

/** A request as the records show it. */
export interface ApprovalRecord {
  readonly id: ApprovalId;
  readonly turnId: TurnId;
  readonly accountId: AccountId;
  readonly agentId: AgentId;
  /** Of the turn. */
  readonly conversationId: ConversationId;
  readonly request: ApprovalRequest;
  /** Empty where nobody was asked. */
  readonly offer: ApprovalOffer;
  readonly expiresAtMs: number;
  /** The owners who were asked, with the numbers of their options; empty: nobody was. */
  readonly asked: readonly AskedOwner[];
  readonly askedAtMs: number;
  /** Undefined while it is open. */
  readonly decision: MadeDecision | undefined;
}

/** An owner who was asked. */
export interface AskedOwner {
  readonly owner: Handle;
  readonly firstNumber: number;
  readonly lastNumber: number;
  /** When the message that asks was confirmed sent; undefined: not yet. */
  readonly shownAtMs: number | undefined;
}

/** A request as a message in a chat that shows it sees it. */
export interface ShownApproval {
  readonly id: ApprovalId;
  readonly request: ApprovalRequest;
  readonly offer: ApprovalOffer;
  /** The number of its first option in this chat. */
  readonly firstNumber: number;
  /** Its turn runs in this very conversation: what else is written here waits for the answer. */
  readonly isTurnHere: boolean;
  /** It was said once that it is waited for. */
  readonly isReminded: boolean;
  /** Other owners were asked it too, in chats of their own. */
  readonly isAskedElsewhere: boolean;
  readonly expiresAtMs: number;
  /** Undefined while it is open. */
  readonly decision: MadeDecision | undefined;
  /** Undefined: not all of it is known to have been sent. */
  readonly shown: Shown | undefined;
  /** Guids of the messages that show it, as far as they are known. */
  readonly guids: readonly MessageGuid[];
  /** Nothing but notices went out in this chat since: a bare word is said to it. */
  readonly isLastSaid: boolean;
}

/** When a request was there to be read. */
export interface Shown {
  /** Confirmed by our clock (epoch ms). */
  readonly confirmedAtMs: number;
  /** When the sending of its last message began, by our clock. */
  readonly claimedAtMs: number;
  /** Its own date in Messages; undefined: its row was not seen. */
  readonly dateMs: number | undefined;
  /** Rows up to this one were there before it. */
  readonly afterRow: RowId;
}

/** An answer that holds from now on. */
export interface StandingApproval {
  readonly id: number;
  readonly agentId: AgentId;
  readonly turnKind: TurnKind;
  readonly what: string;
  readonly allowed: boolean;
  readonly grantedBy: Handle;
  readonly atMs: number;
}
