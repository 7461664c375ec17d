// The journal read for people: conversations, what runs, and the lists of sessions. Every statement walks an index from a key.
import type { AccountId, AgentId, ConversationId, EntryId, SessionKey } from "../model/ids.ts";
import type { InboundMessage } from "../model/message.ts";
import type {
  ConversationsPage,
  ConversationView,
  ConversationWriter,
  HourCount,
  JournalPage,
  JournalView,
  PendingApprovalView,
  RunningTurnView,
  SessionsPage,
  SessionSummary,
  TimelinePage,
  TimelinePiece,
  Views,
} from "../model/views.ts";
import type { ApprovalRow, ApprovalRows } from "./approval-rows.ts";
import { ENTRY_COLUMNS, readDecision, readEntry, type EntryRow } from "./entries.ts";
import { readSummary, type SessionRow } from "./sessions.ts";
import type { Database } from "./sqlite.ts";
import { Timeline } from "./timeline.ts";

const MOST_PEOPLE = 30;
/** Messages looked through for those who wrote. */
const NEWEST_MESSAGES = 300;
const MOST_RUNNING = 100;

interface ConversationRow {
  readonly id: ConversationId;
  readonly account_id: AccountId;
  readonly name: string;
  readonly chat_identifier: string;
  readonly is_group: number;
  readonly peer: string | null;
  readonly last_entry: EntryId;
  readonly muted_at_ms: number | null;
  readonly message: string | null;
  readonly received_at_ms: number | null;
  readonly is_running: number;
  readonly waiting: number;
}

interface JournalRow extends EntryRow {
  readonly state: JournalView["state"] | "command";
  readonly decision: string | null;
}

/** `Views` on SQLite. */
export class SqliteViews implements Views {
  readonly #db: Database;
  readonly #timeline: Timeline;
  readonly #approvals: ApprovalRows;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, approvals: ApprovalRows) {
    this.#db = db;
    this.#approvals = approvals;
    this.#timeline = new Timeline(db, approvals);
    this.#sql = prepare(db);
  }

  async decisionsByHour(accountId: AccountId, sinceMs: number): Promise<readonly HourCount[]> {
    return this.#db.read(() => this.#sql.byHour.all(accountId, sinceMs));
  }

  async conversations(page: ConversationsPage): Promise<readonly ConversationView[]> {
    const { accountId = null, search, before = Number.MAX_SAFE_INTEGER, limit } = page;
    return this.#db.read(() => {
      const found =
        search === ""
          ? this.#sql.newest.all(before, accountId, accountId, limit)
          : this.#sql.search.all(before, accountId, accountId, `%${escapeLike(search)}%`, limit);
      return found.flatMap(({ id }) => this.#sql.conversation.all(id)).map(readConversation);
    });
  }

  async conversation(id: ConversationId): Promise<ConversationView | undefined> {
    return this.#db.read(() => this.#sql.conversation.all(id).map(readConversation)[0]);
  }

  async people(id: ConversationId): Promise<readonly ConversationWriter[]> {
    return this.#db.read(() =>
      this.#sql.people.all(id, NEWEST_MESSAGES, MOST_PEOPLE).map(({ handle, name, lastAtMs }) => ({
        handle,
        name: name ?? undefined,
        lastAtMs,
      })),
    );
  }

  async timeline(id: ConversationId, page: TimelinePage): Promise<TimelinePiece> {
    return this.#db.read(() => this.#timeline.piece(id, page));
  }

  async journal({ accountId, before, after, limit }: JournalPage): Promise<readonly JournalView[]> {
    const [from, upTo] = [after ?? 0, before ?? Number.MAX_SAFE_INTEGER];
    const order = after === undefined ? "newest" : "oldest";
    return this.#db.read(() =>
      (accountId === undefined
        ? this.#sql.journal[order].all(from, upTo, limit)
        : this.#sql.journalOf[order].all(accountId, from, upTo, limit)
      ).map(readJournal),
    );
  }

  async pendingApprovals(nowMs: number, limit: number): Promise<readonly PendingApprovalView[]> {
    return this.#db.read(() =>
      this.#sql.pending.all(nowMs, limit).map((row) => ({
        record: this.#approvals.read(row),
        conversationId: row.conversation_id,
        onBehalfOf: row.sender ?? undefined,
        expiresAtMs: row.expires_at_ms,
      })),
    );
  }

  async countWaiting(nowMs: number): Promise<number> {
    return this.#db.read(() => this.#sql.countWaiting.get(nowMs, nowMs)?.count ?? 0);
  }

  async firstTexts(
    requests: readonly { readonly accountId: AccountId; readonly code: string }[],
  ): Promise<readonly (string | undefined)[]> {
    return this.#db.read(() =>
      requests.map(({ accountId, code }) => {
        const row = this.#sql.firstMessage.get(code, accountId);
        return row && (JSON.parse(row.message) as InboundMessage).text;
      }),
    );
  }

  async runningTurns(): Promise<readonly RunningTurnView[]> {
    return this.#db.read(() => this.#sql.running.all(MOST_RUNNING));
  }

  async sessionsOf(agentId: AgentId, { before, limit }: SessionsPage): Promise<readonly SessionSummary[]> {
    const from = [before?.lastAtMs ?? Number.MAX_SAFE_INTEGER, before?.key ?? ""] as const;
    return this.#db.read(() => this.#sql.sessions.all(agentId, ...from, limit).map(readSummary));
  }

  async lastSession(id: ConversationId): Promise<SessionSummary | undefined> {
    return this.#db.read(() => {
      const key = this.#sql.lastKey.get(id)?.session_key;
      const row = key === undefined ? undefined : this.#sql.session.get(key);
      return row && readSummary(row);
    });
  }
}

function readConversation(row: ConversationRow): ConversationView {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    chatIdentifier: row.chat_identifier,
    isGroup: row.is_group === 1,
    peer: row.peer ?? undefined,
    lastEntry: row.last_entry,
    last:
      row.message === null
        ? undefined
        : { message: JSON.parse(row.message) as InboundMessage, receivedAtMs: row.received_at_ms ?? 0 },
    isRunning: row.is_running === 1,
    waiting: row.waiting,
    isMuted: row.muted_at_ms !== null,
  };
}

function readJournal(row: JournalRow): JournalView {
  return {
    entry: readEntry(row),
    state: row.state === "command" ? "waiting" : row.state,
    decision: row.decision === null ? undefined : readDecision(row.decision),
  };
}

/** The text itself, not a pattern. */
function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, String.raw`\$&`);
}

function prepare(db: Database) {
  const lastDecision = "(SELECT decision FROM decision WHERE entry_id = inbox.id ORDER BY id DESC LIMIT 1)";
  const journal = `SELECT ${ENTRY_COLUMNS}, state, ${lastDecision} AS decision FROM inbox`;
  const page = "id > ? AND id < ? ORDER BY id";
  const ofAccount = "(? IS NULL OR account_id = ?)";
  return {
    byHour: db.sql<HourCount>(
      `SELECT at_ms / 3600000 * 3600000 AS hourMs, code, count(*) AS count FROM decision
       WHERE account_id = ? AND at_ms >= ? GROUP BY at_ms / 3600000, code ORDER BY 1, 2`,
    ),
    newest: db.sql<{ id: ConversationId }>(
      `SELECT id FROM conversation WHERE last_entry IS NOT NULL AND last_entry < ? AND ${ofAccount}
       ORDER BY last_entry DESC LIMIT ?`,
    ),
    search: db.sql<{ id: ConversationId }>(
      `SELECT id FROM conversation WHERE last_entry IS NOT NULL AND last_entry < ? AND ${ofAccount}
         AND name || ' ' || chat_identifier || ' ' || coalesce(peer, '') LIKE ? ESCAPE '\\'
       ORDER BY last_entry DESC LIMIT ?`,
    ),
    conversation: db.sql<ConversationRow>(
      `SELECT conversation.id, conversation.account_id, name, chat_identifier, is_group, peer, last_entry, muted_at_ms,
         message, received_at_ms,
         EXISTS (SELECT 1 FROM turn WHERE turn.conversation_id = conversation.id AND state = 'running') AS is_running,
         (SELECT count(*) FROM inbox AS waits WHERE waits.account_id = conversation.account_id
           AND waits.conversation_id = conversation.id AND waits.state = 'waiting') AS waiting
       FROM conversation LEFT JOIN inbox ON inbox.id = last_entry
       WHERE conversation.id = ? AND last_entry IS NOT NULL`,
    ),
    people: db.sql<{ handle: string; name: string | null; lastAtMs: number }>(
      `SELECT handle, max(json_extract(message, '$.senderName')) AS name, max(received_at_ms) AS lastAtMs
       FROM (SELECT handle, message, received_at_ms FROM inbox WHERE conversation_id = ?
         ORDER BY received_at_ms DESC, id DESC LIMIT ?) AS newest
       WHERE handle IS NOT NULL GROUP BY handle ORDER BY lastAtMs DESC, handle LIMIT ?`,
    ),
    journal: {
      newest: db.sql<JournalRow>(`${journal} WHERE ${page} DESC LIMIT ?`),
      oldest: db.sql<JournalRow>(`${journal} WHERE ${page} LIMIT ?`),
    },
    journalOf: {
      newest: db.sql<JournalRow>(`${journal} WHERE account_id = ? AND ${page} DESC LIMIT ?`),
      oldest: db.sql<JournalRow>(`${journal} WHERE account_id = ? AND ${page} LIMIT ?`),
    },
    pending: db.sql<ApprovalRow & { readonly sender: string | null }>(
      `SELECT approval.*,
         (SELECT handle FROM inbox WHERE inbox.turn_id = approval.turn_id ORDER BY id DESC LIMIT 1) AS sender
       FROM approval WHERE state = 'pending' AND expires_at_ms > ? ORDER BY id LIMIT ?`,
    ),
    countWaiting: db.sql<{ count: number }>(
      `SELECT (SELECT count(*) FROM approval WHERE state = 'pending' AND expires_at_ms > ?)
         + (SELECT count(*) FROM pairing_request WHERE state = 'pending' AND expires_at_ms > ?)
         + (SELECT count(*) FROM part WHERE state = 'parked') AS count`,
    ),
    firstMessage: db.sql<{ message: string }>(
      `SELECT message FROM pairing_request JOIN inbox ON inbox.id = entry_id
       WHERE pairing_request.state = 'pending' AND code = ? AND pairing_request.account_id = ?`,
    ),
    running: db.sql<RunningTurnView>(
      `SELECT turn.id, account_id AS accountId, conversation_id AS conversationId, agent_id AS agentId,
         session_key AS sessionKey, attempt, began_at_ms AS startedAtMs
       FROM account CROSS JOIN turn WHERE turn.account_id = account.id AND turn.state = 'running'
       ORDER BY turn.id LIMIT ?`,
    ),
    sessions: db.sql<SessionRow>(
      `SELECT * FROM session
       WHERE agent_id = ? AND (coalesce(last_turn_at_ms, created_at_ms), key) < (?, ?)
       ORDER BY coalesce(last_turn_at_ms, created_at_ms) DESC, key DESC LIMIT ?`,
    ),
    lastKey: db.sql<{ session_key: SessionKey }>(
      "SELECT session_key FROM turn WHERE conversation_id = ? ORDER BY began_at_ms DESC LIMIT 1",
    ),
    session: db.sql<SessionRow>("SELECT * FROM session WHERE key = ?"),
  };
}
