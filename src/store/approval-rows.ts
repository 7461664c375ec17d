// Requests of agents as the tables hold them: made, settled with all that follows, ended with their turn, read back.
import type {
  ApprovalBy,
  ApprovalDecision,
  ApprovalOffer,
  ApprovalRecord,
  ApprovalRequest,
  AskedOwner,
  MadeDecision,
  TurnKind,
} from "../model/approval.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, AgentId, ApprovalId, ConversationId, TurnId } from "../model/ids.ts";
import type { Target } from "../model/target.ts";
import type { Parts } from "./parts.ts";
import type { Database } from "./sqlite.ts";

/** A row of `approval`. */
export interface ApprovalRow {
  readonly id: ApprovalId;
  readonly turn_id: TurnId;
  readonly account_id: AccountId;
  readonly conversation_id: ConversationId;
  readonly agent_id: AgentId;
  readonly turn_kind: TurnKind;
  readonly request: string;
  readonly offer: string;
  readonly asked_at_ms: number;
  readonly expires_at_ms: number;
  readonly state: "pending" | "allowed" | "denied";
  readonly option_id: string | null;
  readonly decided_by: ApprovalBy | null;
  readonly decider: Handle | null;
  readonly decided_at_ms: number | null;
  readonly told_at_ms: number | null;
}

interface AskedRow {
  readonly account_id: AccountId;
  readonly owner: Handle;
  readonly group_id: number;
  readonly first_number: number;
  readonly last_number: number;
}

interface AskingPart {
  readonly conversation_id: ConversationId | null;
  readonly target: string;
  readonly sent_at_ms: number | null;
  readonly has_left: number;
}

/** What follows from an answer beside the decision. */
export interface Settling {
  readonly nowMs: number;
  /** The answer holds from now on. */
  readonly isStanding?: boolean;
  /** What is told to everybody who was asked, but to the one who answered in chat. */
  readonly toAsked?: string | undefined;
  readonly answeredBy?: Handle | undefined;
}

/** The requests themselves. Contract: called inside verbs only. */
export class ApprovalRows {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #parts: Parts;

  constructor(db: Database, parts: Parts) {
    this.#sql = prepare(db);
    this.#parts = parts;
  }

  /** Settles a pending request with all that follows from it; what is settled stays as it is. */
  settle(
    id: ApprovalId,
    decision: ApprovalDecision,
    { nowMs, isStanding, toAsked, answeredBy }: Settling,
  ): void {
    const { allowed, optionId, by, decider } = decision;
    const made = [allowed ? "allowed" : "denied", optionId ?? null, by, decider ?? null, nowMs] as const;
    const row = this.#sql.settle.get(...made, id);
    if (!row) return;
    this.#close(id, nowMs, { toAsked, answeredBy });
    const { standing } = JSON.parse(row.request) as ApprovalRequest;
    if (isStanding !== true || by !== "owner" || decider === undefined || standing === undefined) return;
    const scope = [row.agent_id, row.turn_kind, standing.key, standing.what] as const;
    this.#sql.remember.run(...scope, allowed ? 1 : 0, decider, nowMs);
  }

  /** The turn is over: what it asked waits for nobody. */
  endOf(turnId: TurnId, nowMs: number): void {
    for (const { id } of this.#sql.pendingOf.all(turnId)) this.end(id, "turn-over", nowMs);
    this.#sql.tellAll.run(nowMs, turnId);
  }

  /** The turn is run again: what it asked before can be taken over, but for what nobody answered in time. */
  expire(turnId: TurnId, nowMs: number): void {
    for (const { id } of this.#sql.expiredOf.all(turnId, nowMs)) this.end(id, "time-out", nowMs);
  }

  /** A request that nobody waits for any more. */
  end(id: ApprovalId, by: "turn-over" | "time-out", nowMs: number): void {
    this.settle(id, { allowed: false, optionId: undefined, by, decider: undefined }, { nowMs });
    this.#sql.tell.run(nowMs, id);
  }

  /** Notes that an owner was told what is waited for, or shown all of it by the group. */
  note(id: ApprovalId, owner: Handle, about: "reminder" | { readonly moreGroupId: number }): void {
    if (about === "reminder") this.#sql.reminded.run(id, owner);
    else this.#sql.showedMore.run(about.moreGroupId, id, owner);
  }

  /** What was asked in a turn, oldest first. */
  ofTurn(turnId: TurnId): ApprovalRecord[] {
    return this.#sql.ofTurn.all(turnId).map((row) => this.read(row));
  }

  find(id: ApprovalId): ApprovalRecord | undefined {
    const row = this.#sql.find.get(id);
    return row && this.read(row);
  }

  pending(): ApprovalRecord[] {
    return this.#sql.pending.all().map((row) => this.read(row));
  }

  newest(limit: number): ApprovalRecord[] {
    return this.#sql.newest.all(limit).map((row) => this.read(row));
  }

  /** Whoever was asked is asked no more: what still waits to be sent is not sent, and those who may have read it are told. */
  #close(
    id: ApprovalId,
    nowMs: number,
    { toAsked, answeredBy }: Pick<Settling, "toAsked" | "answeredBy">,
  ): void {
    for (const { account_id: accountId, owner, group_id: groupId } of this.#sql.asked.all(id)) {
      const parts = this.#sql.parts.all(groupId);
      for (const { lane } of this.#sql.withdraw.all(groupId)) this.#parts.refresh(lane, accountId);
      const [first] = parts;
      if (
        !first ||
        toAsked === undefined ||
        owner === answeredBy ||
        parts.every((part) => part.has_left === 0)
      )
        continue;
      const told = { origin: "notice", target: JSON.parse(first.target) as Target, text: toAsked } as const;
      this.#parts.add(
        { accountId, conversationId: first.conversation_id ?? undefined, parts: [told] },
        { nowMs },
      );
    }
    this.#sql.close.run(nowMs, id);
  }

  /** The record of a row. */
  read(row: ApprovalRow): ApprovalRecord {
    return {
      id: row.id,
      turnId: row.turn_id,
      accountId: row.account_id,
      agentId: row.agent_id,
      conversationId: row.conversation_id,
      request: JSON.parse(row.request) as ApprovalRequest,
      offer: readOffer(row),
      expiresAtMs: row.expires_at_ms,
      asked: this.#sql.asked.all(row.id).map((asked) => this.#readAsked(asked)),
      askedAtMs: row.asked_at_ms,
      decision: readMade(row),
    };
  }

  #readAsked({ owner, group_id: groupId, first_number, last_number }: AskedRow): AskedOwner {
    const sent = this.#sql.parts.all(groupId).map((part) => part.sent_at_ms);
    const isShown = sent.length > 0 && sent.every((atMs) => atMs !== null);
    return {
      owner,
      firstNumber: first_number,
      lastNumber: last_number,
      shownAtMs: isShown ? Math.max(...sent.map(Number)) : undefined,
    };
  }
}

/** The decision of a row; undefined while it is open. */
export function readMade(
  row: Pick<ApprovalRow, "state" | "option_id" | "decided_by" | "decider" | "decided_at_ms">,
): MadeDecision | undefined {
  if (row.state === "pending" || row.decided_by === null || row.decided_at_ms === null) return undefined;
  return {
    allowed: row.state === "allowed",
    optionId: row.option_id ?? undefined,
    by: row.decided_by,
    decider: row.decider ?? undefined,
    atMs: row.decided_at_ms,
  };
}

/** The offer of a row. */
export function readOffer({ offer }: Pick<ApprovalRow, "offer">): ApprovalOffer {
  const { options, isWhole } = JSON.parse(offer) as ApprovalOffer;
  // JSON knows no `undefined`.
  return { isWhole, options: options.map((one) => ({ ...one, optionId: one.optionId, tells: one.tells })) };
}

function prepare(db: Database) {
  return {
    settle: db.sql<Pick<ApprovalRow, "agent_id" | "turn_kind" | "request">>(
      `UPDATE approval SET state = ?, option_id = ?, decided_by = ?, decider = ?, decided_at_ms = ?
       WHERE id = ? AND state = 'pending' RETURNING agent_id, turn_kind, request`,
    ),
    remember: db.sql(
      `INSERT INTO standing_approval (agent_id, turn_kind, key, what, allowed, granted_by, at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (agent_id, turn_kind, key) DO UPDATE
       SET what = excluded.what, allowed = excluded.allowed, granted_by = excluded.granted_by, at_ms = excluded.at_ms`,
    ),
    pendingOf: db.sql<{ id: ApprovalId }>(
      "SELECT id FROM approval WHERE turn_id = ? AND state = 'pending' ORDER BY id",
    ),
    expiredOf: db.sql<{ id: ApprovalId }>(
      "SELECT id FROM approval WHERE turn_id = ? AND state = 'pending' AND expires_at_ms <= ?",
    ),
    tell: db.sql("UPDATE approval SET told_at_ms = ? WHERE id = ? AND told_at_ms IS NULL"),
    tellAll: db.sql("UPDATE approval SET told_at_ms = ? WHERE turn_id = ? AND told_at_ms IS NULL"),
    asked: db.sql<AskedRow>("SELECT * FROM approval_asked WHERE approval_id = ? ORDER BY owner"),
    parts: db.sql<AskingPart>(
      `SELECT conversation_id, target, sent_at_ms, state IN ('sending', 'unknown', 'sent') AS has_left
       FROM part WHERE group_id = ? ORDER BY id`,
    ),
    withdraw: db.sql<{ readonly lane: string }>(
      "UPDATE part SET state = 'dropped' WHERE group_id = ? AND state = 'queued' RETURNING lane",
    ),
    close: db.sql(
      "UPDATE approval_asked SET closed_at_ms = ? WHERE approval_id = ? AND closed_at_ms IS NULL",
    ),
    reminded: db.sql("UPDATE approval_asked SET reminded = 1 WHERE approval_id = ? AND owner = ?"),
    showedMore: db.sql("UPDATE approval_asked SET more_group_id = ? WHERE approval_id = ? AND owner = ?"),
    ofTurn: db.sql<ApprovalRow>("SELECT * FROM approval WHERE turn_id = ? ORDER BY id"),
    find: db.sql<ApprovalRow>("SELECT * FROM approval WHERE id = ?"),
    pending: db.sql<ApprovalRow>("SELECT * FROM approval WHERE state = 'pending' ORDER BY id"),
    newest: db.sql<ApprovalRow>("SELECT * FROM approval WHERE id > 0 ORDER BY id DESC LIMIT ?"),
  };
}
