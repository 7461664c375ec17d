// Telling our own words from a person's: own rows, a self chat's false copies, and mirrors.
import type { Handle } from "../model/handle.ts";
import { parseSender } from "../model/handle.ts";
import type { PartId } from "../model/ids.ts";
import type { EntryFacts, OwnPart } from "../model/journal.ts";
import { hasLettersOfSent, isSentPiece, isSentText, isUnreadable } from "../model/message-text.ts";
import type { InboundMessage } from "../model/message.ts";
import { isSentFile, mayBeFile } from "../model/sent-file.ts";

/** Messages in a row that repeat our last reply before they are taken for a mirror. */
export const MIRROR_AFTER = 3;

/** A part of ours that a row was found to be. */
export interface OwnMatch {
  readonly id: PartId;
  /** The row says all that the part says; else it is a piece of it, and the others are still to come. */
  readonly isWhole: boolean;
}

/**
 * The part of ours that an `is_from_me` row is: by guid; else the oldest unconfirmed one with the same words or file, as the guid of a part whose
 * answer is still out is not known yet.
 */
export function matchOwnRow(message: InboundMessage, facts: EntryFacts): OwnMatch | undefined {
  if (facts.ownByGuid) return matchOf(message, facts.ownByGuid);
  const open = facts.ownRecent.filter(isUnconfirmed);
  const part =
    open.find((one) => isSentPart(message, one)) ?? open.find((one) => isPieceOfPart(message, one));
  return part && matchOf(message, part);
}

/**
 * The same in a self chat, where a row that is not ours is answered: whatever can be ours is. A part has one own row, so that what the
 * person repeats is a message.
 */
export function matchOwnRowInSelfChat(message: InboundMessage, facts: EntryFacts): OwnMatch | undefined {
  const surely = matchOwnRow(message, facts);
  if (surely) return surely;
  const open = [...facts.ownUnreturned, ...facts.ownRecent].filter((part) => !part.returned);
  const part =
    open.find((one) => isSentPart(message, one)) ??
    open.find((one) => isPieceOfPart(message, one) || mayBePart(message, one));
  return part && matchOf(message, part);
}

/**
 * The part of ours that a self chat's false copy repeats: by guid, else by what it says among parts that are unconfirmed or were confirmed in
 * the last ten minutes. Each part has one false copy, so a part that was matched once does not match again: the same words
 * written later by the person are a message.
 */
export function matchFalseCopy(message: InboundMessage, facts: EntryFacts): OwnMatch | undefined {
  if (facts.ownByGuid) return matchOf(message, facts.ownByGuid);
  const open = facts.ownRecent.filter((part) => !part.echoed);
  const part =
    open.find((one) => isSentPart(message, one)) ?? open.find((one) => isPieceOfPart(message, one));
  return part && matchOf(message, part);
}

/** The row says what the part says: the same words, or the same file. */
export function isSentPart(message: InboundMessage, { text, file }: OwnPart): boolean {
  return file === undefined ? isSentText(message.text, text) : isSentFile(message, file);
}

/** Messages makes a row of its own of a link. */
function isPieceOfPart(message: InboundMessage, { text, file }: OwnPart): boolean {
  return file === undefined && isSentPiece(message.text, text);
}

/** The row may be the part, for all that is known of how Messages changes a text or names a file. */
function mayBePart(message: InboundMessage, { text, file }: OwnPart): boolean {
  if (file !== undefined) return mayBeFile(message, file);
  return (
    message.attachments.length === 0 && (isUnreadable(message.text) || hasLettersOfSent(message.text, text))
  );
}

function matchOf(message: InboundMessage, part: OwnPart): OwnMatch {
  return { id: part.id, isWhole: !isPieceOfPart(message, part) };
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
