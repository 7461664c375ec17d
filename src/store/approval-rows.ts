// Questions of agents as the table holds them: which of them a message may answer, and how each was settled.
import type { Handle } from "../model/handle.ts";
import type { AccountId, AgentId, ConversationId, MessageGuid, ApprovalId, TurnId } from "../model/ids.ts";
import type { InboundMessage } from "../model/message.ts";
import type {
  PendingApproval,
  ApprovalBy,
  ApprovalDecision,
  ApprovalRequest,
  ApprovalRecord,
} from "../model/approval.ts";
import type { Parts } from "./parts.ts";
import type { Database } from "./sqlite.ts";

/** A row of `permission`. */
export interface ApprovalRow {
  readonly id: ApprovalId;
  readonly turn_id: TurnId;
  readonly account_id: AccountId;
  readonly conversation_id: ConversationId;
  readonly agent_id: AgentId;
  readonly question: string;
  readonly asked: Handle | null;
  readonly asked_in: ConversationId | null;
  readonly group_id: number | null;
  readonly asked_at_ms: number;
  readonly expires_at_ms: number;
  readonly state: "pending" | "allowed" | "denied";
  readonly option_id: string | null;
  readonly decided_by: ApprovalBy | null;
  readonly decider: Handle | null;
  readonly decided_at_ms: number | null;
}

type Settled = Pick<ApprovalRow, "agent_id" | "question" | "group_id">;

/** Clocks of phones and of the Mac may differ from ours by so much. */
const CLOCK_SKEW_MS = 60_000;

/** Where and when a message was written, as far as it decides which question it may answer. */
export interface AnswerPlace {
  readonly message: Pick<InboundMessage, "accountId" | "rowId" | "createdAtMs">;
  readonly conversationId: ConversationId;
  /** Of the sender, whose direct chat this is; undefined in a group. */
  readonly peer: Handle | undefined;
  readonly nowMs: number;
}

/** The questions themselves. Contract: called inside verbs only. */
export class ApprovalRows {
  readonly #sql: ReturnType<typeof prepareRows>;
  readonly #parts: Parts;

  constructor(db: Database, parts: Parts) {
    this.#sql = prepareRows(db);
    this.#parts = parts;
  }

  /** The oldest question that waits for an answer there, and was asked before the message was written: an earlier `ok` meant something else. */
  pendingAt({ message, conversationId, peer, nowMs }: AnswerPlace): PendingApproval | undefined {
    const { accountId, rowId, createdAtMs } = message;
    const where = [conversationId, conversationId, peer ?? ""] as const;
    // While it is being sent rows say little: what was written before that began came too early, whenever it arrives.
    const when = [rowId, createdAtMs] as const;
    const row = this.#sql.pendingAt.get(accountId, nowMs, createdAtMs + CLOCK_SKEW_MS, ...where, ...when);
    if (!row || row.asked === null) return undefined;
    return {
      id: row.id,
      request: JSON.parse(row.question) as ApprovalRequest,
      asked: row.asked,
      isAskedHere: row.asked_in === conversationId || row.asked === peer,
      guids: this.#sql.guids.all(row.group_id).map(({ sent_guid }) => sent_guid),
    };
  }

  /** Settles a pending question, and keeps an owner's "always"; what is settled stays as it is. */
  settle(id: ApprovalId, decision: ApprovalDecision, nowMs: number): void {
    const { allowed, optionId, by, decider } = decision;
    const made = [allowed ? "allowed" : "denied", optionId ?? null, by, decider ?? null, nowMs] as const;
    const row = this.#sql.settle.get(...made, id);
    if (!row) return;
    this.#withdraw(row);
    if (by !== "owner" || decider === undefined) return;
    const { tool, options } = JSON.parse(row.question) as ApprovalRequest;
    const kind = options.find((option) => option.id === optionId)?.kind;
    if (kind === "allow_always" || kind === "reject_always")
      this.#sql.remember.run(row.agent_id, tool, allowed ? 1 : 0, decider, nowMs);
  }

  /** The turn, or this attempt of it, is over: its questions wait for nobody. */
  endOf(turnId: TurnId, nowMs: number): void {
    for (const row of this.#sql.endOf.all(nowMs, turnId)) this.#withdraw(row);
  }

  /** The process that ran the turns of an account is gone, and with it whoever waited. */
  endOfAll(accountId: AccountId, nowMs: number): void {
    for (const row of this.#sql.endOfAll.all(nowMs, accountId)) this.#withdraw(row);
  }

  /** A question that is over is not asked any more, if it still waits to be sent. */
  #withdraw({ group_id: groupId }: Settled): void {
    for (const { lane, account_id: accountId } of this.#sql.withdraw.all(groupId))
      this.#parts.refresh(lane, accountId);
  }

  /** What was asked in a turn, oldest first. */
  ofTurn(turnId: TurnId): ApprovalRecord[] {
    return this.#sql.ofTurn.all(turnId).map(readRecord);
  }

  find(id: ApprovalId): ApprovalRecord | undefined {
    const row = this.#sql.find.get(id);
    return row && readRecord(row);
  }

  newest(limit: number): ApprovalRecord[] {
    return this.#sql.newest.all(limit).map(readRecord);
  }
}

/** The record of a row. */
export function readRecord(row: ApprovalRow): ApprovalRecord {
  return {
    id: row.id,
    turnId: row.turn_id,
    accountId: row.account_id,
    agentId: row.agent_id,
    request: JSON.parse(row.question) as ApprovalRequest,
    asked: row.asked ?? undefined,
    askedAtMs: row.asked_at_ms,
    decision: readDecision(row),
  };
}

function readDecision(row: ApprovalRow): ApprovalRecord["decision"] {
  if (row.state === "pending" || row.decided_by === null || row.decided_at_ms === null) return undefined;
  return {
    allowed: row.state === "allowed",
    optionId: row.option_id ?? undefined,
    by: row.decided_by,
    decider: row.decider ?? undefined,
    atMs: row.decided_at_ms,
  };
}

function prepareRows(db: Database) {
  const settled = "RETURNING agent_id, question, group_id";
  return {
    pendingAt: db.sql<ApprovalRow>(
      `SELECT * FROM permission
       WHERE state = 'pending' AND account_id = ? AND expires_at_ms > ? AND asked_at_ms <= ?
         AND (asked_in = ? OR conversation_id = ? OR asked = ?)
         AND EXISTS (SELECT 1 FROM part WHERE part.group_id = permission.group_id
           AND state IN ('sending', 'unknown', 'sent') AND coalesce(sent_row, anchor_row) < ?
           AND (state = 'sent' OR claimed_at_ms <= ?))
       ORDER BY id LIMIT 1`,
    ),
    guids: db.sql<{ sent_guid: MessageGuid }>(
      "SELECT sent_guid FROM part WHERE group_id = ? AND sent_guid IS NOT NULL ORDER BY id",
    ),
    settle: db.sql<Settled>(
      `UPDATE permission SET state = ?, option_id = ?, decided_by = ?, decider = ?, decided_at_ms = ?
       WHERE id = ? AND state = 'pending' ${settled}`,
    ),
    remember: db.sql("INSERT OR REPLACE INTO standing_permission VALUES (?, ?, ?, ?, ?)"),
    endOf: db.sql<Settled>(
      `UPDATE permission SET state = 'denied', decided_by = 'turn-over', decided_at_ms = ?
       WHERE turn_id = ? AND state = 'pending' ${settled}`,
    ),
    endOfAll: db.sql<Settled>(
      `UPDATE permission SET state = 'denied', decided_by = 'turn-over', decided_at_ms = ?
       WHERE account_id = ? AND state = 'pending' ${settled}`,
    ),
    withdraw: db.sql<{ readonly lane: string; readonly account_id: AccountId }>(
      "UPDATE part SET state = 'dropped' WHERE group_id = ? AND state = 'queued' RETURNING lane, account_id",
    ),
    ofTurn: db.sql<ApprovalRow>("SELECT * FROM permission WHERE turn_id = ? ORDER BY id"),
    find: db.sql<ApprovalRow>("SELECT * FROM permission WHERE id = ?"),
    newest: db.sql<ApprovalRow>("SELECT * FROM permission ORDER BY id DESC LIMIT ?"),
  };
}
