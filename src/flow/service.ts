// Rows of owners whose chat's guid does not say by which service they came: the chats list is asked.
import { setTimeout as delay } from "node:timers/promises";
import { chatGuidKey } from "../model/chat-guid.ts";
import { isUnjoined, type ChatRef, type ChatSummary, type InboundMessage } from "../model/message.ts";
import { serviceOf } from "../model/service.ts";
import type { Target } from "../model/target.ts";
import { isSelfChat } from "../rules/echo.ts";
import { senderOf, type AccountContext } from "./frame.ts";

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
  const { owners, selfHandles, region } = frame.account;
  const mustAsk = (row: InboundMessage): boolean => {
    const isOurs = row.isFromMe && !isSelfChat(row, selfHandles, region);
    if (isOurs || isUnjoined(row) || serviceOf(row) !== undefined) return false;
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
  const chats: ChatSummary[] = [];
  try {
    for (const row of rows) {
      if (chats.some((chat) => isSameChat(chat, row))) continue;
      const chat = await context.messages.chat(nameOf(row));
      if (chat !== undefined) chats.push(chat);
    }
  } catch (cause) {
    context.log.warn("could not ask by which service an owner's message came", { cause: String(cause) });
  }
  return chats;
}

function nameOf({ chatGuid, chatId }: ChatRef): Target {
  return chatGuid === "" ? { kind: "chat_id", chatId } : { kind: "chat_guid", guid: chatGuid };
}

function isSameChat(one: ChatRef, other: ChatRef): boolean {
  if (one.chatGuid !== "" && other.chatGuid !== "")
    return chatGuidKey(one.chatGuid) === chatGuidKey(other.chatGuid);
  return one.chatId > 0 && one.chatId === other.chatId;
}
