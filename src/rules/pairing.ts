// Pairing: the code, whom it may be sent to, and the words of both sides.
import type { HoldCode, IgnoreCode } from "../model/decision.ts";
import { isMachine, type Handle } from "../model/handle.ts";
import type { EntryFacts } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";

/** 32 letters and digits without those that people confuse, so that five bits of a random byte choose one evenly. */
const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/** Bytes that one code takes. */
export const PAIRING_CODE_BYTES = 8;
/** A code lives one hour. */
export const PAIRING_LIFETIME_MS = 60 * 60_000;
/** Requests that may be pending for one account. */
export const PAIRING_MAX_PENDING = 3;

/** Makes a code of 8 characters from 8 bytes of a cryptographic source. */
export function pairingCode(random: Uint8Array): string {
  return Array.from(random.subarray(0, PAIRING_CODE_BYTES), (byte) => ALPHABET[byte % ALPHABET.length]).join(
    "",
  );
}

/** What is done with a stranger's message under `dmPolicy: "pairing"`. */
export type PairingVerdict =
  | { readonly kind: "ask" }
  | { readonly kind: "hold"; readonly code: HoldCode; readonly because: string; readonly fix: string }
  | { readonly kind: "ignore"; readonly code: IgnoreCode; readonly because: string; readonly fix: string };

/** Decides about a stranger: ask the owner, wait for the owner, or say nothing. */
export function decidePairing(
  message: InboundMessage,
  stranger: { readonly handle: Handle; readonly isSelf: boolean },
  facts: EntryFacts,
): PairingVerdict {
  const { handle } = stranger;
  if (stranger.isSelf)
    return {
      kind: "ignore",
      code: "pairing.self",
      because: `${handle} is one of selfHandles, and a pairing code is never sent to oneself`,
      fix: `Add "${handle}" to allowFrom to talk to the agent from your own note-to-self chat.`,
    };
  if (isMachine(handle))
    return {
      kind: "ignore",
      code: "pairing.machine",
      because: `${handle} is not a phone number or an e-mail address: a machine, which can ask nobody for approval`,
      fix: `Add "${handle}" to allowFrom if the agent should answer it.`,
    };
  if (facts.request === "pending")
    return {
      kind: "hold",
      code: "pairing.code-pending",
      because: `${handle} was sent a pairing code that is still pending`,
      fix: "Approve it: see `coderclaw pairing list imessage`.",
    };
  if (facts.request === "denied")
    return {
      kind: "ignore",
      code: "pairing.denied",
      because: `the pairing request of ${handle} was denied less than an hour ago`,
      fix: `Add "${handle}" to allowFrom, or wait for a new request.`,
    };
  if (message.isGroup || message.participants.length > 1 || facts.wasGroupish)
    return {
      kind: "ignore",
      code: "pairing.not-one-to-one",
      because: "a pairing code is sent only into a chat that is certainly one-to-one",
      fix: `Add "${handle}" to allowFrom.`,
    };
  if (facts.pendingRequests >= PAIRING_MAX_PENDING)
    return {
      kind: "ignore",
      code: "pairing.full",
      because: `${facts.pendingRequests} pairing requests are pending, the most one account may have`,
      fix: "Approve or deny the pending ones: see `coderclaw pairing list imessage`. Then the stranger can write again.",
    };
  return { kind: "ask" };
}

/** What a stranger is sent, once. */
export function pairingReply(handle: Handle, code: string): string {
  return [
    "Access is not set up for you yet.",
    `Your sender id: ${handle}`,
    `Pairing code: ${code}`,
    "Ask the owner to run:",
    `coderclaw pairing approve imessage ${code}`,
  ].join("\n");
}

/** What a stranger is sent after the approval. */
export const PAIRING_APPROVED = "You are approved: this chat now reaches the agent.";

/** What the owner is told of a new request; both can be answered in the chat it is told in. */
export function pairingNotice(handle: Handle, code: string, accountId: string): string {
  return [
    `${handle} asks for access (account ${accountId}).`,
    `To let them in, answer: /pairing approve ${code}`,
    `To refuse: /pairing deny ${code}`,
    `Or run: coderclaw pairing approve imessage ${code}`,
  ].join("\n");
}
