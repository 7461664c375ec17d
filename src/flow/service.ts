// Rows of owners whose chat's guid does not say by which service they came: the chats list is asked.
import { setTimeout as delay } from "node:timers/promises";
import { chatGuidKey } from "../model/chat-guid.ts";
import { isUnjoined, type ChatRef, type ChatSummary, type InboundMessage } from "../model/message.ts";
import { serviceOf } from "../model/service.ts";
import { senderOf, type AccountContext } from "./frame.ts";

/** A chat that was just written in is among the newest; further ones are asked for only where it is not. */
const CHATS_TRIED = [20, 500] as const;

/**
 * The rows, each that may act as an owner with its service where that can be found out.
 *
 * Contract: never rejects and takes no longer than `serviceLookUpMs`; where the list does not answer the service stays unknown, which
 * counts as nobody's.
 */
export async function withServices(
  context: AccountContext,
  rows: readonly InboundMessage[],
): Promise<readonly InboundMessage[]> {
  const frame = context.frame();
  const { owners } = frame.account;
  const mustAsk = (row: InboundMessage): boolean => {
    if (row.isFromMe || isUnjoined(row) || serviceOf(row) !== undefined) return false;
    const handle = senderOf(frame, row);
    return handle !== undefined && owners.includes(handle);
  };
  const asking = rows.filter(mustAsk);
  if (asking.length === 0) return rows;
  // The child that would answer may be gone, and the next one waits for these very rows.
  const tooLong = new AbortController();
  const timeOut = delay(context.timing.serviceLookUpMs, [], { signal: tooLong.signal, ref: false });
  timeOut.catch(() => {});
  const chats = await Promise.race([findChats(context, asking), timeOut]);
  tooLong.abort();
  return rows.map((row) => {
    const service = mustAsk(row) ? chats.find((chat) => isSameChat(chat, row))?.service : undefined;
    return service === undefined || service === "" ? row : { ...row, service };
  });
}

async function findChats(
  context: AccountContext,
  rows: readonly InboundMessage[],
): Promise<readonly ChatSummary[]> {
  let chats: readonly ChatSummary[] = [];
  try {
    for (const limit of CHATS_TRIED) {
      chats = await context.messages.chats(limit);
      if (rows.every((row) => chats.some((chat) => isSameChat(chat, row)))) break;
    }
  } catch (cause) {
    context.log.warn("could not ask by which service an owner's message came", { cause: String(cause) });
  }
  return chats;
}

function isSameChat(one: ChatRef, other: ChatRef): boolean {
  if (one.chatGuid !== "" && other.chatGuid !== "")
    return chatGuidKey(one.chatGuid) === chatGuidKey(other.chatGuid);
  return one.chatId > 0 && one.chatId === other.chatId;
}
