// An inbound row of the Messages database, as the flows see it.
import type { AccountId, ChatGuid, ChatId, MessageGuid, RowId } from "./ids.ts";

/** A file that came with a message; the path is the Mac's. */
export interface InboundAttachment {
  /** Name shown to people. */
  readonly name: string;
  /** Where the file lies on the machine that runs `imsg`; may start with `~`. */
  readonly path: string;
  readonly mimeType: string;
  readonly uti: string;
  readonly bytes: number;
  readonly isSticker: boolean;
  /** imsg says the file is not there. */
  readonly missing: boolean;
}

/** A tapback: an event about another message, never a message itself. */
export interface ReactionEvent {
  /** `love`, `like`, ..., or `custom`. */
  readonly type: string;
  readonly emoji: string;
  readonly added: boolean;
  /** Guid of the message reacted to, without a `p:0/` or `bp:` prefix. */
  readonly target: MessageGuid;
}

/** The message that an inline reply answers. */
export interface QuotedMessage {
  readonly guid: MessageGuid;
  readonly text?: string;
  readonly sender?: string;
}

/** The chat a row belongs to. `chatId` 0 with an empty guid: imsg saw the row before it was joined to its chat. */
export interface ChatRef {
  readonly chatId: ChatId;
  readonly chatGuid: ChatGuid;
  readonly chatIdentifier: string;
  readonly chatName: string;
  /** Handles as imsg gives them, this Apple ID's own left out. */
  readonly participants: readonly string[];
  readonly isGroup: boolean;
}

/** One row; `sender` is the handle as imsg gives it (in a direct chat our own rows carry the other person's). */
export interface InboundMessage extends ChatRef {
  readonly accountId: AccountId;
  readonly rowId: RowId;
  readonly guid: MessageGuid;
  readonly sender: string;
  readonly senderName?: string;
  /** By which service it travelled, where that is known beside what the chat's guid says; see `serviceOf`. */
  readonly service?: string;
  readonly isFromMe: boolean;
  readonly text: string;
  /** Epoch milliseconds by the Mac's clock. */
  readonly createdAtMs: number;
  readonly attachments: readonly InboundAttachment[];
  readonly reaction?: ReactionEvent;
  readonly quoted?: QuotedMessage;
}

/** A chat as `chats.list` shows it. */
export interface ChatSummary extends ChatRef {
  readonly service: string;
  /** Epoch milliseconds; 0 when the chat has no message. */
  readonly lastMessageAtMs: number;
}

/** True for a row that imsg saw before Messages joined it to a chat. */
export function isUnjoined(message: ChatRef): boolean {
  return message.chatId === 0 && message.chatGuid === "";
}
