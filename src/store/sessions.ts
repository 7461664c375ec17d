// Sessions: the id that an agent remembers by, and what was said under it.
import { randomBytes } from "node:crypto";
import type { AgentId, SessionKey, TurnId } from "../model/ids.ts";
import type { SessionDetail, Sessions, SessionSummary } from "../model/store.ts";
import { readSaid, SAID_COLUMNS, type SaidRow } from "./entries.ts";
import type { Database } from "./sqlite.ts";

interface SessionRow {
  readonly key: SessionKey;
  readonly session_id: string;
  readonly agent_id: AgentId;
  readonly created_at_ms: number;
  readonly last_turn_at_ms: number | null;
  readonly turns: number;
}

interface LogRow {
  readonly id: TurnId;
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

  /** Counts a turn; the answer is the id of the session, made at its first turn. */
  take(key: SessionKey, agentId: AgentId, nowMs: number): string {
    const known = this.#sql.take.get(agentId, nowMs, key)?.session_id;
    if (known !== undefined) return known;
    const sessionId = newSessionId();
    this.#sql.insert.run(key, sessionId, agentId, nowMs, nowMs, 1);
    return sessionId;
  }

  /** Gives a session a new id, its log and count begin anew. False when there is none. */
  reset(key: SessionKey, nowMs: number): boolean {
    return this.#sql.reset.run(newSessionId(), nowMs, key) === 1;
  }

  /** The same; a session that is not there is made. */
  renew(key: SessionKey, agentId: AgentId, nowMs: number): void {
    if (!this.reset(key, nowMs)) this.#sql.insert.run(key, newSessionId(), agentId, nowMs, null, 0);
  }
}

/** `Sessions` on SQLite. */
export class SqliteSessions implements Sessions {
  readonly #db: Database;
  readonly #rows: SessionRows;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, rows: SessionRows) {
    this.#db = db;
    this.#rows = rows;
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

  async reset(key: SessionKey, nowMs: number): Promise<boolean> {
    return this.#db.write(() => this.#rows.reset(key, nowMs));
  }

  #readTurn(row: LogRow): SessionDetail["log"][number] {
    const said = this.#sql.said.all(row.id).map((one) => {
      const { handle, message } = readSaid(one);
      return { sender: handle, text: message.text };
    });
    return {
      turnId: row.id,
      startedAtMs: row.began_at_ms,
      state: row.state,
      said,
      answered: row.answer ?? undefined,
    };
  }
}

/** Hex: it may become an argument of a program, where a leading `-` would be an option. */
function newSessionId(): string {
  return randomBytes(8).toString("hex");
}

function readSummary(row: SessionRow): SessionSummary {
  return {
    key: row.key,
    sessionId: row.session_id,
    agentId: row.agent_id,
    createdAtMs: row.created_at_ms,
    lastTurnAtMs: row.last_turn_at_ms ?? undefined,
    turns: row.turns,
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
    reset: db.sql(
      `UPDATE session SET session_id = ?, created_at_ms = ?, last_turn_at_ms = NULL, turns = 0 WHERE key = ?`,
    ),
  };
}

function prepare(db: Database) {
  return {
    list: db.sql<SessionRow>(
      "SELECT * FROM session ORDER BY coalesce(last_turn_at_ms, created_at_ms) DESC, key",
    ),
    byKey: db.sql<SessionRow>("SELECT * FROM session WHERE key = ?"),
    log: db.sql<LogRow>(
      `SELECT id, began_at_ms, state, answer FROM turn WHERE session_id = ?
       ORDER BY began_at_ms DESC, id DESC LIMIT ?`,
    ),
    said: db.sql<SaidRow>(`SELECT ${SAID_COLUMNS} FROM inbox WHERE turn_id = ? ORDER BY id`),
  };
}
