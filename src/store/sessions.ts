// Sessions: the id that an agent remembers by, and what was said under it.
import { randomBytes } from "node:crypto";
import type { AgentSession } from "../model/agent-session.ts";
import type { AgentId, SessionKey, TurnId } from "../model/ids.ts";
import type { LogPage, SessionDetail, Sessions, SessionTurn, TurnLimits } from "../model/store.ts";
import type { SessionSummary } from "../model/views.ts";
import { readAgentSession } from "./agent-sessions.ts";
import { readSaid, SAID_COLUMNS, type SaidRow } from "./entries.ts";
import type { ApprovalRows } from "./approval-rows.ts";
import type { Database } from "./sqlite.ts";

/** A row of `session`. */
export interface SessionRow {
  readonly key: SessionKey;
  readonly session_id: string;
  readonly agent_id: AgentId;
  readonly created_at_ms: number;
  readonly last_turn_at_ms: number | null;
  readonly turns: number;
  readonly mode: string | null;
  readonly model: string | null;
}

interface LogRow {
  readonly id: TurnId;
  readonly session_id: string;
  readonly began_at_ms: number;
  readonly state: string;
  readonly answer: string | null;
}

/** Gives turns their session. Contract: called inside verbs only. */
export class SessionRows {
  readonly #sql: ReturnType<typeof prepareRows>;

  constructor(db: Database) {
    this.#sql = prepareRows(db);
  }

  /** Counts a turn; the answer is the id of the session, made at its first turn and anew when it is over. */
  take(key: SessionKey, agentId: AgentId, nowMs: number, isOver: TurnLimits["isOver"]): string {
    if (this.#isOver(key, nowMs, isOver)) this.reset(key, nowMs);
    const known = this.#sql.take.get(agentId, nowMs, key)?.session_id;
    return known ?? this.#insert(key, agentId, { atMs: nowMs, lastTurnAtMs: nowMs });
  }

  /** Gives a session a new id, its log and count begin anew. False when there is none. */
  reset(key: SessionKey, nowMs: number): boolean {
    return this.#sql.reset.run(newSessionId(), nowMs, key) === 1;
  }

  /** The same; a session that is not there is made. */
  renew(key: SessionKey, agentId: AgentId, nowMs: number): void {
    if (!this.reset(key, nowMs)) this.#insert(key, agentId, { atMs: nowMs });
  }

  /** From now on the session's agent runs so; a session that is not there is made. */
  choose(
    session: { readonly key: SessionKey; readonly agentId: AgentId },
    choice: { readonly what: "mode" | "model"; readonly id: string | undefined },
    nowMs: number,
  ): void {
    const id = choice.id ?? null;
    const choose = choice.what === "mode" ? this.#sql.chooseMode : this.#sql.chooseModel;
    if (choose.run(id, session.key) === 1) return;
    this.#insert(session.key, session.agentId, { atMs: nowMs });
    choose.run(id, session.key);
  }

  /** A session is in use until its last turn ended: it is not over because that turn took long. */
  #isOver(key: SessionKey, nowMs: number, isOver: TurnLimits["isOver"]): boolean {
    const session = this.#sql.lastTurn.get(key);
    if (session?.last_turn_at_ms == null) return false;
    if (!isOver({ lastTurnAtMs: session.last_turn_at_ms, nowMs })) return false;
    const ended = this.#sql.lastEnded.get(nowMs, session.session_id)?.at_ms ?? null;
    return ended === null || isOver({ lastTurnAtMs: Math.max(ended, session.last_turn_at_ms), nowMs });
  }

  #insert(
    key: SessionKey,
    agentId: AgentId,
    { atMs, lastTurnAtMs }: { readonly atMs: number; readonly lastTurnAtMs?: number },
  ): string {
    const sessionId = newSessionId();
    const turns = lastTurnAtMs === undefined ? 0 : 1;
    this.#sql.insert.run(key, sessionId, agentId, atMs, lastTurnAtMs ?? null, turns);
    return sessionId;
  }
}

/** `Sessions` on SQLite. */
export class SqliteSessions implements Sessions {
  readonly #db: Database;
  readonly #rows: SessionRows;
  readonly #approvals: ApprovalRows;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, rows: SessionRows, approvals: ApprovalRows) {
    this.#db = db;
    this.#rows = rows;
    this.#approvals = approvals;
    this.#sql = prepare(db);
  }

  async list(): Promise<readonly SessionSummary[]> {
    return this.#db.read(() => this.#sql.list.all().map(readSummary));
  }

  async show(key: SessionKey, limit: number): Promise<SessionDetail | undefined> {
    return this.#db.read(() => {
      const row = this.#sql.byKey.get(key);
      if (!row) return undefined;
      const log = this.#sql.log.all(row.session_id, limit).map((turn) => this.#readTurn(turn));
      return { ...readSummary(row), log };
    });
  }

  async log(key: SessionKey, { all, after, limit }: LogPage): Promise<readonly SessionTurn[]> {
    return this.#db.read(() => {
      const sessionId = this.#sql.byKey.get(key)?.session_id;
      if (sessionId === undefined) return [];
      const from = [after?.startedAtMs ?? Number.MIN_SAFE_INTEGER, after?.turnId ?? "", limit] as const;
      const rows = all ? this.#sql.pageOfKey.all(key, ...from) : this.#sql.pageOfId.all(sessionId, ...from);
      return rows.map((turn) => this.#readTurn(turn));
    });
  }

  async agentSession(key: SessionKey, agentId: AgentId): Promise<AgentSession | undefined> {
    const row = await this.#db.read(() => this.#sql.native.get(key, agentId));
    return row && readAgentSession(row.session);
  }

  async choose(
    key: SessionKey,
    choice: { readonly what: "mode" | "model"; readonly id: string | undefined },
    nowMs: number,
  ): Promise<boolean> {
    return this.#db.write(() => {
      const row = this.#sql.byKey.get(key);
      if (row !== undefined) this.#rows.choose({ key, agentId: row.agent_id }, choice, nowMs);
      return row !== undefined;
    });
  }

  async reset(key: SessionKey, nowMs: number): Promise<boolean> {
    return this.#db.write(() => this.#rows.reset(key, nowMs));
  }

  #readTurn(row: LogRow): SessionTurn {
    const said = this.#sql.said.all(row.id).map((one) => {
      const { handle, message } = readSaid(one);
      return { sender: handle, text: message.text, files: message.attachments.map(({ name }) => name) };
    });
    return {
      turnId: row.id,
      sessionId: row.session_id,
      startedAtMs: row.began_at_ms,
      state: row.state,
      said,
      answered: row.answer ?? undefined,
      approvals: this.#approvals.ofTurn(row.id),
    };
  }
}

/** Hex: it may become an argument of a program, where a leading `-` would be an option. */
function newSessionId(): string {
  return randomBytes(8).toString("hex");
}

/** The session of a row. */
export function readSummary(row: SessionRow): SessionSummary {
  return {
    key: row.key,
    sessionId: row.session_id,
    agentId: row.agent_id,
    createdAtMs: row.created_at_ms,
    lastTurnAtMs: row.last_turn_at_ms ?? undefined,
    turns: row.turns,
    choices: { mode: row.mode ?? undefined, model: row.model ?? undefined },
  };
}

function prepareRows(db: Database) {
  return {
    take: db.sql<{ session_id: string }>(
      `UPDATE session SET agent_id = ?, last_turn_at_ms = ?, turns = turns + 1 WHERE key = ?
       RETURNING session_id`,
    ),
    insert: db.sql(
      `INSERT INTO session (key, session_id, agent_id, created_at_ms, last_turn_at_ms, turns)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    lastTurn: db.sql<{ session_id: string; last_turn_at_ms: number | null }>(
      "SELECT session_id, last_turn_at_ms FROM session WHERE key = ?",
    ),
    lastEnded: db.sql<{ at_ms: number | null }>(
      "SELECT max(coalesce(finished_at_ms, ?)) AS at_ms FROM turn WHERE session_id = ?",
    ),
    chooseMode: db.sql("UPDATE session SET mode = ? WHERE key = ?"),
    chooseModel: db.sql("UPDATE session SET model = ? WHERE key = ?"),
    reset: db.sql(
      `UPDATE session SET session_id = ?, created_at_ms = ?, last_turn_at_ms = NULL, turns = 0 WHERE key = ?`,
    ),
  };
}

function prepare(db: Database) {
  const log = "SELECT id, session_id, began_at_ms, state, answer FROM turn";
  const page = "(began_at_ms, id) > (?, ?) ORDER BY began_at_ms, id LIMIT ?";
  return {
    list: db.sql<SessionRow>(
      "SELECT * FROM session ORDER BY coalesce(last_turn_at_ms, created_at_ms) DESC, key",
    ),
    byKey: db.sql<SessionRow>("SELECT * FROM session WHERE key = ?"),
    log: db.sql<LogRow>(`${log} WHERE session_id = ? ORDER BY began_at_ms DESC, id DESC LIMIT ?`),
    pageOfKey: db.sql<LogRow>(`${log} WHERE session_key = ? AND ${page}`),
    pageOfId: db.sql<LogRow>(`${log} WHERE session_id = ? AND ${page}`),
    native: db.sql<{ session: string }>(
      `SELECT session FROM turn
       JOIN agent_session ON agent_session.agent_id = ?2 AND agent_session.session_id = turn.session_id
       WHERE session_key = ?1 ORDER BY began_at_ms DESC, id DESC LIMIT 1`,
    ),
    said: db.sql<SaidRow>(`SELECT ${SAID_COLUMNS} FROM inbox WHERE turn_id = ? ORDER BY id`),
  };
}
