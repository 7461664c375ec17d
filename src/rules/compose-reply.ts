// From an agent's answer to the messages that go out.
import type { NewPart, PartOrigin } from "../model/delivery.ts";
import type { ChunkMode } from "../model/settings.ts";
import type { Target } from "../model/target.ts";
import { chunkText } from "./chunk.ts";

/** How replies of an account are cut. */
export interface ReplyPolicy {
  /** Put before the first message; may be empty. */
  readonly prefix: string;
  /** UTF-16 units a message. */
  readonly limit: number;
  readonly mode: ChunkMode;
}

/** Cuts an answer into messages. An answer of nothing but white space is no message at all. */
export function composeReply(
  text: string,
  policy: ReplyPolicy,
  to: { readonly origin: PartOrigin; readonly target: Target },
): readonly NewPart[] {
  if (text.trim() === "") return [];
  const whole = policy.prefix === "" ? text : `${policy.prefix}${text}`;
  return chunkText(whole, { limit: policy.limit, mode: policy.mode }).map((chunk) => ({
    ...to,
    text: chunk,
  }));
}

/** What a sender is told when a turn failed; the cause goes to the owner and to `explain`. */
export function composeApology(ref: string): string {
  return `Sorry, I could not answer that. (ref ${ref})`;
}

/** What the owner is told when a turn failed. */
export function composeFailureNotice(failure: {
  ref: string;
  who: string;
  agentId: string;
  reason: string;
}): string {
  return `A message of ${failure.who} was not answered (ref ${failure.ref}): agent ${failure.agentId}: ${failure.reason}`;
}
