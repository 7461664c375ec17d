// What agents asked for, what was decided, and what was decided once for all.
import type { Handle } from "../model/handle.ts";
import type { AccountId, AgentId, PermissionId } from "../model/ids.ts";
import type { NewGroup } from "../model/journal.ts";
import type {
  NewPermission,
  PermissionDecision,
  PermissionRecord,
  StandingPermission,
} from "../model/permission.ts";
import type { PermissionRegister } from "../model/store.ts";
import type { Conversations } from "./conversations.ts";
import type { Parts } from "./parts.ts";
import type { PermissionRows } from "./permission-rows.ts";
import type { Database } from "./sqlite.ts";

interface StandingRow {
  readonly agent_id: AgentId;
  readonly tool: string;
  readonly allowed: number;
  readonly granted_by: Handle;
  readonly at_ms: number;
}

/** `PermissionRegister` on SQLite. */
export class SqlitePermissions implements PermissionRegister {
  readonly #db: Database;
  readonly #rows: PermissionRows;
  readonly #parts: Parts;
  readonly #conversations: Conversations;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: {
    readonly db: Database;
    readonly rows: PermissionRows;
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
    permission: NewPermission,
    how: {
      readonly asked: Handle;
      readonly group: NewGroup;
      readonly nowMs: number;
      readonly expiresAtMs: number;
    },
  ): Promise<PermissionId | undefined> {
    const { turnId, attempt } = permission;
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
      return this.#sql.insert.insert(...what(permission), ...place) as PermissionId;
    });
  }

  async note(permission: NewPermission, decision: PermissionDecision, nowMs: number): Promise<void> {
    await this.#db.write(() => {
      const place = [null, null, null, nowMs, nowMs] as const;
      const id = this.#sql.insert.insert(...what(permission), ...place) as PermissionId;
      this.#rows.settle(id, decision, nowMs);
    });
  }

  async settle(id: PermissionId, decision: PermissionDecision, nowMs: number): Promise<PermissionDecision> {
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

  async standing(agentId: AgentId, tool: string): Promise<StandingPermission | undefined> {
    return this.#db.read(() => {
      const row = this.#sql.standing.get(agentId, tool);
      return row && readStanding(row);
    });
  }

  async allStanding(): Promise<readonly StandingPermission[]> {
    return this.#db.read(() => this.#sql.allStanding.all().map(readStanding));
  }

  async forget(agentId: AgentId, tool: string): Promise<boolean> {
    return this.#db.write(() => this.#sql.forget.run(agentId, tool) === 1);
  }

  async list(limit: number): Promise<readonly PermissionRecord[]> {
    return this.#db.read(() => this.#rows.newest(limit));
  }
}

function what({ turnId, accountId, conversationId, agentId, question }: NewPermission) {
  return [turnId, accountId, conversationId, agentId, JSON.stringify(question)] as const;
}

function readStanding(row: StandingRow): StandingPermission {
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
