// Stopping a conversation: the turn that runs ends, and what waits is not answered.
import type { CommandDone } from "../model/command.ts";
import type { AccountId, ConversationId, EntryId, TurnId } from "../model/ids.ts";
import type { ApprovalRows } from "./approval-rows.ts";
import { ENTRY_COLUMNS, readEntry, type EntryRow } from "./entries.ts";
import type { Database } from "./sqlite.ts";
import type { TurnMessages } from "./turn-messages.ts";
import type { Verdicts } from "./verdicts.ts";

/** What is stopped. */
export interface Stop {
  readonly accountId: AccountId;
  readonly conversationId: ConversationId;
  /** What began with, or was written, from this entry on is not meant. */
  readonly before: EntryId;
  /** For people: `stopped by` whom. */
  readonly by: string;
  readonly nowMs: number;
}

/** What a stop changes. */
export interface StopsParts {
  readonly turnMessages: TurnMessages;
  readonly approvals: ApprovalRows;
  readonly verdicts: Verdicts;
}

/** Stops conversations. Contract: called inside verbs only. */
export class Stops {
  readonly #with: StopsParts;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, parts: StopsParts) {
    this.#with = parts;
    this.#sql = prepare(db);
  }

  stop(stop: Stop): CommandDone {
    return { stopped: this.#endTurn(stop), dropped: this.#dropWaiting(stop) };
  }

  #endTurn({ conversationId, before, by, nowMs }: Stop): TurnId | undefined {
    const turn = this.#sql.endTurn.get(`stopped by ${by}`, nowMs, conversationId, before);
    if (turn) {
      this.#with.turnMessages.end(turn.id, false);
      this.#with.approvals.endOf(turn.id, nowMs);
    }
    return turn?.id;
  }

  #dropWaiting({ accountId, conversationId, before, by, nowMs }: Stop): number {
    const saw = `${by} said stop`;
    const outcome = {
      kind: "ignore",
      code: "stopped",
      because: saw,
      fix: "Ask them to write again.",
    } as const;
    const gates = [{ name: "stop", saw, passed: false }];
    const rows = this.#sql.waiting.all(accountId, conversationId, before);
    for (const row of rows) this.#with.verdicts.recordAgain(readEntry(row), { outcome, gates }, nowMs);
    return rows.length;
  }
}

function prepare(db: Database) {
  return {
    endTurn: db.sql<{ id: TurnId }>(
      `UPDATE turn SET state = 'stopped', reason = ?, finished_at_ms = ?
       WHERE conversation_id = ? AND state = 'running'
         AND EXISTS (SELECT 1 FROM inbox WHERE inbox.turn_id = turn.id AND inbox.id < ?)
       RETURNING id`,
    ),
    waiting: db.sql<EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM inbox
       WHERE account_id = ? AND conversation_id = ? AND state = 'waiting' AND id < ? ORDER BY id`,
    ),
  };
}
