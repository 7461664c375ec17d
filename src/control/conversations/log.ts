// The journal as one list: every message of every conversation, with what was decided about it.
import type { EntryId } from "../../model/ids.ts";
import type { EntryState, JournalView } from "../../model/views.ts";
import { checkAccountId } from "../accounts.ts";
import { clipText, makePage, readNumberKey, type Page } from "../page/piece.ts";
import type { ConversationsPlace } from "./list.ts";
import { verdictOf, type Verdict } from "./verdict.ts";

/** One message of the journal. */
export interface LogItem {
  /** Later messages have greater ones. */
  readonly position: number;
  readonly accountId: string;
  readonly conversationId: number | undefined;
  readonly guid: string;
  readonly rowId: number;
  readonly atMs: number;
  /** Undefined: we wrote it. */
  readonly from: string | undefined;
  /** Clipped. */
  readonly text: string;
  readonly state: EntryState;
  readonly verdict: Verdict | undefined;
}

/** Which messages: those before a position, newest first, or those after one, oldest first. */
export interface LogChoice {
  readonly account?: string | undefined;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

const LONGEST_TEXT = 300;

/** A piece of the journal. Throws `account/unknown`, `cli/usage`. */
export async function readLog(
  { settings, store }: ConversationsPlace,
  { account, before, after, limit }: LogChoice,
): Promise<Page<LogItem>> {
  const rows = await store.views.journal({
    accountId: checkAccountId(settings, account),
    before: readNumberKey(before) as EntryId | undefined,
    after: readNumberKey(after) as EntryId | undefined,
    limit: limit + 1,
  });
  return makePage(rows.slice(0, limit), {
    show: itemOf,
    keyOf: ({ entry }) => `${entry.id}`,
    isMore: rows.length > limit,
  });
}

function itemOf({ entry, state, decision }: JournalView): LogItem {
  const { id, conversationId, message, receivedAtMs } = entry;
  return {
    position: id,
    accountId: message.accountId,
    conversationId,
    guid: message.guid,
    rowId: message.rowId,
    atMs: receivedAtMs,
    from: message.isFromMe ? undefined : message.sender,
    text: clipText(message.text, LONGEST_TEXT).text,
    state,
    verdict: decision && verdictOf(decision),
  };
}
