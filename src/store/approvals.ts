// What agents asked for, what was decided, and what was decided once for all.
import type { Handle } from "../model/handle.ts";
import type { AccountId, AgentId, ApprovalId } from "../model/ids.ts";
import type { NewGroup } from "../model/journal.ts";
import type { NewApproval, ApprovalDecision, ApprovalRecord, StandingApproval } from "../model/approval.ts";
import type { ApprovalRegister } from "../model/store.ts";
import type { Conversations } from "./conversations.ts";
import type { Parts } from "./parts.ts";
import type { ApprovalRows } from "./approval-rows.ts";
import type { Database } from "./sqlite.ts";

interface StandingRow {
  readonly agent_id: AgentId;
  readonly tool: string;
  readonly allowed: number;
  readonly granted_by: Handle;
  readonly at_ms: number;
}

/** `ApprovalRegister` on SQLite. */
export class SqliteApprovals implements ApprovalRegister {
  readonly #db: Database;
  readonly #rows: ApprovalRows;
  readonly #parts: Parts;
  readonly #conversations: Conversations;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: {
    readonly db: Database;
    readonly rows: ApprovalRows;
    readonly parts: Parts;
    readonly conversations: Conversations;
  }) {
    this.#db = parts.db;
    this.#rows = parts.rows;
    this.#parts = parts.parts;
    this.#conversations = parts.conversations;
    this.#sql = prepare(parts.db);
  }

  async ask(
    approval: NewApproval,
    how: {
      readonly asked: Handle;
      readonly group: NewGroup;
      readonly nowMs: number;
      readonly expiresAtMs: number;
    },
  ): Promise<ApprovalId | undefined> {
    const { turnId, attempt } = approval;
    return this.#db.write(() => {
      if (!this.#sql.running.get(turnId, attempt)) return undefined;
      const [first] = this.#parts.add(how.group, { nowMs: how.nowMs });
      const target = how.group.parts[0]?.target;
      const askedIn =
        how.group.conversationId ??
        (target && this.#conversations.named(how.group.accountId, target)) ??
        null;
      // A group has the id of its first part.
      const place = [how.asked, askedIn, first ?? null, how.nowMs, how.expiresAtMs] as const;
      return this.#sql.insert.insert(...what(approval), ...place) as ApprovalId;
    });
  }

  async note(approval: NewApproval, decision: ApprovalDecision, nowMs: number): Promise<void> {
    await this.#db.write(() => {
      const place = [null, null, null, nowMs, nowMs] as const;
      const id = this.#sql.insert.insert(...what(approval), ...place) as ApprovalId;
      this.#rows.settle(id, decision, nowMs);
    });
  }

  async settle(id: ApprovalId, decision: ApprovalDecision, nowMs: number): Promise<ApprovalDecision> {
    return this.#db.write(() => {
      this.#rows.settle(id, decision, nowMs);
      const made = this.#rows.find(id)?.decision;
      if (!made) throw new Error(`question ${id} is not there`);
      return made;
    });
  }

  async abandon(accountId: AccountId, nowMs: number): Promise<void> {
    await this.#db.write(() => this.#rows.endOfAll(accountId, nowMs));
  }

  async standing(agentId: AgentId, tool: string): Promise<StandingApproval | undefined> {
    return this.#db.read(() => {
      const row = this.#sql.standing.get(agentId, tool);
      return row && readStanding(row);
    });
  }

  async allStanding(): Promise<readonly StandingApproval[]> {
    return this.#db.read(() => this.#sql.allStanding.all().map(readStanding));
  }

  async forget(agentId: AgentId, tool: string): Promise<boolean> {
    return this.#db.write(() => this.#sql.forget.run(agentId, tool) === 1);
  }

  async list(limit: number): Promise<readonly ApprovalRecord[]> {
    return this.#db.read(() => this.#rows.newest(limit));
  }
}

function what({ turnId, accountId, conversationId, agentId, request }: NewApproval) {
  return [turnId, accountId, conversationId, agentId, JSON.stringify(request)] as const;
}

function readStanding(row: StandingRow): StandingApproval {
  const { agent_id: agentId, tool, allowed, granted_by: grantedBy, at_ms: atMs } = row;
  return { agentId, tool, allowed: allowed === 1, grantedBy, atMs };
}

function prepare(db: Database) {
  return {
    running: db.sql<object>("SELECT 1 FROM turn WHERE id = ? AND attempt = ? AND state = 'running'"),
    insert: db.sql(
      `INSERT INTO permission (turn_id, account_id, conversation_id, agent_id, question, asked, asked_in, group_id,
         asked_at_ms, expires_at_ms, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')`,
    ),
    standing: db.sql<StandingRow>("SELECT * FROM standing_permission WHERE agent_id = ? AND tool = ?"),
    allStanding: db.sql<StandingRow>("SELECT * FROM standing_permission ORDER BY agent_id, tool"),
    forget: db.sql("DELETE FROM standing_permission WHERE agent_id = ? AND tool = ?"),
  };
}
