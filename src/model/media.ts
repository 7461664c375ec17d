// Files that come with messages and files that go out with answers.
import type { AccountId, ConversationId } from "./ids.ts";
import type { InboundAttachment } from "./message.ts";
import type { MediaSettings } from "./settings.ts";

/** A file of a message as an agent is given it. */
export type TakenFile =
  | {
      readonly kind: "file";
      /** Absolute, in the media folder. */
      readonly path: string;
      /** As the sender named it, made safe for one line. */
      readonly name: string;
      /** By content. */
      readonly mimeType: string;
      readonly bytes: number;
      /** What was done to it, such as `converted from HEIC`; may be empty. */
      readonly note: string;
      /** What is said in it, where Messages knows. */
      readonly transcript?: string;
    }
  | { readonly kind: "missing"; readonly name: string; readonly because: string };

/** A file on its way out, checked and copied where it stays until it is sent. */
export interface OutboundFile {
  /** Absolute, in the media folder. */
  readonly path: string;
  /** As the recipient sees it. */
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: number;
}

/** A file that a message names. */
export interface WantedFile {
  readonly attachment: InboundAttachment;
  /** Epoch ms of its message: a file that is not there yet is waited for a while only if the message is new. */
  readonly sentAtMs: number;
}

/** Files that come with messages. */
export interface IncomingFiles {
  /**
   * Makes the files of a turn ready for an agent, in their order.
   *
   * Contract: never rejects: a file that cannot be had is `missing` with the reason. The same file again is the same path. What is
   * answered stays where it is until it is released.
   */
  take(
    accountId: AccountId,
    wanted: readonly WantedFile[],
    by: {
      /** Whose files they are: an agent may send them back there, and nowhere else. */
      readonly conversationId: ConversationId;
      readonly settings: MediaSettings;
      readonly signal: AbortSignal;
    },
  ): Promise<readonly TakenFile[]>;
  /** What `take` answered is not used any more, and may be dropped for its space. Contract: once for each answer. */
  release(files: readonly TakenFile[]): void;
}

/** Files in and out of the media folder. */
export interface Media extends IncomingFiles {
  /**
   * Checks a file that is to be sent and copies it into the media folder: a path inside of one of `roots`, or an `https:` URL whose host,
   * redirects included, is not of a private network.
   *
   * Contract: rejects with `media/…` codes.
   */
  outgoing(
    source: string,
    by: {
      readonly roots: readonly string[];
      readonly maxBytes: number;
      readonly signal: AbortSignal;
      /** What to call a file of the media folder: its own name there says nothing. */
      readonly title?: string;
      /** A person names the file. An agent's must not have a second name (a hard link): that may lie anywhere. */
      readonly isByHand?: true;
    },
  ): Promise<OutboundFile>;
}

/** Where in the media folder the files of a conversation are. */
export function conversationFolder(mediaFolder: string, conversationId: ConversationId): string {
  return `${mediaFolder}/c${conversationId}`;
}
