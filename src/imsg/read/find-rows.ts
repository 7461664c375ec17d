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
/** Legacy: rows of a chat that are read around the dates of those that are looked for. */
const ROWS_AROUND = 200;
/** Legacy: chats that one search reads; the search is made again and again, and those that were active since are few. */
const MOST_HISTORIES = 500;

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
  const found = dialect.hasPages ? await atTheirPlaces(queries, rows) : await inActiveChats(queries, rows);
  return found.filter((row) => !isUnjoined(row));
}

async function atTheirPlaces(queries: Queries, rows: readonly InboundMessage[]): Promise<InboundMessage[]> {
  const found: InboundMessage[] = [];
  for (const { rowId, guid } of rows) {
    const { messages } = await queries.after(rowId - 1, 1);
    found.push(...messages.filter((one) => one.rowId === rowId && one.guid === guid));
  }
  return found;
}

/** A chat that a row was joined to is at least as new as the row. Each chat is read once for all of the rows, the likeliest first. */
async function inActiveChats(queries: Queries, rows: readonly InboundMessage[]): Promise<InboundMessage[]> {
  const dates = rows.map(({ createdAtMs }) => createdAtMs);
  const startMs = Math.min(...dates) - AROUND_MS;
  const endMs = Math.max(...dates) + AROUND_MS;
  const range = {
    limit: ROWS_AROUND,
    ...(isAskable(startMs) && { startMs }),
    ...(isAskable(endMs) && { endMs }),
  };
  const { chats } = await chatsActiveSince(queries, startMs);
  const senders = new Set(rows.map(({ sender }) => sender));
  const likeliest = chats.toSorted((one, other) => rank(senders, other) - rank(senders, one));
  const missing = new Set(rows.map(({ guid }) => guid));
  const found = new Map<string, InboundMessage>();
  for (const { chatId } of likeliest.slice(0, MOST_HISTORIES)) {
    if (missing.size === 0) break;
    for (const row of await queries.history(chatId, range))
      if (missing.delete(row.guid)) found.set(row.guid, row);
  }
  return rows.flatMap(({ guid }) => found.get(guid) ?? []);
}

/** Likeliest first: a sender's own chat, then those that a sender is in. */
function rank(senders: ReadonlySet<string>, { chatIdentifier, participants }: ChatSummary): number {
  if (senders.has(chatIdentifier)) return 2;
  return participants.some((one) => senders.has(one)) ? 1 : 0;
}
