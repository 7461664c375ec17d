// What an owner does to a conversation from outside of it.
import type { Actor } from "../model/activity.ts";
import type { CommandDone } from "../model/command.ts";
import type { AccountId, ConversationId, EntryId } from "../model/ids.ts";
import type { ActDone, ConversationActs } from "../model/store.ts";
import { renderEntry } from "../model/target.ts";
import type { ActivityRows } from "./activity.ts";
import type { Conversations } from "./conversations.ts";
import type { Database } from "./sqlite.ts";
import type { Stops } from "./stops.ts";

const EVERY_ENTRY = Number.MAX_SAFE_INTEGER as EntryId;

/** What they are made of. */
export interface ConversationActsParts {
  readonly conversations: Conversations;
  readonly stops: Stops;
  readonly activity: ActivityRows;
}

/** `ConversationActs` on SQLite. */
export class SqliteConversationActs implements ConversationActs {
  readonly #db: Database;
  readonly #conversations: Conversations;
  readonly #stops: Stops;
  readonly #activity: ActivityRows;
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database, { conversations, stops, activity }: ConversationActsParts) {
    this.#db = db;
    this.#conversations = conversations;
    this.#stops = stops;
    this.#activity = activity;
    this.#sql = prepare(db);
  }

  async stop(id: ConversationId, { by, nowMs }: ActDone): Promise<CommandDone> {
    return this.#db.write(() => {
      const accountId = this.#sql.account.get(id)?.account_id;
      if (accountId === undefined) return { stopped: undefined, dropped: 0 };
      const done = this.#stops.stop({ accountId, conversationId: id, before: EVERY_ENTRY, by, nowMs });
      if (done.stopped !== undefined || done.dropped > 0)
        this.#note({ id, accountId, by, nowMs }, `stopped the conversation: ${describe(done)}`);
      return done;
    });
  }

  async target(id: ConversationId): Promise<string | undefined> {
    const target = await this.#db.read(() => this.#conversations.target(id));
    return target && renderEntry(target);
  }

  async mute(id: ConversationId, isMuted: boolean, { by, nowMs }: ActDone): Promise<boolean> {
    return this.#db.write(() => {
      const accountId = this.#sql.account.get(id)?.account_id;
      const changed = isMuted ? this.#sql.mute.run(nowMs, id) : this.#sql.unmute.run(id);
      if (accountId === undefined || changed === 0) return false;
      this.#note(
        { id, accountId, by, nowMs },
        isMuted ? "muted the conversation" : "unmuted the conversation",
      );
      return true;
    });
  }

  #note(where: { id: ConversationId; accountId: AccountId; by: Actor; nowMs: number }, text: string): void {
    const { id: conversationId, accountId, by: actor, nowMs: atMs } = where;
    this.#activity.note({ atMs, kind: "session", actor, accountId, conversationId, text });
  }
}

function describe({ stopped, dropped }: CommandDone): string {
  const turn = stopped === undefined ? [] : ["the turn ended"];
  const waiting =
    dropped === 0 ? [] : [`${dropped} waiting ${dropped === 1 ? "message" : "messages"} dropped`];
  return [...turn, ...waiting].join(", ");
}

function prepare(db: Database) {
  return {
    account: db.sql<{ account_id: AccountId }>("SELECT account_id FROM conversation WHERE id = ?"),
    mute: db.sql("UPDATE conversation SET muted_at_ms = ? WHERE id = ? AND muted_at_ms IS NULL"),
    unmute: db.sql("UPDATE conversation SET muted_at_ms = NULL WHERE id = ? AND muted_at_ms IS NOT NULL"),
  };
}
