// What is decided about one inbound row, with the reasons `explain` shows.
import type { NewPart } from "./delivery.ts";
import type { Handle } from "./handle.ts";
import type { ChatCommand } from "./command.ts";
import type { AgentId, ApprovalId, EntryId, PartId, SessionKey } from "./ids.ts";

/** Why a row is kept as context and nothing more. */
export type RememberCode =
  | "own.row"
  | "own.echo"
  | "own.copy"
  | "row.redelivered"
  | "reaction"
  | "approval.more"
  | "event.empty"
  | "link.preview"
  | "group.not-mentioned"
  | "catchup.too-old"
  | "catchup.before-first-start";

/** Why a row is not answered. */
export type IgnoreCode =
  | "dm.disabled"
  | "dm.not-allowed"
  | "pairing.full"
  | "pairing.not-one-to-one"
  | "pairing.self"
  | "pairing.machine"
  | "pairing.denied"
  | "echo.mirror"
  | "group.disabled"
  | "group.sender-not-allowed"
  | "group.not-registered"
  | "group.entry-disabled"
  | "command.not-authorised"
  | "command.not-owner"
  | "owner.not-imessage"
  | "approval.over"
  | "approval.too-early"
  | "approval.unclear"
  | "reply.not-allowed"
  | "stopped"
  | "groupish.unconfigured"
  | "conversation.muted"
  | "sender.missing"
  | "unjoined.expired";

/** Why a row waits for the owner. */
export type HoldCode = "pairing.code-sent" | "pairing.code-pending";

/** One check, in the order it was made. */
export interface Gate {
  /** Such as `own row`, `age`, `direct policy`. */
  readonly name: string;
  /** What the check looked at, in words. */
  readonly saw: string;
  readonly passed: boolean;
}

/** What is to be done; every outcome is recorded before it is acted on. */
export type Outcome =
  | { readonly kind: "turn"; readonly agentId: AgentId; readonly sessionKey: SessionKey }
  /** A command in chat: carried out by the gateway, with the route that a message would have taken. */
  | {
      readonly kind: "command";
      readonly command: ChatCommand;
      readonly agentId: AgentId;
      readonly sessionKey: SessionKey;
    }
  /** An owner's answer to what an agent asked; it is settled with the decision. */
  | {
      readonly kind: "answer";
      readonly approvalId: ApprovalId;
      /** Undefined: a no that the agent has no option for. */
      readonly optionId?: string;
      readonly allowed: boolean;
      /** In words, such as `Allow once`. */
      readonly label: string;
      /** It holds from now on. */
      readonly isStanding?: true;
      /** What the other owners are told who were asked the same. */
      readonly toOthers?: string;
    }
  /** Held until the sender is approved; with `request`, a pairing request is made and its reply sent. */
  | {
      readonly kind: "hold";
      readonly code: HoldCode;
      readonly because: string;
      readonly fix: string;
      readonly request?: { readonly code: string; readonly expiresAtMs: number; readonly reply: NewPart };
    }
  | {
      readonly kind: "remember";
      readonly code: RememberCode;
      readonly because: string;
      /** The agent of this group sees it with the next message it answers there. */
      readonly asContext?: true;
    }
  | {
      readonly kind: "ignore";
      readonly code: IgnoreCode;
      readonly because: string;
      /** What to do if it should have been answered. */
      readonly fix: string;
    };

/** An outcome with the checks that led to it and the facts it changes. */
export interface Decision {
  readonly outcome: Outcome;
  readonly gates: readonly Gate[];
  /** The normalised sender; undefined for a row without one. */
  readonly handle: Handle | undefined;
  /** Hash of the config it was decided under. */
  readonly configVersion: string;
  /** The row is this part of ours come back: the part is sent. */
  readonly settles?: PartId;
  /** With `settles`: the row says all that the part says, and not a piece of it. */
  readonly settlesWhole?: true;
  /** The row and this one are the two that Messages writes of a note to self. */
  readonly pairs?: EntryId;
  /** The row is the false copy that a self chat writes of this part: it is used up and never matches again. */
  readonly echoes?: PartId;
  /** How many messages in a row said what we had sent last, this one included; 0 ends a streak. */
  readonly mirrorStreak: number;
  /** A notice to the owner that this decision causes. */
  readonly notice?: string;
  /** What the notice is about: the owners are told that only once in a conversation. */
  readonly noticeOnce?: string;
  /** What the sender is told, where the message came from. */
  readonly reply?: readonly NewPart[];
  /** Which request of an agent the reply is about: it says that it is waited for, or shows all of it. */
  readonly about?: { readonly approvalId: ApprovalId; readonly how: "reminder" | "more" };
}
