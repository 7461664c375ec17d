// Finds single things in a Messages database: the chat that a target names, and rows that were without a chat when they came.
import { GatewayError } from "../../model/errors.ts";
import { isUnjoined, type ChatSummary, type InboundMessage } from "../../model/message.ts";
import { entryNamesChat, type Target } from "../../model/target.ts";
import type { Dialect } from "../child/dialect.ts";
import type { ChatPlaces } from "./find-chat.ts";
import { chatsActiveSince, listChats } from "./list-chats.ts";
import { isAskable, type Queries } from "./queries.ts";

/** Dates of a row are compared this loosely. */
const AROUND_MS = 2_000;
/** Legacy: rows of a chat that are read around the date of one. */
const ROWS_AROUND = 50;
/** Legacy: chats that one search reads; the search is made again and again. */
const MOST_HISTORIES = 100;

/** The chat that a target names; a handle names none. Rejects when there are more chats than imsg lists, and none of those is it. */
export async function findTarget(
  target: Target,
  { queries, book }: ChatPlaces,
): Promise<ChatSummary | undefined> {
  if (target.kind === "handle") return undefined;
  const isIt = (chat: ChatSummary): boolean => entryNamesChat(target, chat);
  const { chats, isWhole } = await listChats(queries, (listed) => listed.some(isIt));
  for (const chat of chats) book.learn(chat);
  const found = chats.find(isIt);
  if (found !== undefined || isWhole) return found;
  throw new GatewayError("imsg/refused", "the chat is not among the chats that imsg lists", {
    hint: "Name it by its chat_guid.",
  });
}

/** Those of the rows that have a chat now. v1 is asked for each row, legacy for the chats that were active since. */
export async function joinRows(
  rows: readonly InboundMessage[],
  { queries, dialect }: { readonly queries: Queries; readonly dialect: Pick<Dialect, "hasPages"> },
): Promise<readonly InboundMessage[]> {
  const joined: InboundMessage[] = [];
  const find = dialect.hasPages ? atItsPlace(queries) : await inRecentChats(queries, rows);
  for (const row of rows) {
    const found = await find(row);
    if (found !== undefined && !isUnjoined(found)) joined.push(found);
  }
  return joined;
}

type Find = (row: InboundMessage) => Promise<InboundMessage | undefined>;

function atItsPlace(queries: Queries): Find {
  return async ({ rowId, guid }) => {
    const { messages } = await queries.after(rowId - 1, 1);
    return messages.find((one) => one.rowId === rowId && one.guid === guid);
  };
}

/** A chat that a row was joined to is at least as new as the row. */
async function inRecentChats(queries: Queries, rows: readonly InboundMessage[]): Promise<Find> {
  const oldestMs = Math.min(...rows.map(({ createdAtMs }) => createdAtMs));
  const { chats } = await chatsActiveSince(queries, oldestMs - AROUND_MS);
  let left = MOST_HISTORIES;
  return async (row) => {
    const { createdAtMs } = row;
    const startMs = createdAtMs - AROUND_MS;
    const around = isAskable(createdAtMs) ? { startMs, endMs: createdAtMs + AROUND_MS } : {};
    const recent = chats.filter(({ lastMessageAtMs }) => lastMessageAtMs >= startMs);
    for (const chat of recent.sort((one, other) => rank(row, other) - rank(row, one))) {
      if (left-- <= 0) return undefined;
      const near = await queries.history(chat.chatId, { limit: ROWS_AROUND, ...around });
      const found = near.find(({ guid }) => guid === row.guid);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Likeliest first: the sender's own chat, then those that the sender is in. */
function rank({ sender }: InboundMessage, { chatIdentifier, participants }: ChatSummary): number {
  if (chatIdentifier === sender) return 2;
  return participants.includes(sender) ? 1 : 0;
}
