// The messages of turns: those a turn answers, and what it is shown beside them.
import type { ConversationId, TurnId } from "../model/ids.ts";
import type { EarlierTurn, Turn, TurnMessage } from "../model/turn.ts";
import { readSaid, SAID_COLUMNS, type SaidRow } from "./entries.ts";
import type { Database } from "./sqlite.ts";

/** What an agent is given with a turn. */
export type TurnContents = Pick<Turn, "messages" | "context" | "earlier">;

/** A turn, as far as its contents depend on it. */
export interface TurnPlace {
  readonly id: TurnId;
  readonly conversationId: ConversationId;
  readonly sessionId: string;
  /** How many earlier turns it is shown. */
  readonly earlier: number;
}

interface AnsweredRow {
  readonly id: TurnId;
  readonly began_at_ms: number;
  readonly answer: string | null;
}

/** Gives turns their messages. Contract: called inside verbs only. */
export class TurnMessages {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** Takes these messages and the newest `context` ones before the last of them; what else was there to show is forgotten. */
  take(turn: TurnPlace, run: readonly SaidRow[], context: number): TurnContents {
    for (const { id } of run) this.#sql.take.run(turn.id, id);
    const before = [turn.conversationId, run.at(-1)?.id ?? 0] as const;
    const shown = context > 0 ? this.#sql.show.run(turn.id, ...before, context) : 0;
    this.#sql.forget.run(...before);
    return {
      messages: run.map(readSaid),
      context: shown > 0 ? this.#shown(turn.id) : [],
      earlier: this.#earlier(turn),
    };
  }

  /** The same for every attempt. */
  read(turn: TurnPlace): TurnContents {
    return {
      messages: this.#sql.messages.all(turn.id).map(readSaid),
      context: this.#shown(turn.id),
      earlier: this.#earlier(turn),
    };
  }

  /** The messages of an ended turn are done; what it was shown is shown again if nothing came of it. */
  end(turnId: TurnId, isAnswered: boolean): void {
    this.#sql.done.run(turnId);
    if (!isAnswered) this.#sql.giveBack.run(turnId);
  }

  #shown(turnId: TurnId): TurnMessage[] {
    return this.#sql.shown.all(turnId).map(readSaid);
  }

  /** No other turn of the conversation can be answered while this one runs: at every attempt they are the same. */
  #earlier({ sessionId, conversationId, earlier }: TurnPlace): EarlierTurn[] {
    if (earlier === 0) return [];
    return this.#tell(this.#sql.answeredHere.all(sessionId, conversationId, earlier));
  }

  /** The newest answered turns of a session in all of its conversations, oldest first. */
  answered(sessionId: string, limit: number): EarlierTurn[] {
    return this.#tell(this.#sql.answered.all(sessionId, limit));
  }

  #tell(newestFirst: readonly AnsweredRow[]): EarlierTurn[] {
    return newestFirst.toReversed().map((row) => ({
      atMs: row.began_at_ms,
      said: this.#sql.messages.all(row.id).map((said) => {
        const { handle, message } = readSaid(said);
        return { sender: handle, text: message.text };
      }),
      answered: row.answer ?? "",
    }));
  }
}

function prepare(db: Database) {
  const pending = "conversation_id = ? AND context = 1 AND id < ?";
  return {
    take: db.sql("UPDATE inbox SET state = 'taken', turn_id = ? WHERE id = ?"),
    show: db.sql(
      `UPDATE inbox SET context = 0, context_turn = ?
       WHERE id IN (SELECT id FROM inbox WHERE ${pending} ORDER BY id DESC LIMIT ?)`,
    ),
    forget: db.sql(`UPDATE inbox SET context = 0 WHERE ${pending}`),
    messages: db.sql<SaidRow>(`SELECT ${SAID_COLUMNS} FROM inbox WHERE turn_id = ? ORDER BY id`),
    shown: db.sql<SaidRow>(`SELECT ${SAID_COLUMNS} FROM inbox WHERE context_turn = ? ORDER BY id`),
    answered: db.sql<AnsweredRow>(
      `SELECT id, began_at_ms, answer FROM turn WHERE session_id = ? AND state = 'answered'
       ORDER BY began_at_ms DESC, id DESC LIMIT ?`,
    ),
    answeredHere: db.sql<AnsweredRow>(
      `SELECT id, began_at_ms, answer FROM turn
       WHERE session_id = ? AND conversation_id = ? AND state = 'answered'
       ORDER BY began_at_ms DESC, id DESC LIMIT ?`,
    ),
    done: db.sql("UPDATE inbox SET state = 'done' WHERE turn_id = ?"),
    giveBack: db.sql("UPDATE inbox SET context = 1, context_turn = NULL WHERE context_turn = ?"),
  };
}
