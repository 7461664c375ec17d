// Rows that are the same message as another: delivered again under another guid, or the two rows of a note to self.
import { createHash } from "node:crypto";
import type { ConversationId, EntryId, RowId } from "../model/ids.ts";
import type { EntryFacts } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import { wordsOf } from "../model/message-words.ts";
import type { Database } from "./sqlite.ts";

/** How far apart Messages dates the two rows of a note to self. */
const TWIN_MS = 60_000;
const HASH_BYTES = 16;

interface SameRow {
  readonly id: EntryId;
  readonly row_id: RowId;
  readonly message: string;
}

/** What a row is known by when it comes again; neither of it for one that says nothing, or has no date. */
export function marksOf(
  message: InboundMessage,
): readonly [writtenAtMs: number | null, words: string | null] {
  const words = message.createdAtMs > 0 ? wordsOf(message) : undefined;
  if (words === undefined) return [null, null];
  const hash = createHash("sha256").update(words).digest().subarray(0, HASH_BYTES).toString("base64url");
  return [message.createdAtMs, hash];
}

/** Finds them. Contract: called inside verbs only. */
export class SameMessages {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** The row that was decided before, or is to be decided before this one. A message without an entry is made up: it is the first. */
  delivered(message: InboundMessage, id: ConversationId, entryId: EntryId | undefined): RowId | undefined {
    const [writtenAtMs, words] = marksOf(message);
    if (writtenAtMs === null || words === null || entryId === undefined) return undefined;
    return this.#sql.sameDate
      .all(id, writtenAtMs, words, entryId, entryId)
      .find((row) => isSameSender(read(row), message))?.row_id;
  }

  twin(message: InboundMessage, id: ConversationId, entryId: EntryId | undefined): EntryFacts["twin"] {
    const [writtenAtMs, words] = marksOf(message);
    if (writtenAtMs === null || words === null || entryId === undefined) return undefined;
    const found = this.#sql.around
      .all(id, writtenAtMs - TWIN_MS, writtenAtMs + TWIN_MS, words, entryId)
      .find((row) => read(row).isFromMe !== message.isFromMe);
    return found && { id: found.id, rowId: found.row_id };
  }
}

function read({ message }: SameRow): Pick<InboundMessage, "isFromMe" | "sender"> {
  return JSON.parse(message) as InboundMessage;
}

/** Our own rows name the other person of their chat, if anybody. */
function isSameSender(
  one: Pick<InboundMessage, "isFromMe" | "sender">,
  other: Pick<InboundMessage, "isFromMe" | "sender">,
): boolean {
  if (one.isFromMe || other.isFromMe) return one.isFromMe === other.isFromMe;
  return one.sender.toLowerCase() === other.sender.toLowerCase();
}

function prepare(db: Database) {
  const select = "SELECT id, row_id, message FROM inbox WHERE conversation_id = ? AND words IS NOT NULL";
  return {
    sameDate: db.sql<SameRow>(
      `${select} AND written_at_ms = ? AND words = ? AND id <> ? AND (state <> 'undecided' OR id < ?) ORDER BY id`,
    ),
    around: db.sql<SameRow>(
      `${select} AND written_at_ms BETWEEN ? AND ? AND words = ? AND id <> ? AND paired = 0
         AND state <> 'undecided' ORDER BY id`,
    ),
  };
}
