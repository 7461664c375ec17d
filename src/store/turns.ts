// Turns: begin with what waits → finish with the answer in the outbox, or be taken over after a crash.
import { randomBytes } from "node:crypto";
import type { SessionChoices } from "../model/agent-session.ts";
import type { CommandEntry } from "../model/command.ts";
import type { AccountId, AgentId, ConversationId, SessionKey, TurnId } from "../model/ids.ts";
import type { NewGroup } from "../model/journal.ts";
import type { TurnLimits, Turns } from "../model/store.ts";
import type { EarlierTurn, Turn, TurnEnd } from "../model/turn.ts";
import type { ActivityRows } from "./activity.ts";
import { COMMAND_COLUMNS, readCommand, type CommandRow } from "./commands.ts";
import { readSaid, type SaidRow } from "./entries.ts";
import type { Parts } from "./parts.ts";
import type { ApprovalRows } from "./approval-rows.ts";
import type { SessionRows } from "./sessions.ts";
import type { Database } from "./sqlite.ts";
import type { TurnContents, TurnMessages, TurnPlace } from "./turn-messages.ts";

const MINUTE_MS = 60_000;

/** A message that waits, or a command. */
interface WaitingRow extends SaidRow, Omit<CommandRow, "command"> {
  readonly handle: CommandRow["handle"];
  readonly command: string | null;
}

interface TurnRow {
  readonly id: TurnId;
  readonly account_id: AccountId;
  readonly conversation_id: ConversationId;
  readonly agent_id: AgentId;
  readonly session_key: SessionKey;
  readonly session_id: string;
  readonly attempt: number;
  readonly earlier: number;
  readonly streamed: string;
  readonly said_long: number;
}

interface ChoicesRow {
  readonly mode: string | null;
  readonly model: string | null;
}

/** What turns are made of. */
export interface TurnsParts {
  readonly db: Database;
  readonly activity: ActivityRows;
  readonly parts: Parts;
  readonly approvals: ApprovalRows;
  readonly sessions: SessionRows;
  readonly turnMessages: TurnMessages;
  /** Names this open store: a turn of another one was left by a process that is gone. */
  readonly instance: string;
}

/** `Turns` on SQLite. */
export class SqliteTurns implements Turns {
  readonly #db: Database;
  readonly #with: TurnsParts;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: TurnsParts) {
    this.#db = parts.db;
    this.#with = parts;
    this.#sql = prepare(parts.db);
  }

  async waiting(accountId: AccountId): Promise<readonly ConversationId[]> {
    return this.#db.read(() => this.#sql.waiting.all(accountId).map((row) => row.id));
  }

  async begin(
    conversationId: ConversationId,
    limits: TurnLimits,
  ): Promise<Turn | { retryAtMs: number } | { command: CommandEntry } | undefined> {
    return this.#db.write(() => {
      const accountId = this.#sql.account.get(conversationId)?.account_id;
      if (accountId === undefined || this.#sql.running.get(conversationId)) return undefined;
      const run = longestRun(due(this.#sql.waitingHere.iterate(accountId, conversationId), limits));
      const [first] = run;
      if (!first) return undefined;
      if (isCommand(first)) return { command: readCommand(first, this.#with.instance) };
      const retryAtMs = this.#retryAtMs(conversationId, limits);
      if (retryAtMs !== undefined) return { retryAtMs };
      return this.#begin(first, run, limits);
    });
  }

  async finish(turn: Turn, end: TurnEnd, group: NewGroup, nowMs: number): Promise<boolean> {
    return this.#db.write(() => {
      const answer = end.state === "answered" ? end.text : null;
      const reason = (end.state === "answered" ? end.remark : end.reason) ?? null;
      const ref = end.state === "failed" ? end.ref : null;
      const ended = this.#sql.finish.run(end.state, answer, reason, ref, nowMs, turn.id, turn.attempt);
      if (ended === 0) return false;
      this.#with.turnMessages.end(turn.id, end.state === "answered");
      this.#with.approvals.endOf(turn.id, nowMs);
      this.#with.parts.add(group, { nowMs, turnId: turn.id });
      if (end.state === "failed") this.#noteFailure(turn, end.reason, nowMs);
      return true;
    });
  }

  #noteFailure({ agentId, accountId, conversationId }: Turn, reason: string, atMs: number): void {
    const text = `could not answer: ${reason}`;
    this.#with.activity.note({
      atMs,
      kind: "failure",
      actor: `agent ${agentId}`,
      accountId,
      conversationId,
      text,
    });
  }

  async say(
    turn: Turn,
    said: { streamed: string } | "long",
    group: NewGroup,
    nowMs: number,
  ): Promise<boolean> {
    return this.#db.write(() => {
      const { id, attempt } = turn;
      const noted =
        said === "long"
          ? this.#sql.saidLong.run(id, attempt)
          : this.#sql.streamed.run(said.streamed, id, attempt, said.streamed);
      if (noted === 0) return false;
      this.#with.parts.add(group, { nowMs, turnId: id });
      return true;
    });
  }

  async transcript({ sessionId }: Turn, limit: number): Promise<readonly EarlierTurn[]> {
    return this.#db.read(() => this.#with.turnMessages.answered(sessionId, limit));
  }

  async interrupted(accountId: AccountId): Promise<readonly Turn[]> {
    return this.#db.read(() =>
      this.#sql.interrupted.all(accountId, this.#with.instance).map((row) => this.#read(row)),
    );
  }

  async resume(turn: Turn, nowMs: number): Promise<Turn | undefined> {
    return this.#db.write(() => {
      const before = this.#sql.instance.get(turn.id);
      const row = this.#sql.resume.get(this.#with.instance, turn.id, turn.attempt);
      if (row === undefined) return undefined;
      this.#with.approvals.expire(turn.id, nowMs);
      this.#sql.noteResumed.run(turn.id, nowMs, before?.instance == null ? 0 : 1);
      return this.#read(row);
    });
  }

  async suspend(turn: Turn): Promise<void> {
    await this.#db.write(() => this.#sql.suspend.run(turn.id, turn.attempt));
  }

  /** The moment from which one more turn keeps to the limit, if that is not now. */
  #retryAtMs(conversationId: ConversationId, limits: TurnLimits): number | undefined {
    const sinceMs = limits.nowMs - MINUTE_MS;
    const before = Math.max(0, limits.maxPerMinute - 1);
    const oldest = this.#sql.begunSince.get(conversationId, sinceMs, limits.nowMs, before);
    return oldest && oldest.began_at_ms + MINUTE_MS;
  }

  #begin(first: WaitingRow, run: readonly WaitingRow[], limits: TurnLimits): Turn {
    const { account_id, conversation_id, agent_id, session_key } = first;
    const { nowMs } = limits;
    const most = limits.context(readSaid(first));
    const row: TurnRow = {
      id: newTurnId(nowMs),
      account_id,
      conversation_id,
      agent_id,
      session_key,
      session_id: this.#with.sessions.take(session_key, agent_id, nowMs, limits.isOver),
      attempt: 1,
      earlier: most.turns,
      streamed: "",
      said_long: 0,
    };
    const route = [row.agent_id, row.session_key, row.session_id] as const;
    const told = [this.#with.instance, nowMs, most.turns] as const;
    this.#sql.insert.run(row.id, row.account_id, row.conversation_id, ...route, ...told);
    return this.#make(row, this.#with.turnMessages.take(placeOf(row), run, most.messages));
  }

  #read(row: TurnRow): Turn {
    return this.#make(row, this.#with.turnMessages.read(placeOf(row)));
  }

  /** What was chosen for the session counts as it is now, at every attempt. */
  #make(row: TurnRow, contents: TurnContents): Turn {
    const chosen = this.#sql.choices.get(row.session_key);
    const choices = { mode: chosen?.mode ?? undefined, model: chosen?.model ?? undefined };
    return makeTurn(row, contents, choices);
  }
}

function makeTurn(row: TurnRow, contents: TurnContents, choices: SessionChoices): Turn {
  return {
    id: row.id,
    accountId: row.account_id,
    conversationId: row.conversation_id,
    agentId: row.agent_id,
    sessionKey: row.session_key,
    sessionId: row.session_id,
    attempt: row.attempt,
    ...contents,
    choices,
    streamed: row.streamed,
    saidLong: row.said_long === 1,
  };
}

function placeOf(row: TurnRow): TurnPlace {
  const { id, conversation_id: conversationId, session_id: sessionId, earlier } = row;
  return { id, conversationId, sessionId, earlier };
}

function isCommand(row: WaitingRow): row is WaitingRow & CommandRow {
  return row.command !== null;
}

/** Rows that may be answered now, each with its route by the config in force. */
function* due(rows: Iterable<WaitingRow>, { holding, reroute }: TurnLimits): Generator<WaitingRow> {
  for (const row of rows) {
    if (!isCommand(row) && holding?.has(row.handle ?? undefined) === true) continue;
    const { agent_id: agentId, session_key: sessionKey } = row;
    const route = reroute?.({ agentId, sessionKey }, () => readSaid(row)) ?? { agentId, sessionKey };
    yield { ...row, agent_id: route.agentId, session_key: route.sessionKey };
  }
}

/** Rows from the oldest on, as long as one agent and session answers them; a command is on its own. */
function longestRun(rows: Iterable<WaitingRow>): WaitingRow[] {
  const run: WaitingRow[] = [];
  for (const row of rows) {
    const [first] = run;
    if (first && (isCommand(first) || isCommand(row) || !isSameRoute(first, row))) break;
    run.push(row);
  }
  return run;
}

function isSameRoute(one: WaitingRow, other: WaitingRow): boolean {
  return one.agent_id === other.agent_id && one.session_key === other.session_key;
}

/** Sorts by time, safe in file names; the random half keeps two of one millisecond apart. */
function newTurnId(nowMs: number): TurnId {
  return `${nowMs.toString(36).padStart(9, "0")}${randomBytes(5).toString("hex")}` as TurnId;
}

function prepare(db: Database) {
  const turnColumns =
    "id, account_id, conversation_id, agent_id, session_key, session_id, attempt, earlier, streamed, said_long";
  const attempt = "id = ? AND attempt = ? AND state = 'running'";
  return {
    // Steps from conversation to conversation, so that its cost is theirs and not that of all the messages that wait.
    waiting: db.sql<{ id: ConversationId }>(
      `WITH RECURSIVE place (id, oldest) AS (
         SELECT * FROM (SELECT conversation_id, id FROM inbox
           WHERE account_id = ?1 AND state = 'waiting' ORDER BY conversation_id, id LIMIT 1)
         UNION ALL
         SELECT inbox.conversation_id, inbox.id FROM place JOIN inbox ON inbox.id = (
           SELECT id FROM inbox WHERE account_id = ?1 AND state = 'waiting' AND conversation_id > place.id
           ORDER BY conversation_id, id LIMIT 1))
       SELECT place.id FROM place
       WHERE NOT EXISTS (SELECT 1 FROM turn WHERE turn.conversation_id = place.id AND turn.state = 'running')
       ORDER BY place.oldest`,
    ),
    account: db.sql<{ account_id: AccountId }>("SELECT account_id FROM conversation WHERE id = ?"),
    running: db.sql<object>("SELECT 1 FROM turn WHERE conversation_id = ? AND state = 'running'"),
    waitingHere: db.sql<WaitingRow>(
      `SELECT ${COMMAND_COLUMNS}, said FROM inbox
       WHERE account_id = ? AND conversation_id = ? AND state = 'waiting' ORDER BY id`,
    ),
    // A clock that was set back has turns in the future: they must not hold the conversation until then.
    begunSince: db.sql<{ began_at_ms: number }>(
      `SELECT began_at_ms FROM turn WHERE conversation_id = ? AND began_at_ms > ? AND began_at_ms <= ?
       ORDER BY began_at_ms DESC LIMIT 1 OFFSET ?`,
    ),
    insert: db.sql(
      `INSERT INTO turn
         (id, account_id, conversation_id, agent_id, session_key, session_id, instance, began_at_ms, earlier, attempt,
          state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'running')`,
    ),
    finish: db.sql(
      `UPDATE turn SET state = ?, answer = ?, reason = ?, ref = ?, finished_at_ms = ? WHERE ${attempt}`,
    ),
    streamed: db.sql(`UPDATE turn SET streamed = ? WHERE ${attempt} AND streamed <> ?`),
    saidLong: db.sql(`UPDATE turn SET said_long = 1 WHERE ${attempt} AND said_long = 0`),
    choices: db.sql<ChoicesRow>("SELECT mode, model FROM session WHERE key = ?"),
    interrupted: db.sql<TurnRow>(
      `SELECT ${turnColumns} FROM turn
       WHERE account_id = ? AND state = 'running' AND instance IS NOT ? ORDER BY id`,
    ),
    resume: db.sql<TurnRow>(
      `UPDATE turn SET attempt = attempt + 1, instance = ? WHERE ${attempt} RETURNING ${turnColumns}`,
    ),
    instance: db.sql<{ instance: string | null }>("SELECT instance FROM turn WHERE id = ?"),
    noteResumed: db.sql("INSERT INTO turn_resumed (turn_id, at_ms, was_killed) VALUES (?, ?, ?)"),
    suspend: db.sql(`UPDATE turn SET attempt = attempt - 1, instance = NULL WHERE ${attempt}`),
  };
}
