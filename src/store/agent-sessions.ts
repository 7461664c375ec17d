// Sessions as the agents know them: one row for each agent and session id.
import type { AgentSession } from "../model/agent-session.ts";
import type { AgentId } from "../model/ids.ts";
import type { AgentSessions } from "../model/store.ts";
import type { Database } from "./sqlite.ts";

/** `AgentSessions` on SQLite. */
export class SqliteAgentSessions implements AgentSessions {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#db = db;
    this.#sql = prepare(db);
  }

  async find(agentId: AgentId, sessionId: string): Promise<AgentSession | undefined> {
    const row = await this.#db.read(() => this.#sql.find.get(agentId, sessionId));
    return row && readAgentSession(row.session);
  }

  async keep(agentId: AgentId, sessionId: string, session: AgentSession): Promise<void> {
    await this.#db.write(() => this.#sql.keep.run(agentId, sessionId, JSON.stringify(session)));
  }

  async forget(agentId: AgentId, sessionId: string): Promise<void> {
    await this.#db.write(() => this.#sql.forget.run(agentId, sessionId));
  }
}

/** The session of a row; JSON knows no `undefined`. */
export function readAgentSession(json: string): AgentSession {
  const { offers, ...session } = JSON.parse(json) as AgentSession;
  return { ...session, offers: { ...offers, mode: offers.mode, model: offers.model } };
}

function prepare(db: Database) {
  return {
    find: db.sql<{ session: string }>(
      "SELECT session FROM agent_session WHERE agent_id = ? AND session_id = ?",
    ),
    keep: db.sql(
      `INSERT INTO agent_session (agent_id, session_id, session) VALUES (?, ?, ?)
       ON CONFLICT (agent_id, session_id) DO UPDATE SET session = excluded.session`,
    ),
    forget: db.sql("DELETE FROM agent_session WHERE agent_id = ? AND session_id = ?"),
  };
}
