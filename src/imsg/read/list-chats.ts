// Lists chats as far as it takes and no further: a large Mac has thousands, and v1 reads every unread row of those it lists.
import type { ChatSummary } from "../../model/message.ts";
import type { Queries } from "./queries.ts";

/** Chats of the first list; each further one is `GROWTH` times as long. */
const FIRST_LIST = 50;
const GROWTH = 8;
/** No Mac has more; beyond it nothing is certain. */
const MOST_CHATS = 200_000;

/** A list, newest activity first. */
export interface ChatList {
  readonly chats: readonly ChatSummary[];
  /** Every chat of the database is in it. */
  readonly isWhole: boolean;
}

/** Asks for longer and longer lists until one is enough, or all there is. Contract: rejects as the requests do. */
export async function listChats(
  queries: Pick<Queries, "chatPage">,
  isEnough: (chats: readonly ChatSummary[]) => boolean,
): Promise<ChatList> {
  for (let limit = FIRST_LIST; ; limit = Math.min(limit * GROWTH, MOST_CHATS)) {
    const { chats, mayBeMore } = await queries.chatPage(limit);
    if (!mayBeMore || limit === MOST_CHATS || isEnough(chats)) return { chats, isWhole: !mayBeMore };
  }
}

/** The chats with anything newer than a moment, or as new. */
export async function chatsActiveSince(
  queries: Pick<Queries, "chatPage">,
  sinceMs: number,
): Promise<ChatList> {
  const reaches = (chats: readonly ChatSummary[]): boolean => (chats.at(-1)?.lastMessageAtMs ?? 0) < sinceMs;
  const { chats, isWhole } = await listChats(queries, reaches);
  return {
    chats: chats.filter(({ lastMessageAtMs }) => lastMessageAtMs >= sinceMs),
    isWhole: isWhole || reaches(chats),
  };
}
