// Files that come with messages and files that go out with answers.
import type { AccountId } from "./ids.ts";
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

/** Files in and out of the media folder. */
export interface Media {
  /**
   * Makes the files of a message ready for an agent, in their order.
   *
   * Contract: never rejects: a file that cannot be had is `missing` with the reason. The same file again is the same path.
   */
  take(
    accountId: AccountId,
    attachments: readonly InboundAttachment[],
    by: { readonly settings: MediaSettings; readonly signal: AbortSignal },
  ): Promise<readonly TakenFile[]>;
  /**
   * Checks a file that is to be sent and copies it into the media folder: a path inside of one of `roots`, or an `https:` URL whose host,
   * redirects included, is not of a private network.
   *
   * Contract: rejects with `media/…` codes.
   */
  outgoing(
    source: string,
    by: { readonly roots: readonly string[]; readonly maxBytes: number; readonly signal: AbortSignal },
  ): Promise<OutboundFile>;
}
