// Codes and sessions of the control page.
import type { Actor } from "../model/activity.ts";
import type { PageSessionId } from "../model/ids.ts";
import type {
  NewPageCode,
  NewPageSession,
  PageSession,
  PageSessions,
  Redeemed,
} from "../model/page-session.ts";
import type { ActivityRows } from "./activity.ts";
import type { Database } from "./sqlite.ts";

/** How long a code that is over can still be told from a wrong one. */
const REMEMBER_CODE_MS = 60 * 60_000;
const MOST_CODES = 50;
const MOST_LISTED = 200;
/** A use is written down once in so long: it costs a commit. */
const USE_EVERY_MS = 60_000;

interface CodeRow {
  readonly link_from: string;
  readonly expires_at_ms: number;
  readonly used_at_ms: number | null;
}

/** `PageSessions` on SQLite. */
export class SqlitePageSessions implements PageSessions {
  readonly #db: Database;
  readonly #activity: ActivityRows;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, activity: ActivityRows) {
    this.#db = db;
    this.#activity = activity;
    this.#sql = prepare(db);
  }

  async issueCode(codeHash: string, { linkFrom, nowMs, expiresAtMs }: NewPageCode): Promise<void> {
    await this.#db.write(() => {
      this.#sql.forgetCodes.run(nowMs - REMEMBER_CODE_MS);
      this.#sql.issue.run(codeHash, linkFrom, nowMs, expiresAtMs);
      this.#sql.keepNewest.run(MOST_CODES);
    });
  }

  async redeem(
    codeHash: string,
    { tokenHash, device, nowMs, expiresAtMs }: NewPageSession,
  ): Promise<Redeemed> {
    return this.#db.write(() => {
      const code = this.#sql.code.get(codeHash);
      if (code === undefined) return { kind: "unknown" };
      const over = code.used_at_ms !== null ? "used" : code.expires_at_ms <= nowMs ? "expired" : undefined;
      if (over !== undefined) {
        this.#note(code.link_from, `${device} tried a link to the control page that ${OVER[over]}`, nowMs);
        return { kind: over };
      }
      this.#sql.useUp.run(nowMs, codeHash);
      this.#sql.forgetSessions.run(nowMs);
      const linkFrom = code.link_from;
      const id = this.#sql.begin.insert(
        tokenHash,
        device,
        linkFrom,
        nowMs,
        nowMs,
        expiresAtMs,
      ) as PageSessionId;
      const session = { id, device, linkFrom, createdAtMs: nowMs, lastUsedAtMs: nowMs, expiresAtMs };
      this.#note(linkFrom, `${device} signed in to the control page (session ${id})`, nowMs);
      return { kind: "signed-in", session };
    });
  }

  async use(tokenHash: string, nowMs: number): Promise<PageSession | undefined> {
    const session = await this.#db.read(() => this.#sql.withToken.get(tokenHash, nowMs));
    if (session === undefined || nowMs - session.lastUsedAtMs < USE_EVERY_MS) return session;
    await this.#db.write(() => this.#sql.touch.run(nowMs, session.id));
    return { ...session, lastUsedAtMs: nowMs };
  }

  async list(nowMs: number): Promise<readonly PageSession[]> {
    return this.#db.read(() => this.#sql.list.all(nowMs, MOST_LISTED));
  }

  async revoke(
    id: PageSessionId,
    { by, nowMs }: { readonly by: Actor; readonly nowMs: number },
  ): Promise<PageSession | undefined> {
    return this.#db.write(() => {
      const session = this.#sql.withId.get(id, nowMs);
      if (session === undefined) return undefined;
      this.#sql.end.run(id);
      this.#note(by, `${session.device} was signed out of the control page (session ${id})`, nowMs);
      return session;
    });
  }

  #note(actor: Actor, text: string, atMs: number): void {
    this.#activity.note({ atMs, kind: "sign-in", actor, text });
  }
}

const OVER = { used: "had been used", expired: "had expired" };

function prepare(db: Database) {
  const columns = `id, device, link_from AS linkFrom, created_at_ms AS createdAtMs, last_used_at_ms AS lastUsedAtMs,
    expires_at_ms AS expiresAtMs`;
  return {
    issue: db.sql(
      "INSERT INTO page_code (hash, link_from, created_at_ms, expires_at_ms) VALUES (?, ?, ?, ?)",
    ),
    forgetCodes: db.sql("DELETE FROM page_code WHERE expires_at_ms < ?"),
    keepNewest: db.sql(
      `DELETE FROM page_code WHERE hash NOT IN
         (SELECT hash FROM page_code ORDER BY created_at_ms DESC, hash LIMIT ?)`,
    ),
    code: db.sql<CodeRow>("SELECT link_from, expires_at_ms, used_at_ms FROM page_code WHERE hash = ?"),
    useUp: db.sql("UPDATE page_code SET used_at_ms = ? WHERE hash = ?"),
    begin: db.sql(
      `INSERT INTO page_session (hash, device, link_from, created_at_ms, last_used_at_ms, expires_at_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    forgetSessions: db.sql("DELETE FROM page_session WHERE expires_at_ms <= ?"),
    withToken: db.sql<PageSession>(
      `SELECT ${columns} FROM page_session WHERE hash = ? AND expires_at_ms > ?`,
    ),
    withId: db.sql<PageSession>(`SELECT ${columns} FROM page_session WHERE id = ? AND expires_at_ms > ?`),
    touch: db.sql("UPDATE page_session SET last_used_at_ms = ? WHERE id = ?"),
    list: db.sql<PageSession>(
      `SELECT ${columns} FROM page_session WHERE expires_at_ms > ? ORDER BY last_used_at_ms DESC, id DESC LIMIT ?`,
    ),
    end: db.sql("DELETE FROM page_session WHERE id = ?"),
  };
}
