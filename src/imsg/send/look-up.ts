// Looks for a part of unknown fate: by the guid that imsg was given for it, then by its text or file among our rows.
import { sameChatGuid } from "../../model/chat-guid.ts";
import type { OutboundPart } from "../../model/delivery.ts";
import { messageGuid } from "../../model/ids.ts";
import { isUnjoined, type ChatRef, type InboundMessage } from "../../model/message.ts";
import { isSentPiece, isSentText, isUnreadable, resemblesSent } from "../../model/message-text.ts";
import type { KnownGuids, LookUp } from "../../model/ports.ts";
import { isSentFile, mayBeFile } from "../../model/sent-file.ts";
import type { Session } from "../child/session.ts";
import type { ChatBook } from "../read/chat-book.ts";
import { listChats } from "../read/list-chats.ts";

/** v1: rows of one page and pages behind the row that was newest when the attempt began. */
const PAGE_ROWS = 500;
const MOST_PAGES = 40;
/** Legacy: how much of a chat is read, step by step, until it reaches below that row. */
const HISTORY_STEPS = [50, 250] as const;

/** Where to look. */
export interface LookUpSession extends Pick<Session, "link" | "queries" | "dialect"> {
  readonly book: ChatBook;
  readonly timeoutMs: number;
}

/**
 * Looks for a part.
 *
 * Contract: rejects when imsg cannot be asked. `absent` only when everything that can hold it was read far enough and none of our rows
 * there may be it.
 */
export async function lookUpPart(
  part: OutboundPart,
  known: KnownGuids,
  session: LookUpSession,
): Promise<LookUp> {
  if (session.dialect.methods.has("message.send_status")) {
    const verdict = await byStatus(part, session);
    if (verdict !== undefined) return verdict;
  }
  const search = { known, session };
  return session.dialect.hasPages ? inPages(part, search) : inHistories(part, search);
}

/** v1: the attempt's id is the message's guid when the send was tracked. Undefined: imsg knows no such row. */
async function byStatus(part: OutboundPart, { link, timeoutMs }: LookUpSession): Promise<LookUp | undefined> {
  const result = await link.call("message.send_status", { guid: part.attemptId }, timeoutMs);
  const fields = (typeof result === "object" && result !== null ? result : {}) as Record<string, unknown>;
  switch (fields["send_state"]) {
    case "sent":
    case "delivered":
      return { kind: "found", guid: messageGuid(part.attemptId), rowId: undefined };
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

/** v1 reads all rows since the attempt began, whichever chat they are in: no chat needs to be found, and none is left out. */
async function inPages(part: OutboundPart, { known, session }: Search): Promise<LookUp> {
  const ours: InboundMessage[] = [];
  let from: number = part.anchorRow;
  for (let pages = 1; ; pages += 1) {
    const page = await session.queries.after(from, PAGE_ROWS);
    ours.push(...page.messages.filter((row) => isCandidate(row, part) && isWhereItWent(row, part)));
    if (!page.hasMore) break;
    if (page.nextRow <= from || pages === MOST_PAGES) return TOO_MANY;
    from = page.nextRow;
  }
  return judge(part, await unclaimed(ours, known), true);
}

/** Legacy reads chat by chat: the one that is known first, then every other that the target can mean. */
async function inHistories(part: OutboundPart, search: Search): Promise<LookUp> {
  const { queries, book } = search.session;
  const { target, chat } = part;
  const chatId = target.kind === "chat_id" ? target.chatId : (chat?.chatId ?? 0);
  const nearby = chatId > 0 ? await inHistory(part, chatId, search) : undefined;
  if (nearby?.kind === "found") return nearby;
  const { chats, isWhole } = await listChats(queries, () => false);
  for (const one of chats) book.learn(one);
  let unclear: LookUp | undefined = isWhole
    ? undefined
    : { kind: "unclear", reason: "imsg lists too many chats" };
  for (const one of chats.filter((each) => isMeant(each, part))) {
    const verdict = await inHistory(part, one.chatId, search);
    if (verdict.kind === "found") return verdict;
    if (verdict.kind === "unclear") unclear = verdict;
  }
  return unclear ?? { kind: "absent" };
}

async function inHistory(part: OutboundPart, chatId: number, { known, session }: Search): Promise<LookUp> {
  for (const limit of HISTORY_STEPS) {
    const rows = await session.queries.history(chatId, { limit });
    // The number may be another chat's by now.
    const ours = rows.filter((row) => isCandidate(row, part) && isMeant(row, part));
    const verdict = judge(part, await unclaimed(ours, known), false);
    if (verdict.kind !== "absent") return verdict;
    if (rows.length < limit || rows.some((row) => row.rowId <= part.anchorRow)) return verdict;
  }
  return TOO_MANY;
}

const TOO_MANY: LookUp = { kind: "unclear", reason: "there are too many newer messages" };

/** Our rows that belong to no other part, in row order. */
async function unclaimed(ours: readonly InboundMessage[], known: KnownGuids): Promise<InboundMessage[]> {
  const taken = ours.length === 0 ? new Set() : await known(ours.map((row) => row.guid));
  return ours.filter((row) => !taken.has(row.guid)).sort((one, other) => one.rowId - other.rowId);
}

/** `isStrict`: any row of ours that nobody else sent may be it, whatever it says. */
function judge(part: OutboundPart, open: readonly InboundMessage[], isStrict: boolean): LookUp {
  const joined = open.filter((row) => !isUnjoined(row));
  const found = joined.find((row) => isPart(row, part)) ?? joined.find((row) => isPieceOfPart(row, part));
  if (found !== undefined) return { kind: "found", guid: found.guid, rowId: found.rowId };
  // Sending again could be sending twice.
  if (open.some((row) => mayBePart(row, part)))
    return { kind: "unclear", reason: "a row of ours that imsg could not read well may be it" };
  if (isStrict && open.some((row) => isOfItsKind(row, part)))
    return { kind: "unclear", reason: "a message of ours that something else sent may be it" };
  return { kind: "absent" };
}

function isCandidate(row: InboundMessage, part: OutboundPart): boolean {
  return row.isFromMe && row.reaction === undefined && row.rowId > part.anchorRow;
}

/** A row that has no chat yet may still come into this one. */
function isWhereItWent(row: InboundMessage, part: OutboundPart): boolean {
  return isUnjoined(row) || isMeant(row, part);
}

function isPart(row: InboundMessage, { text, file }: OutboundPart): boolean {
  return file === undefined ? isSentText(row.text, text) : isSentFile(row, file);
}

function isPieceOfPart(row: InboundMessage, { text, file }: OutboundPart): boolean {
  return file === undefined && isSentPiece(row.text, text);
}

function mayBePart(row: InboundMessage, { text, file }: OutboundPart): boolean {
  if (file !== undefined) return mayBeFile(row, file);
  if (!row.attachments.every(isPreview)) return false;
  return isUnreadable(row.text) || resemblesSent(row.text, text);
}

/** A text never becomes a row that is a file alone, nor a file one that is words alone. */
function isOfItsKind(row: InboundMessage, { file }: OutboundPart): boolean {
  const isFile = row.attachments.some((one) => !isPreview(one));
  return file === undefined ? !isFile || !isUnreadable(row.text) : isFile || isUnreadable(row.text);
}

/** Messages hangs the preview of a link on the message as a file. */
function isPreview({ name }: InboundMessage["attachments"][number]): boolean {
  return name.endsWith(".pluginPayloadAttachment");
}

function isMeant(chat: ChatRef, { target, expectedGuid, chat: known }: OutboundPart): boolean {
  switch (target.kind) {
    case "chat_guid":
      return sameChatGuid(chat.chatGuid, target.guid);
    case "chat_identifier":
      return chat.chatIdentifier === target.identifier;
    case "handle":
      if (known !== undefined && sameChatGuid(chat.chatGuid, known.chatGuid)) return true;
      return !chat.isGroup && chat.chatIdentifier.toLowerCase() === target.handle.toLowerCase();
    default:
      // The row id counts only while nothing better is known: it may name another chat by now.
      if (expectedGuid !== undefined && expectedGuid !== "") return sameChatGuid(chat.chatGuid, expectedGuid);
      return chat.chatId === target.chatId;
  }
}
