// Rows that are our own words, came before under another guid, or hold no words at all: they never become turns.
import { hasContent, writtenText } from "../model/message-text.ts";
import { remember, rememberAsContext, type Admission, type Verdict } from "./admission.ts";
import { decideAge } from "./age.ts";
import {
  isSelfChat,
  isSentPart,
  matchFalseCopy,
  matchOwnRow,
  matchOwnRowInSelfChat,
  type OwnMatch,
} from "./echo.ts";
import { registryFault, type Group } from "./group.ts";
import { holdsLink, isBareLink } from "./link.ts";
import { isTextTapback } from "./text-tapback.ts";

/** A message that is journaled already: iCloud delivers rows again, under other guids. */
export function admitRedelivered(row: Admission): Verdict | undefined {
  const { delivered } = row.facts;
  if (delivered === undefined) return undefined;
  row.gate("delivery", `the message of row ${delivered} under another guid`, false);
  return remember("row.redelivered", `iCloud delivered the message of row ${delivered} again`);
}

/** Own rows, and the second row that Messages may write of what stands in a self chat. */
export function admitOwnRow(row: Admission, group: Group | undefined): Verdict | undefined {
  const { message, facts } = row;
  const { account } = row.policy;
  const selfChat = group === undefined && isSelfChat(message, account.selfHandles, account.region);
  if (selfChat) return admitInSelfChat(row);
  if (message.isFromMe) {
    row.gate("own row", "is_from_me", false);
    const ours = matchOwnRow(message, facts);
    if (ours !== undefined) return ownRow(ours);
    const keep = isGroupContext(row, group) ? rememberAsContext : remember;
    return keep("own.row", "this Apple ID wrote it on another device");
  }
  if (facts.ownByGuid !== undefined) {
    row.gate("own row", "guid of ours", false);
    return { ...remember("own.echo", "it is a copy of what we sent"), echoes: facts.ownByGuid.id };
  }
  row.gate("own row", "from somebody else", true);
  return undefined;
}

/**
 * In a note-to-self chat the person's rows are ours by their mark, and Messages writes each text once or twice: as ours, on some systems
 * with a copy that is not. Whichever row of a text comes first is the message.
 */
function admitInSelfChat(row: Admission): Verdict | undefined {
  const { message, facts } = row;
  if (message.isFromMe) {
    const ours = matchOwnRowInSelfChat(message, facts);
    if (ours !== undefined) {
      row.gate("own row", "is_from_me in a self chat, what we sent", false);
      return ownRow(ours);
    }
  } else {
    const copied = matchFalseCopy(message, facts);
    if (copied !== undefined) {
      row.gate("own row", "false copy in a self chat", false);
      const echoes = copied.isWhole ? { echoes: copied.id } : {};
      return { ...remember("own.echo", "it is a copy of what we sent"), ...echoes };
    }
  }
  const { twin } = facts;
  if (twin !== undefined) {
    row.gate("own row", `self chat, the other row of row ${twin.rowId}`, false);
    return {
      ...remember("own.copy", `it is the second row of the note in row ${twin.rowId}`),
      pairs: twin.id,
    };
  }
  row.gate("own row", "self chat, not a copy of ours", true);
  return undefined;
}

function ownRow({ id, isWhole }: OwnMatch): Verdict {
  const whole = isWhole ? { settlesWhole: true as const } : {};
  return { ...remember("own.row", "it is our own message, back from Messages"), settles: id, ...whole };
}

/** Events, empty rows, and what repeats the row before it. */
export function admitContent(row: Admission): Verdict | undefined {
  const { message } = row;
  const { reaction, text, attachments } = message;
  if (reaction) {
    row.gate("content", `reaction ${reaction.type}`, false);
    return remember("reaction", "a reaction is an event, not a message");
  }
  if (attachments.length === 0 && isTextTapback(text)) {
    row.gate("content", "a reaction put into words", false);
    return remember(
      "reaction",
      "a reaction is an event, not a message, also where a phone puts it into words",
    );
  }
  if (isPreview(row)) {
    row.gate("content", "the link of the message before it", false);
    return remember("link.preview", "Messages writes the preview of a link as a row of its own");
  }
  const saw = `${text.length} characters, ${attachments.length} attachments`;
  if (row.gate("content", saw, hasContent(message))) return undefined;
  return remember("event.empty", "it is an event of the chat (rename, join) or an empty row");
}

function isPreview({ message, facts }: Admission): boolean {
  const link = writtenText(message);
  const isLink = message.attachments.length === 0 && isBareLink(link);
  return isLink && facts.justBefore.some((before) => holdsLink(before, link));
}

/** What the account's own person wrote by hand in a group belongs to what was said there, unless it is history or ours after all. */
function isGroupContext(row: Admission, group: Group | undefined): boolean {
  const { account, age } = row.policy;
  if (!group || account.groupPolicy === "disabled" || registryFault(account, group)) return false;
  if (row.message.reaction || !hasContent(row.message)) return false;
  if (row.facts.ownRecent.some((part) => isSentPart(row.message, part))) return false;
  const verdict = decideAge(age, row.entry, row.facts.firstStartMs);
  return verdict.kind === "fresh" || verdict.code === "catchup.too-old";
}
