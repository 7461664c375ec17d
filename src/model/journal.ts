// What the journal holds about inbound rows: positions in a Messages database, entries, and the facts a decision needs.
import type { Decision } from "./decision.ts";
import type { NewPart, OutboundPart, PartState } from "./delivery.ts";
import type { Handle } from "./handle.ts";
import type { AccountId, AgentId, ConversationId, EntryId, MessageGuid, PartId, RowId } from "./ids.ts";
import type { OutboundFile } from "./media.ts";
import type { ShownApproval } from "./approval.ts";
import type { InboundMessage } from "./message.ts";

/** A row that proves which database a cursor belongs to: looked up again, it must still have this guid. */
export interface Anchor {
  readonly rowId: RowId;
  readonly guid: MessageGuid;
  readonly chatId: number;
  readonly createdAtMs: number;
}

/** How far an account's rows are journaled. */
export interface Position {
  /** Every row up to and including this one is journaled or was there before the first start. */
  readonly cursor: RowId;
  /** The newest journaled row that has a chat; undefined until there is one. */
  readonly anchor: Anchor | undefined;
  /** Rows created before this moment (epoch ms) were there before the account's first start. */
  readonly startedAtMs: number;
}

/** A journaled row. */
export interface Entry {
  readonly id: EntryId;
  readonly conversationId: ConversationId | undefined;
  readonly message: InboundMessage;
  readonly receivedAtMs: number;
  /** The row was there before the watch was (re)opened: it was missed, then caught up. */
  readonly missed: boolean;
  /** Moment (epoch ms) up to which the account was known to have seen everything when this row was read. */
  readonly healthyAtMs: number;
}

/** A part of ours that a row may turn out to be. */
export interface OwnPart {
  readonly id: PartId;
  readonly state: PartState;
  readonly text: string;
  /** The part is this file, and its text is empty. */
  readonly file?: OutboundFile;
  readonly guid: MessageGuid | undefined;
  /** Epoch ms of the send's confirmation; undefined while unconfirmed. */
  readonly sentAtMs: number | undefined;
  /** A self chat's false copy of it was already seen. */
  readonly echoed: boolean;
  /** Its own row was already seen, with all it says. */
  readonly returned: boolean;
}

/** What the store knows that a decision about one entry depends on; read in the transaction that records the decision. */
export interface EntryFacts {
  /** The part that has this row's guid, if any; whatever its age. */
  readonly ownByGuid: OwnPart | undefined;
  /**
   * Parts of this conversation that are unconfirmed, or were confirmed in the last ten minutes; oldest first. Unconfirmed is also what was
   * of unknown fate in the last day, and waits for the owner, was given up, or is to be sent again.
   */
  readonly ownRecent: readonly OwnPart[];
  /** Parts of this conversation that were confirmed, whenever, and whose own row was not seen yet; oldest first. */
  readonly ownUnreturned: readonly OwnPart[];
  /** The row under another guid that is this same message: the same chat, sender, words, files and date. */
  readonly delivered: RowId | undefined;
  /**
   * The row of the other direction that says the same at about the same time, of which no counterpart is known: in a note to self the other
   * one of the two rows that Messages may write.
   */
  readonly twin: { readonly id: EntryId; readonly rowId: RowId } | undefined;
  /** Texts of the last reply sent in this conversation, in order; empty when none was. */
  readonly lastReply: readonly string[];
  readonly mirrorStreak: number;
  /** The sender has an approved pairing with this account. */
  readonly paired: boolean;
  /** The sender's pairing request, if one is pending at `nowMs` or was denied less than an hour before. */
  readonly request: "none" | "pending" | "denied";
  /** Requests pending for the account at `nowMs`, the sender's own left out. */
  readonly pendingRequests: number;
  /**
   * What names this chat in the session keys of groups: the `chat_id` it had when it was first asked for, which it keeps when its
   * guid is found again under another row id. Where another conversation has that name, a longer one.
   */
  readonly groupName: string;
  /** The agent that an owner pinned in this conversation. */
  readonly pinnedAgent: AgentId | undefined;
  /** An owner had nothing be answered in this conversation. */
  readonly isMuted: boolean;
  /** Messages of this conversation were not answered because several people were in it, although it says it is direct. */
  readonly wasGroupish: boolean;
  /** What the same sender wrote here in the five seconds before, by Messages' own dates. */
  readonly justBefore: readonly string[];
  /** A turn of this conversation runs, or messages of it wait for one. */
  readonly busy: boolean;
  /**
   * Requests of agents that the sender was asked in this very chat, oldest first: those that are open and may be on their way at least, those
   * that ended in the ten minutes before, and whichever this message is a tapback on or an inline reply to.
   */
  readonly approvals: readonly ShownApproval[];
  /** When the account was opened for the first time ever (epoch ms). */
  readonly firstStartMs: number;
  readonly nowMs: number;
}

/** Decides one entry. Contract: pure and synchronous; it may be called again for the same entry. */
export type Decide = (entry: Entry, handle: Handle | undefined, facts: EntryFacts) => Decision;

/** An entry with what was decided. */
export interface DecidedEntry {
  readonly entry: Entry;
  readonly decision: Decision;
}

/** A group of parts that go out in order. */
export interface NewGroup {
  readonly accountId: AccountId;
  /** Undefined: the one that the first part's target names, if the journal knows it. */
  readonly conversationId: ConversationId | undefined;
  readonly parts: readonly NewPart[];
}

/** A part as lists show it. */
export interface OutboxItem extends Omit<
  OutboundPart,
  "anchorRow" | "attemptId" | "claimedAtMs" | "unknownSinceMs" | "handedOver"
> {
  readonly state: PartState;
  /** Why it is not sent, as far as the last attempt tells. */
  readonly reason: string | undefined;
  /** Why it was not sent at the first attempt since it was queued; kept when it is sent in the end. */
  readonly firstReason?: string | undefined;
  /** Of a queued one, in a list: the message that must be out of the way first. */
  readonly waitsFor?: PartId | undefined;
  readonly createdAtMs: number;
  /** Of a queued one: tried then. Of one of unknown fate: looked for then. */
  readonly notBeforeMs: number;
  readonly sentGuid: MessageGuid | undefined;
  readonly sentAtMs: number | undefined;
}
