// Rows that are our own words or no words at all: they never become turns.
import { hasContent, writtenText } from "../model/message-text.ts";
import { remember, rememberAsContext, type Admission, type Verdict } from "./admission.ts";
import { decideAge } from "./age.ts";
import { isSelfChat, isSentPart, matchFalseCopy, matchOwnRow } from "./echo.ts";
import { registryFault, type Group } from "./group.ts";
import { holdsLink, isBareLink } from "./link.ts";
import { isTextTapback } from "./text-tapback.ts";

/** Own rows and the copies that a self chat makes of them. */
export function admitOwnRow(row: Admission, group: Group | undefined): Verdict | undefined {
  const { message, facts } = row;
  const { account } = row.policy;
  if (message.isFromMe) {
    row.gate("own row", "is_from_me", false);
    const settles = matchOwnRow(message, facts);
    if (settles !== undefined) return { ...remember("own.row", "our own message come back"), settles };
    const keep = isGroupContext(row, group) ? rememberAsContext : remember;
    return keep("own.row", "written by this Apple ID elsewhere");
  }
  const selfChat = isSelfChat(message, account.selfHandles, account.region);
  const copied = selfChat ? matchFalseCopy(message, facts) : facts.ownByGuid?.id;
  if (copied !== undefined) {
    row.gate("own row", selfChat ? "false copy in a self chat" : "guid of ours", false);
    return { ...remember("own.echo", "a copy of what we sent"), echoes: copied };
  }
  row.gate("own row", selfChat ? "self chat, not a copy of ours" : "from somebody else", true);
  return undefined;
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
  return remember("event.empty", "an event of the chat (rename, join) or an empty row");
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
