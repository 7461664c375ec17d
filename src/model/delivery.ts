// A message on its way out and what can be known of it.
import type { AccountId, AttemptId, ConversationId, MessageGuid, PartId, RowId, TurnId } from "./ids.ts";
import type { TextRange } from "./formatting.ts";
import type { Handle } from "./handle.ts";
import type { OutboundFile } from "./media.ts";
import type { Target } from "./target.ts";

/** Why a message goes out. */
export type PartOrigin = "turn" | "progress" | "question" | "command" | "pairing" | "notice" | "send";

/**
 * `queued` → `sending` → `sent`, or `unknown` (may have arrived) → `sent` | `queued` | `parked`, or back to `queued` with a
 * later time after a certain failure, or `parked` (waits for the owner), or `dropped` (by the owner).
 */
export type PartState = "queued" | "sending" | "sent" | "unknown" | "parked" | "dropped";

/** A message to be put into the outbox. Parts of one `group` go out in order, each after the one before was sent. */
export interface NewPart {
  readonly origin: PartOrigin;
  readonly target: Target;
  readonly text: string;
  /** Shown where the account's imsg can; the text says the same without. */
  readonly formatting?: readonly TextRange[];
  /** The part is this file; its text is empty then. */
  readonly file?: OutboundFile;
}

/** A chat of the journal, as far as it says where a message goes. */
export interface KnownChat {
  readonly chatId: number;
  readonly chatGuid: string;
  readonly chatIdentifier: string;
  readonly isGroup: boolean;
  /** The one other person of a direct chat. */
  readonly peer: Handle | undefined;
}

/** A part claimed for sending. */
export interface OutboundPart {
  readonly id: PartId;
  readonly accountId: AccountId;
  readonly conversationId: ConversationId | undefined;
  readonly turnId: TurnId | undefined;
  readonly origin: PartOrigin;
  readonly target: Target;
  /** Guid that the target's `chat_id` must still have; undefined when the target is no chat of the journal. */
  readonly expectedGuid: string | undefined;
  readonly text: string;
  readonly formatting: readonly TextRange[];
  /** The part is this file, and its text is empty; undefined: it is a text. */
  readonly file: OutboundFile | undefined;
  /** The chat it goes to; undefined when the journal does not know it. */
  readonly chat: KnownChat | undefined;
  /** This attempt's number, from 1. */
  readonly attempts: number;
  readonly attemptId: AttemptId;
  /** The newest row the journal knew when the attempt began: our row, if there is one, has a greater id. */
  readonly anchorRow: RowId;
  readonly claimedAtMs: number;
  /** When this attempt came to its unknown end (epoch ms); of one whose process is gone, when that was noticed. */
  readonly unknownSinceMs: number | undefined;
  /** imsg gave it to Messages for certain: it may appear whenever Messages gets to it, so it is never sent again by itself. */
  readonly handedOver: boolean;
}

/** What came of an attempt to send. `sent` needs proof: a guid, a row id, or the row seen. */
export type SendOutcome =
  | { readonly kind: "sent"; readonly guid: MessageGuid | undefined; readonly rowId: RowId | undefined }
  | { readonly kind: "failed"; readonly reason: string; readonly retryable: boolean }
  | {
      readonly kind: "unknown";
      readonly reason: string;
      /** imsg gave it to Messages for certain. */
      readonly handedOver: boolean;
    };

/** What is written about an attempt. */
export type Settlement =
  | { readonly state: "sent"; readonly guid: MessageGuid | undefined; readonly rowId: RowId | undefined }
  | { readonly state: "queued"; readonly reason: string; readonly notBeforeMs: number }
  | {
      readonly state: "unknown";
      readonly reason: string;
      readonly checkAtMs: number;
      /** Of an attempt that has just ended: imsg gave it to Messages for certain. */
      readonly handedOver?: boolean;
    }
  | { readonly state: "parked"; readonly reason: string };
