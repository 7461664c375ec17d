// Telling our own words from a person's: own rows, a self chat's false copies, and mirrors.
import type { Handle } from "../model/handle.ts";
import { parseSender } from "../model/handle.ts";
import type { PartId } from "../model/ids.ts";
import type { EntryFacts, OwnPart } from "../model/journal.ts";
import { isSentText } from "../model/message-text.ts";
import type { InboundMessage } from "../model/message.ts";
import { isSentFile } from "../model/sent-file.ts";

/** Messages in a row that repeat our last reply before they are taken for a mirror. */
export const MIRROR_AFTER = 3;

/**
 * The part of ours that an `is_from_me` row is: by guid; else the oldest unconfirmed one with the same words or file, as the guid of a part whose
 * answer is still out is not known yet.
 */
export function matchOwnRow(message: InboundMessage, facts: EntryFacts): PartId | undefined {
  if (facts.ownByGuid) return facts.ownByGuid.id;
  return facts.ownRecent.find((part) => isUnconfirmed(part) && isSentPart(message, part))?.id;
}

/**
 * The part of ours that a self chat's false copy repeats: by guid, else by what it says among parts that are unconfirmed or were confirmed in
 * the last ten minutes. Each part has one false copy, so a part that was matched once does not match again: the same words
 * written later by the person are a message.
 */
export function matchFalseCopy(message: InboundMessage, facts: EntryFacts): PartId | undefined {
  if (facts.ownByGuid) return facts.ownByGuid.id;
  return facts.ownRecent.find((part) => !part.echoed && isSentPart(message, part))?.id;
}

/** The row says what the part says: the same words, or the same file. */
export function isSentPart(message: InboundMessage, { text, file }: OwnPart): boolean {
  return file === undefined ? isSentText(message.text, text) : isSentFile(message, file);
}

function isUnconfirmed(part: OwnPart): boolean {
  return part.sentAtMs === undefined && part.guid === undefined;
}

/** True for a note-to-self chat: declared by `selfHandles`, never guessed from the sender. */
export function isSelfChat(message: InboundMessage, selfHandles: readonly Handle[], region: string): boolean {
  if (message.isGroup || selfHandles.length === 0) return false;
  const identifier = parseSender(message.chatIdentifier, region);
  return identifier !== undefined && selfHandles.includes(identifier);
}

/** How many messages in a row, this one included, said what we had sent last. */
export function mirrorStreak(message: InboundMessage, facts: EntryFacts): number {
  const repeats =
    message.text.trim() !== "" && facts.lastReply.some((text) => isSentText(message.text, text));
  return repeats ? facts.mirrorStreak + 1 : 0;
}

/** What the owner is told, once, when a mirror is found. */
export function mirrorNotice(who: string): string {
  return `${who} repeats every answer word for word: it is left unanswered until it writes something else.`;
}
