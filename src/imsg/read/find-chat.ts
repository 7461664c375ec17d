// Finds a chat of the journal in the present database: by what was seen, then by its number, then in lists until the end.
import { sameChatGuid } from "../../model/chat-guid.ts";
import type { ChatBook } from "./chat-book.ts";
import { listChats } from "./list-chats.ts";
import type { Queries } from "./queries.ts";

/** Where to look. */
export interface ChatPlaces {
  readonly queries: Pick<Queries, "chatPage" | "history">;
  readonly book: ChatBook;
}

/** A chat by its guid; the number it had is only where to look first, for another database gives it to another chat. */
export interface WantedChat {
  readonly guid: string;
  readonly chatId: number;
}

/** `gone`: every chat of the database was listed, and it is none of them. */
export type FoundChat = { readonly guid: string } | "gone" | "unclear";

/** The guid as this database writes it. Contract: rejects as the requests do. */
export async function findChat(wanted: WantedChat, places: ChatPlaces): Promise<FoundChat> {
  const known = knownChat(wanted, places.book) ?? (await atItsNumber(wanted, places));
  if (known !== undefined) return { guid: known };
  const { queries, book } = places;
  const isIt = ({ chatGuid }: { readonly chatGuid: string }): boolean => sameChatGuid(chatGuid, wanted.guid);
  const { chats, isWhole } = await listChats(queries, (listed) => listed.some(isIt));
  for (const chat of chats) book.learn(chat);
  const found = chats.find(isIt);
  if (found !== undefined) return { guid: found.chatGuid };
  return isWhole ? "gone" : "unclear";
}

/** The same, without a look into any list. */
export async function findChatNearby(wanted: WantedChat, places: ChatPlaces): Promise<string | undefined> {
  return knownChat(wanted, places.book) ?? atItsNumber(wanted, places);
}

function knownChat({ guid, chatId }: WantedChat, book: ChatBook): string | undefined {
  const numbered = book.guidOf(chatId);
  return numbered !== undefined && sameChatGuid(numbered, guid) ? numbered : book.find(guid);
}

/** One row says which chat has the number now. */
async function atItsNumber(
  { guid, chatId }: WantedChat,
  { queries, book }: ChatPlaces,
): Promise<string | undefined> {
  if (chatId <= 0 || book.guidOf(chatId) !== undefined) return undefined;
  const [row] = await queries.history(chatId, { limit: 1 });
  if (row === undefined) return undefined;
  book.learn(row);
  return sameChatGuid(row.chatGuid, guid) ? row.chatGuid : undefined;
}
