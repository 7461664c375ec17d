// What agents asked for, what was decided, and what was decided once for all.
import type { AccountId, AgentId, ConversationId, MessageGuid, PermissionId, TurnId } from "../model/ids.ts";
import type { Handle } from "../model/handle.ts";
import type { NewGroup } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type {
  NewPermission,
  PendingPermission,
  PermissionBy,
  PermissionDecision,
  PermissionQuestion,
  PermissionRecord,
  StandingPermission,
} from "../model/permission.ts";
import type { PermissionRegister } from "../model/store.ts";
import type { Conversations } from "./conversations.ts";
import type { Parts } from "./parts.ts";
import type { Database } from "./sqlite.ts";

interface PermissionRow {
  readonly id: PermissionId;
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
  readonly decided_by: PermissionBy | null;
  readonly decider: Handle | null;
  readonly decided_at_ms: number | null;
}

interface StandingRow {
  readonly agent_id: AgentId;
  readonly tool: string;
  readonly allowed: number;
  readonly granted_by: Handle;
  readonly at_ms: number;
}

type Settled = Pick<PermissionRow, "agent_id" | "question" | "group_id">;

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
export class PermissionRows {
  readonly #sql: ReturnType<typeof prepareRows>;
  readonly #parts: Parts;

  constructor(db: Database, parts: Parts) {
    this.#sql = prepareRows(db);
    this.#parts = parts;
  }

  /** The oldest question that waits for an answer there, and was asked before the message was written: an earlier `ok` meant something else. */
  pendingAt({ message, conversationId, peer, nowMs }: AnswerPlace): PendingPermission | undefined {
    const { accountId, rowId, createdAtMs } = message;
    const where = [conversationId, conversationId, peer ?? ""] as const;
    const row = this.#sql.pendingAt.get(accountId, nowMs, createdAtMs + CLOCK_SKEW_MS, ...where, rowId);
    if (!row || row.asked === null) return undefined;
    return {
      id: row.id,
      question: JSON.parse(row.question) as PermissionQuestion,
      asked: row.asked,
      isAskedHere: row.asked_in === conversationId || row.asked === peer,
      guids: this.#sql.guids.all(row.group_id).map(({ sent_guid }) => sent_guid),
    };
  }

  /** Settles a pending question, and keeps an owner's "always"; what is settled stays as it is. */
  settle(id: PermissionId, decision: PermissionDecision, nowMs: number): void {
    const { allowed, optionId, by, decider } = decision;
    const made = [allowed ? "allowed" : "denied", optionId ?? null, by, decider ?? null, nowMs] as const;
    const row = this.#sql.settle.get(...made, id);
    if (!row) return;
    this.#withdraw(row);
    if (by !== "owner" || decider === undefined) return;
    const { tool, options } = JSON.parse(row.question) as PermissionQuestion;
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
  ofTurn(turnId: TurnId): PermissionRecord[] {
    return this.#sql.ofTurn.all(turnId).map(readRecord);
  }

  find(id: PermissionId): PermissionRecord | undefined {
    const row = this.#sql.find.get(id);
    return row && readRecord(row);
  }

  newest(limit: number): PermissionRecord[] {
    return this.#sql.newest.all(limit).map(readRecord);
  }
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

function readRecord(row: PermissionRow): PermissionRecord {
  return {
    id: row.id,
    turnId: row.turn_id,
    accountId: row.account_id,
    agentId: row.agent_id,
    question: JSON.parse(row.question) as PermissionQuestion,
    asked: row.asked ?? undefined,
    askedAtMs: row.asked_at_ms,
    decision: readDecision(row),
  };
}

function readDecision(row: PermissionRow): PermissionRecord["decision"] {
  if (row.state === "pending" || row.decided_by === null || row.decided_at_ms === null) return undefined;
  return {
    allowed: row.state === "allowed",
    optionId: row.option_id ?? undefined,
    by: row.decided_by,
    decider: row.decider ?? undefined,
    atMs: row.decided_at_ms,
  };
}

function readStanding(row: StandingRow): StandingPermission {
  const { agent_id: agentId, tool, allowed, granted_by: grantedBy, at_ms: atMs } = row;
  return { agentId, tool, allowed: allowed === 1, grantedBy, atMs };
}

function prepareRows(db: Database) {
  const settled = "RETURNING agent_id, question, group_id";
  return {
    pendingAt: db.sql<PermissionRow>(
      `SELECT * FROM permission
       WHERE state = 'pending' AND account_id = ? AND expires_at_ms > ? AND asked_at_ms <= ?
         AND (asked_in = ? OR conversation_id = ? OR asked = ?)
         AND EXISTS (SELECT 1 FROM part WHERE part.group_id = permission.group_id
           AND state IN ('sending', 'unknown', 'sent') AND coalesce(sent_row, anchor_row) < ?)
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
    ofTurn: db.sql<PermissionRow>("SELECT * FROM permission WHERE turn_id = ? ORDER BY id"),
    find: db.sql<PermissionRow>("SELECT * FROM permission WHERE id = ?"),
    newest: db.sql<PermissionRow>("SELECT * FROM permission ORDER BY id DESC LIMIT ?"),
  };
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
