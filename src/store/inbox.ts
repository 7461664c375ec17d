// The journal of inbound rows: accept with the cursor → decide in order → join what came before its chat.
import type { Decision } from "../model/decision.ts";
import { messageGuid, type AccountId, type ConversationId, type EntryId, type RowId } from "../model/ids.ts";
import type { Anchor, DecidedEntry, Entry, Position } from "../model/journal.ts";
import { isUnjoined, type InboundMessage } from "../model/message.ts";
import type { Clock } from "../model/ports.ts";
import type { AcceptBatch, Inbox, Verdict } from "../model/store.ts";
import type { Conversations } from "./conversations.ts";
import { ENTRY_COLUMNS, readEntry, type EntryRow } from "./entries.ts";
import type { Facts } from "./facts.ts";
import { marksOf } from "./same-messages.ts";
import type { Database } from "./sqlite.ts";
import type { JoinedEntry, Verdicts } from "./verdicts.ts";

/** Entries among which the newest row of an account is looked for. */
const NEWEST_TRIED = 200;

interface AccountRow {
  readonly cursor: RowId;
  readonly started_at_ms: number;
  readonly anchor: string | null;
  readonly begun_after: number;
}

/** What an inbox is made of. */
export interface InboxParts {
  readonly db: Database;
  readonly clock: Clock;
  readonly conversations: Conversations;
  readonly facts: Facts;
  readonly verdicts: Verdicts;
}

/** `Inbox` on SQLite. */
export class SqliteInbox implements Inbox {
  readonly #db: Database;
  readonly #with: InboxParts;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: InboxParts) {
    this.#db = parts.db;
    this.#with = parts;
    this.#sql = prepare(parts.db);
  }

  async position(accountId: AccountId): Promise<Position | undefined> {
    return this.#db.read(() => {
      const row = this.#sql.account.get(accountId);
      return row && readPosition(row);
    });
  }

  async newestDateMs(accountId: AccountId): Promise<number | undefined> {
    const dates = await this.#db.read(() =>
      this.#sql.newest.all(NEWEST_TRIED, accountId).flatMap(({ message }) => {
        const { isFromMe, createdAtMs } = JSON.parse(message) as InboundMessage;
        return isFromMe ? [] : [createdAtMs];
      }),
    );
    return dates.length === 0 ? undefined : dates.reduce((one, other) => Math.max(one, other));
  }

  async begin(accountId: AccountId, position: Position): Promise<void> {
    const anchor = position.anchor ? JSON.stringify(position.anchor) : null;
    await this.#db.write(() => this.#sql.begin.run(accountId, position.cursor, position.startedAtMs, anchor));
  }

  async accept(accountId: AccountId, batch: AcceptBatch): Promise<readonly Entry[]> {
    return this.#db.write(() => {
      const account = this.#sql.account.get(accountId);
      if (!account) throw new Error(`account ${accountId} has no position: rows were given before begin`);
      const entries = batch.rows
        .map((message) => this.#insert(message, batch))
        .filter((entry) => entry !== undefined);
      const anchor = newestAnchor(readAnchor(account), entries);
      const isHeard = entries.some((entry) => !entry.message.isFromMe);
      const cursor = Math.max(account.cursor, batch.cursor);
      this.#sql.advance.run(
        cursor,
        anchor ? JSON.stringify(anchor) : null,
        isHeard ? batch.nowMs : null,
        accountId,
      );
      return entries;
    });
  }

  async decide(accountId: AccountId, verdict: Verdict): Promise<readonly DecidedEntry[]> {
    return this.#db.write(() => {
      const deferred = new Map<ConversationId, Entry[]>();
      return this.#sql.undecided.all(accountId).flatMap((row) => {
        const entry = readEntry(row) as JoinedEntry;
        const before = deferred.get(entry.conversationId) ?? [];
        if (verdict.defer?.(entry, before) !== true) return [this.#decide(entry, verdict)];
        deferred.set(entry.conversationId, [...before, entry]);
        return [];
      });
    });
  }

  async unjoined(accountId: AccountId): Promise<readonly Entry[]> {
    return this.#db.read(() => this.#sql.unjoined.all(accountId).map(readEntry));
  }

  async join(entryId: EntryId, message: InboundMessage): Promise<void> {
    await this.#db.write(() => {
      if (isUnjoined(message) || !this.#sql.stillUnjoined.get(entryId)) return;
      const conversationId = this.#with.conversations.touch(message);
      this.#sql.join.run(conversationId, JSON.stringify(message), ...marksOf(message), entryId);
      this.#with.conversations.advance(conversationId, entryId);
      this.#anchorTo(entryId, message);
    });
  }

  async refresh(entryId: EntryId, message: InboundMessage): Promise<void> {
    await this.#db.write(() => this.#sql.refresh.run(JSON.stringify(message), ...marksOf(message), entryId));
  }

  async expire(entryId: EntryId): Promise<void> {
    await this.#db.write(() => {
      const row = this.#sql.stillUnjoined.get(entryId);
      if (row) this.#with.verdicts.record(readEntry(row), UNJOINED_EXPIRED, this.#with.clock.now());
    });
  }

  /** Undefined when the row is known. */
  #insert(message: InboundMessage, batch: AcceptBatch): Entry | undefined {
    const guid = messageGuid(message.guid);
    if (this.#sql.byGuid.get(guid, message.accountId)) return undefined;
    const conversationId = isUnjoined(message) ? undefined : this.#with.conversations.touch(message);
    const id = this.#sql.insert.insert(
      message.accountId,
      guid,
      message.rowId,
      conversationId ?? null,
      batch.nowMs,
      batch.missed ? 1 : 0,
      batch.healthyAtMs,
      JSON.stringify(message),
      ...marksOf(message),
    ) as EntryId;
    if (conversationId !== undefined) this.#with.conversations.advance(conversationId, id);
    const { nowMs: receivedAtMs, missed, healthyAtMs } = batch;
    return { id, conversationId, message, receivedAtMs, missed, healthyAtMs };
  }

  #decide(entry: JoinedEntry, verdict: Verdict): DecidedEntry {
    const { nowMs, owners } = verdict;
    const handle = verdict.handleOf(entry.message);
    const asked = { handle, nowMs, keepsName: true, entryId: entry.id };
    const facts = this.#with.facts.of(entry.message, entry.conversationId, asked);
    const decision = verdict.decide(entry, handle, facts);
    this.#with.verdicts.record(entry, decision, nowMs);
    this.#with.verdicts.carryOut(entry, decision, { owners, nowMs });
    return { entry, decision };
  }

  /** A row of a database that was replaced since proves nothing about the present one. */
  #anchorTo(entryId: EntryId, message: InboundMessage): void {
    const account = this.#sql.account.get(message.accountId);
    if (!account || entryId <= account.begun_after) return;
    const anchor = readAnchor(account);
    if (anchor && anchor.rowId >= message.rowId) return;
    this.#sql.anchor.run(JSON.stringify(anchorAt(message)), message.accountId);
  }
}

const UNJOINED_EXPIRED: Decision = {
  outcome: {
    kind: "ignore",
    code: "unjoined.expired",
    because: "Messages never said which chat the row belongs to",
    fix: "Ask the sender to write again.",
  },
  gates: [{ name: "chat", saw: "a row that stayed without a chat", passed: false }],
  handle: undefined,
  // No configuration has a say in it.
  configVersion: "",
  mirrorStreak: 0,
};

function anchorAt(message: InboundMessage): Anchor {
  const { rowId, guid, chatId, createdAtMs } = message;
  return { rowId, guid, chatId, createdAtMs };
}

function newestAnchor(known: Anchor | undefined, entries: readonly Entry[]): Anchor | undefined {
  let anchor = known;
  for (const { conversationId, message } of entries)
    if (conversationId !== undefined && message.rowId > (anchor?.rowId ?? 0)) anchor = anchorAt(message);
  return anchor;
}

function readAnchor(row: AccountRow): Anchor | undefined {
  return row.anchor === null ? undefined : (JSON.parse(row.anchor) as Anchor);
}

/** The position of an account's row. */
export function readPosition(row: Pick<AccountRow, "cursor" | "anchor" | "started_at_ms">): Position {
  const anchor = row.anchor === null ? undefined : (JSON.parse(row.anchor) as Anchor);
  return { cursor: row.cursor, anchor, startedAtMs: row.started_at_ms };
}

function prepare(db: Database) {
  const entries = (where: string) =>
    db.sql<EntryRow>(`SELECT ${ENTRY_COLUMNS} FROM inbox WHERE ${where} ORDER BY id`);
  return {
    account: db.sql<AccountRow>(
      "SELECT cursor, started_at_ms, anchor, begun_after FROM account WHERE id = ?",
    ),
    newest: db.sql<{ message: string }>(
      "SELECT message FROM inbox WHERE id > (SELECT coalesce(max(id), 0) FROM inbox) - ? AND account_id = ?",
    ),
    begin: db.sql(
      `INSERT INTO account (id, cursor, started_at_ms, anchor, begun_after)
       VALUES (?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM inbox))
       ON CONFLICT (id) DO UPDATE
       SET cursor = excluded.cursor, anchor = excluded.anchor, begun_after = excluded.begun_after`,
    ),
    advance: db.sql(
      `UPDATE account SET cursor = ?, anchor = ?, last_received_at_ms = coalesce(?, last_received_at_ms)
       WHERE id = ?`,
    ),
    anchor: db.sql("UPDATE account SET anchor = ? WHERE id = ?"),
    byGuid: db.sql<object>("SELECT 1 FROM inbox WHERE guid = ? AND account_id = ?"),
    insert: db.sql(
      `INSERT INTO inbox
         (account_id, guid, row_id, conversation_id, received_at_ms, missed, healthy_at_ms, message,
          written_at_ms, words, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'undecided')`,
    ),
    undecided: entries("account_id = ? AND state = 'undecided' AND conversation_id IS NOT NULL"),
    unjoined: entries("account_id = ? AND state = 'undecided' AND conversation_id IS NULL"),
    stillUnjoined: entries("id = ? AND state = 'undecided' AND conversation_id IS NULL"),
    refresh: db.sql(
      "UPDATE inbox SET message = ?, written_at_ms = ?, words = ? WHERE id = ? AND state = 'undecided'",
    ),
    join: db.sql(
      "UPDATE inbox SET conversation_id = ?, message = ?, written_at_ms = ?, words = ? WHERE id = ?",
    ),
  };
}
