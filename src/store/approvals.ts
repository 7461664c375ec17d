// Asking for approval: tickets with numbers of their own, taken over by a turn that is run again, and answers that hold from now on.
import type {
  ApprovalDecision,
  MadeDecision,
  StandingApproval,
  TurnKind,
  ApprovalRecord,
} from "../model/approval.ts";
import type {
  ApprovalRegister,
  Asking,
  AskPlace,
  EndNotices,
  NewApproval,
  Ticket,
} from "../model/approval-register.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, AgentId, ApprovalId, TurnId } from "../model/ids.ts";
import type { NewGroup } from "../model/journal.ts";
import { readOffer, type ApprovalRow, type ApprovalRows } from "./approval-rows.ts";
import type { Parts } from "./parts.ts";
import { KEPT_NUMBERS_MS } from "./shown-approvals.ts";
import type { Database } from "./sqlite.ts";

interface StandingRow {
  readonly id: number;
  readonly agent_id: AgentId;
  readonly turn_kind: TurnKind;
  readonly what: string;
  readonly allowed: number;
  readonly granted_by: Handle;
  readonly at_ms: number;
}

/** `ApprovalRegister` on SQLite. */
export class SqliteApprovals implements ApprovalRegister {
  readonly #db: Database;
  readonly #rows: ApprovalRows;
  readonly #parts: Parts;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: { readonly db: Database; readonly rows: ApprovalRows; readonly parts: Parts }) {
    this.#db = parts.db;
    this.#rows = parts.rows;
    this.#parts = parts.parts;
    this.#sql = prepare(parts.db);
  }

  async ask(approval: NewApproval, asking: Asking): Promise<Ticket | undefined> {
    const { turnId, attempt } = approval;
    return this.#db.write(() => {
      if (!this.#sql.running.get(turnId, attempt)) return undefined;
      const known = this.#takeOver(approval, asking);
      if (known) return known;
      const { offer, nowMs, expiresAtMs } = asking;
      const id = this.#insert(approval, { offer: JSON.stringify(offer), nowMs, expiresAtMs });
      for (const place of asking.places) this.#put(id, approval.accountId, place, asking);
      return { id, offer, expiresAtMs, isTakenOver: false, isDecided: false };
    });
  }

  async note(
    approval: NewApproval,
    decision: ApprovalDecision,
    { nowMs, toSender }: { readonly nowMs: number; readonly toSender?: NewGroup | undefined },
  ): Promise<void> {
    await this.#db.write(() => {
      this.#tellSender(approval.turnId, decision, { toSender, nowMs });
      const id = this.#insert(approval, { offer: NO_OFFER, nowMs, expiresAtMs: nowMs });
      this.#rows.settle(id, decision, { nowMs });
      this.#sql.tell.run(nowMs, id);
    });
  }

  async take(
    id: ApprovalId,
    otherwise: ApprovalDecision,
    told: EndNotices & { readonly nowMs: number },
  ): Promise<MadeDecision> {
    const { nowMs, toAsked, toSender } = told;
    return this.#db.write(() => {
      const before = this.#rows.find(id);
      if (before && before.decision === undefined) {
        this.#tellSender(before.turnId, otherwise, { toSender, nowMs });
        this.#rows.settle(id, otherwise, { nowMs, toAsked });
      }
      this.#sql.tell.run(nowMs, id);
      const made = this.#rows.find(id)?.decision;
      if (!made) throw new Error(`request ${id} is not there`);
      return made;
    });
  }

  async answer(
    id: ApprovalId,
    decision: ApprovalDecision,
    how: { readonly nowMs: number; readonly isStanding: boolean; readonly toAsked: string },
  ): Promise<MadeDecision | undefined> {
    return this.#db.write(() => {
      this.#rows.settle(id, decision, how);
      return this.#rows.find(id)?.decision;
    });
  }

  async pending(): Promise<readonly ApprovalRecord[]> {
    return this.#db.read(() => this.#rows.pending());
  }

  async standing(agentId: AgentId, turnKind: TurnKind, key: string): Promise<StandingApproval | undefined> {
    return this.#db.read(() => {
      const row = this.#sql.standing.get(agentId, turnKind, key);
      return row && readStanding(row);
    });
  }

  async allStanding(): Promise<readonly StandingApproval[]> {
    return this.#db.read(() => this.#sql.allStanding.all().map(readStanding));
  }

  async forget(id: number): Promise<boolean> {
    return this.#db.write(() => this.#sql.forget.run(id) === 1);
  }

  async list(limit: number): Promise<readonly ApprovalRecord[]> {
    return this.#db.read(() => this.#rows.newest(limit));
  }

  /** The same request of an earlier run of the turn; what else such a run asked is over, as it was not asked again first. */
  #takeOver(approval: NewApproval, { waiting, nowMs }: Asking): Ticket | undefined {
    const request = JSON.stringify(approval.request);
    let found: Ticket | undefined;
    for (const row of this.#sql.untold.all(approval.turnId)) {
      if (waiting.has(row.id)) continue;
      const isDecided = row.state !== "pending";
      const isOpen = isDecided ? row.decided_by === "owner" : row.expires_at_ms > nowMs;
      if (!found && isOpen && row.request === request && row.turn_kind === approval.turnKind) {
        const { id, expires_at_ms: expiresAtMs } = row;
        found = { id, offer: readOffer(row), expiresAtMs, isTakenOver: true, isDecided };
      } else if (!isDecided) this.#rows.end(row.id, isOpen ? "turn-over" : "time-out", nowMs);
    }
    return found;
  }

  #put(id: ApprovalId, accountId: AccountId, place: AskPlace, { offer, nowMs }: Asking): void {
    const { owner, isTurnHere, compose } = place;
    const sinceMs = nowMs - KEPT_NUMBERS_MS;
    const last = this.#sql.lastNumber.get(accountId, owner, sinceMs, accountId, owner, sinceMs)?.last ?? 0;
    const numbers = [last + 1, last + offer.options.length] as const;
    const [groupId] = this.#parts.add(compose(numbers[0]), { nowMs });
    // A group has the id of its first part.
    if (groupId !== undefined)
      this.#sql.insertAsked.run(id, accountId, owner, groupId, ...numbers, isTurnHere ? 1 : 0);
  }

  #insert(
    { turnId, accountId, conversationId, agentId, turnKind, request }: NewApproval,
    how: { readonly offer: string; readonly nowMs: number; readonly expiresAtMs: number },
  ): ApprovalId {
    const what = [turnId, accountId, conversationId, agentId, turnKind, JSON.stringify(request)] as const;
    return this.#sql.insert.insert(...what, how.offer, how.nowMs, how.expiresAtMs) as ApprovalId;
  }

  /** Once a turn for the same reason. */
  #tellSender(
    turnId: TurnId,
    { by }: ApprovalDecision,
    { toSender, nowMs }: { readonly toSender: NewGroup | undefined; readonly nowMs: number },
  ): void {
    if (toSender && !this.#sql.endedSo.get(turnId, by)) this.#parts.add(toSender, { nowMs });
  }
}

const NO_OFFER = JSON.stringify({ options: [], isWhole: true });

function readStanding(row: StandingRow): StandingApproval {
  const {
    id,
    agent_id: agentId,
    turn_kind: turnKind,
    what,
    allowed,
    granted_by: grantedBy,
    at_ms: atMs,
  } = row;
  return { id, agentId, turnKind, what, allowed: allowed === 1, grantedBy, atMs };
}

function prepare(db: Database) {
  return {
    running: db.sql<object>("SELECT 1 FROM turn WHERE id = ? AND attempt = ? AND state = 'running'"),
    insert: db.sql(
      `INSERT INTO approval (turn_id, account_id, conversation_id, agent_id, turn_kind, request, offer, asked_at_ms,
         expires_at_ms, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')`,
    ),
    insertAsked: db.sql(
      `INSERT INTO approval_asked (approval_id, account_id, owner, group_id, first_number, last_number, is_turn_here)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    untold: db.sql<ApprovalRow>(
      "SELECT * FROM approval WHERE turn_id = ? AND told_at_ms IS NULL ORDER BY id",
    ),
    tell: db.sql("UPDATE approval SET told_at_ms = ? WHERE id = ? AND told_at_ms IS NULL"),
    endedSo: db.sql<object>("SELECT 1 FROM approval WHERE turn_id = ? AND decided_by = ? LIMIT 1"),
    lastNumber: db.sql<{ last: number | null }>(
      `SELECT max(last_number) AS last FROM (
         SELECT last_number FROM approval_asked JOIN approval ON approval.id = approval_id
           WHERE approval_asked.account_id = ? AND owner = ? AND closed_at_ms IS NULL AND expires_at_ms > ?
         UNION ALL SELECT last_number FROM approval_asked
           WHERE account_id = ? AND owner = ? AND closed_at_ms > ?)`,
    ),
    standing: db.sql<StandingRow>(
      "SELECT * FROM standing_approval WHERE agent_id = ? AND turn_kind = ? AND key = ?",
    ),
    allStanding: db.sql<StandingRow>("SELECT * FROM standing_approval ORDER BY id"),
    forget: db.sql("DELETE FROM standing_approval WHERE id = ?"),
  };
}
