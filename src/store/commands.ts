// Commands in chat: open → begun, where once is all → finished with effect and reply in one transaction.
import type { ChatCommand, CommandDone, CommandEffect, CommandEntry } from "../model/command.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, AgentId, ConversationId, EntryId, SessionKey } from "../model/ids.ts";
import type { NewGroup } from "../model/journal.ts";
import type { InboundMessage } from "../model/message.ts";
import type { Commands } from "../model/store.ts";
import type { Conversations } from "./conversations.ts";
import type { Parts } from "./parts.ts";
import type { SessionRows } from "./sessions.ts";
import type { Database } from "./sqlite.ts";
import type { Stops } from "./stops.ts";

/** The columns that make a command. */
export const COMMAND_COLUMNS =
  "id, account_id, conversation_id, handle, message, command, agent_id, session_key, begun_by";

/** A row of `COMMAND_COLUMNS`. */
export interface CommandRow {
  readonly id: EntryId;
  readonly account_id: AccountId;
  readonly conversation_id: ConversationId;
  readonly handle: Handle | null;
  readonly message: string;
  readonly command: string;
  readonly agent_id: AgentId;
  readonly session_key: SessionKey;
  readonly begun_by: string | null;
}

/** What commands are made of. */
export interface CommandsParts {
  readonly db: Database;
  readonly conversations: Conversations;
  readonly parts: Parts;
  readonly sessions: SessionRows;
  readonly stops: Stops;
  /** Names this open store: what another one began was begun by a process that is gone. */
  readonly instance: string;
}

/** `Commands` on SQLite. */
export class SqliteCommands implements Commands {
  readonly #db: Database;
  readonly #with: CommandsParts;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(parts: CommandsParts) {
    this.#db = parts.db;
    this.#with = parts;
    this.#sql = prepare(parts.db);
  }

  async open(accountId: AccountId): Promise<readonly CommandEntry[]> {
    return this.#db.read(() =>
      this.#sql.open.all(accountId).map((row) => readCommand(row, this.#with.instance)),
    );
  }

  async begin(command: CommandEntry, nowMs: number): Promise<boolean> {
    return this.#db.write(() => this.#sql.begin.run(nowMs, this.#with.instance, command.entryId) === 1);
  }

  async finish(
    command: CommandEntry,
    effect: CommandEffect,
    told: { readonly reply: (done: CommandDone) => NewGroup; readonly nowMs: number },
  ): Promise<CommandDone | undefined> {
    const { nowMs } = told;
    return this.#db.write(() => {
      if (this.#sql.finish.run(command.entryId) === 0) return undefined;
      const done = this.#carryOut(command, effect, nowMs);
      this.#with.parts.add(told.reply(done), { nowMs, entryId: command.entryId });
      return done;
    });
  }

  #carryOut(command: CommandEntry, effect: CommandEffect, nowMs: number): CommandDone {
    const { accountId, conversationId, sessionKey, agentId, entryId, handle } = command;
    switch (effect.kind) {
      case "stop":
        // A turn that began with what was written after the command is not what it meant.
        return this.#with.stops.stop({ accountId, conversationId, before: entryId, by: handle, nowMs });
      case "reset":
        this.#with.sessions.renew(sessionKey, agentId, nowMs);
        if (effect.first !== "") this.#sql.becomeMessage.run(effect.first, entryId);
        return NOTHING_STOPPED;
      case "pin":
        this.#with.conversations.pin(conversationId, effect.agentId);
        return NOTHING_STOPPED;
      case "choose":
        this.#with.sessions.choose({ key: sessionKey, agentId }, effect, nowMs);
        return NOTHING_STOPPED;
      default:
        return NOTHING_STOPPED;
    }
  }
}

const NOTHING_STOPPED: CommandDone = { stopped: undefined, dropped: 0 };

/** The command of a row; `instance` names the open store that asks. */
export function readCommand(row: CommandRow, instance: string): CommandEntry {
  const message = JSON.parse(row.message) as InboundMessage;
  return {
    entryId: row.id,
    accountId: row.account_id,
    conversationId: row.conversation_id,
    handle: row.handle ?? (message.sender as Handle),
    message,
    command: JSON.parse(row.command) as ChatCommand,
    agentId: row.agent_id,
    sessionKey: row.session_key,
    wasBegun: row.begun_by !== null && row.begun_by !== instance,
  };
}

function prepare(db: Database) {
  const isOpen = "id = ? AND command IS NOT NULL AND state IN ('command', 'waiting')";
  return {
    open: db.sql<CommandRow>(
      `SELECT ${COMMAND_COLUMNS} FROM inbox WHERE account_id = ? AND state = 'command' ORDER BY id`,
    ),
    begin: db.sql(`UPDATE inbox SET begun_at_ms = ?, begun_by = ? WHERE ${isOpen} AND begun_at_ms IS NULL`),
    finish: db.sql(`UPDATE inbox SET state = 'done' WHERE ${isOpen}`),
    becomeMessage: db.sql("UPDATE inbox SET state = 'waiting', command = NULL, said = ? WHERE id = ?"),
  };
}
