// Looks for a part of unknown fate: by the guid that imsg was given for it, then by its text or file in the chat's history.
import { sameChatGuid } from "../../model/chat-guid.ts";
import type { OutboundPart } from "../../model/delivery.ts";
import { asId, type MessageGuid } from "../../model/ids.ts";
import type { ChatSummary, InboundMessage } from "../../model/message.ts";
import { isSentText, isUnreadable } from "../../model/message-text.ts";
import type { KnownGuids, LookUp } from "../../model/ports.ts";
import { isSentFile, mayBeFile } from "../../model/sent-file.ts";
import type { Session } from "../child/session.ts";

const MANY_CHATS = 1_000;
/** How much of a chat is read, step by step, until it reaches below the row that was newest when the attempt began. */
const HISTORY_STEPS = [50, 250] as const;

/** Where to look. */
export interface LookUpSession extends Pick<Session, "link" | "queries" | "dialect"> {
  readonly timeoutMs: number;
}

/** Contract: rejects when imsg cannot be asked; `absent` only when every chat that the target can mean was read far enough. */
export async function lookUpPart(
  part: OutboundPart,
  known: KnownGuids,
  session: LookUpSession,
): Promise<LookUp> {
  if (session.dialect.methods.has("message.send_status")) {
    const verdict = await byStatus(part, session);
    if (verdict !== undefined) return verdict;
  }
  const chats = await session.queries.chats(MANY_CHATS);
  const meant = chats.filter((chat) => isMeant(chat, part));
  if (meant.length === 0 && chats.length >= MANY_CHATS)
    return { kind: "unclear", reason: `the chat is not among the ${MANY_CHATS} newest` };
  let unclear: LookUp | undefined;
  for (const chat of meant) {
    const verdict = await inHistory(part, chat, { known, session });
    if (verdict.kind === "found") return verdict;
    if (verdict.kind === "unclear") unclear = verdict;
  }
  return unclear ?? { kind: "absent" };
}

/** v1: the attempt's id is the message's guid when the send was tracked. Undefined: imsg knows no such row. */
async function byStatus(part: OutboundPart, { link, timeoutMs }: LookUpSession): Promise<LookUp | undefined> {
  const result = await link.call("message.send_status", { guid: part.attemptId }, timeoutMs);
  const fields = (typeof result === "object" && result !== null ? result : {}) as Record<string, unknown>;
  switch (fields["send_state"]) {
    case "sent":
    case "delivered":
      return { kind: "found", guid: asId<MessageGuid>(part.attemptId), rowId: undefined };
    case "failed":
      return { kind: "unclear", reason: "Messages shows it as not delivered" };
    default:
      // imsg says `pending` without fields for a row that is not there.
      return fields["status_fields"]
        ? { kind: "unclear", reason: "Messages is still sending it" }
        : undefined;
  }
}

interface Search {
  readonly known: KnownGuids;
  readonly session: LookUpSession;
}

async function inHistory(part: OutboundPart, chat: ChatSummary, { known, session }: Search): Promise<LookUp> {
  for (const limit of HISTORY_STEPS) {
    const rows = await session.queries.history(chat.chatId, { limit });
    const ours = rows.filter((row) => isCandidate(row, part)).sort((one, other) => one.rowId - other.rowId);
    const taken = ours.length === 0 ? new Set() : await known(ours.map((row) => row.guid));
    const open = ours.filter((row) => !taken.has(row.guid));
    const found = open.find((row) => isPart(row, part));
    if (found !== undefined) return { kind: "found", guid: found.guid, rowId: found.rowId };
    // A row of ours that could not be read may be this one: sending again could be sending twice.
    if (open.some((row) => mayBePart(row, part)))
      return { kind: "unclear", reason: "imsg could not read what a row of ours says" };
    if (rows.length < limit || rows.some((row) => row.rowId <= part.anchorRow)) return { kind: "absent" };
  }
  return { kind: "unclear", reason: "the chat has too many newer messages" };
}

function isCandidate(row: InboundMessage, part: OutboundPart): boolean {
  return row.isFromMe && row.rowId > part.anchorRow;
}

function isPart(row: InboundMessage, { text, file }: OutboundPart): boolean {
  return file === undefined ? isSentText(row.text, text) : isSentFile(row, file);
}

function mayBePart(row: InboundMessage, { file }: OutboundPart): boolean {
  if (file !== undefined) return mayBeFile(row, file);
  return row.attachments.every(isPreview) && isUnreadable(row.text);
}

/** Messages hangs the preview of a link on the message as a file. */
function isPreview({ name }: InboundMessage["attachments"][number]): boolean {
  return name.endsWith(".pluginPayloadAttachment");
}

function isMeant(chat: ChatSummary, { target, expectedGuid }: OutboundPart): boolean {
  switch (target.kind) {
    case "chat_guid":
      return sameChatGuid(chat.chatGuid, target.guid);
    case "chat_identifier":
      return chat.chatIdentifier === target.identifier;
    case "handle":
      return !chat.isGroup && chat.chatIdentifier.toLowerCase() === target.handle.toLowerCase();
    default:
      // The row id counts only while nothing better is known: it may name another chat by now.
      if (expectedGuid !== undefined && expectedGuid !== "") return sameChatGuid(chat.chatGuid, expectedGuid);
      return chat.chatId === target.chatId;
  }
}
