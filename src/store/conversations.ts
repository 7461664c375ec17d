// Conversations: one row for each chat of an account, kept true to what the newest rows say about the chat.
import { chatGuidKey } from "../model/chat-guid.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, ConversationId } from "../model/ids.ts";
import type { ChatRef, InboundMessage } from "../model/message.ts";
import type { Target } from "../model/target.ts";
import type { Database } from "./sqlite.ts";

interface ConversationRow {
  readonly id: ConversationId;
  readonly chat_id: number;
  readonly chat_guid: string;
  readonly chat_identifier: string;
  readonly is_group: number;
  readonly peer: string | null;
  readonly mirror_streak: number;
}

const COLUMNS = "id, chat_id, chat_guid, chat_identifier, is_group, peer, mirror_streak";

/** Reads and writes conversations. Contract: called inside verbs only. */
export class Conversations {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** The conversation of a row's chat, made or brought up to date. */
  touch(message: InboundMessage): ConversationId {
    const key = keyOf(message);
    const row = this.#sql.byKey.get(message.accountId, key);
    if (row && isCurrent(row, message)) return row.id;
    const facts = [
      message.chatId,
      message.chatGuid,
      message.chatIdentifier,
      message.isGroup ? 1 : 0,
    ] as const;
    if (row) this.#sql.update.run(...facts, row.id);
    const id = row?.id ?? (this.#sql.insert.insert(message.accountId, key, ...facts) as ConversationId);
    // Chat ids start over when a database is replaced: what had this one before is another chat.
    this.#sql.unname.run(message.accountId, message.chatId, id);
    return id;
  }

  /** How many messages in a row repeated our last reply. */
  mirrorStreak(id: ConversationId): number {
    return this.#sql.byId.get(id)?.mirror_streak ?? 0;
  }

  /** Records what a decision says about the conversation of its row. */
  learn(id: ConversationId, facts: { peer: Handle | undefined; mirrorStreak: number }): void {
    const row = this.#sql.byId.get(id);
    if (!row) return;
    const peer = facts.peer ?? row.peer;
    if (row.peer !== peer || row.mirror_streak !== facts.mirrorStreak)
      this.#sql.learn.run(peer, facts.mirrorStreak, id);
  }

  /** The conversation that a target names, if the journal knows one. */
  named(accountId: AccountId, target: Target): ConversationId | undefined {
    switch (target.kind) {
      case "chat_id":
        return this.#sql.byChat.get(accountId, target.chatId)?.id;
      case "chat_guid":
        return this.#sql.byKey.get(accountId, chatGuidKey(target.guid))?.id;
      case "chat_identifier":
        return this.#sql.byIdentifier.get(accountId, target.identifier)?.id;
      default:
        return this.#sql.byPeer.get(accountId, target.handle)?.id;
    }
  }

  /** The surest way to reach a conversation. */
  target(id: ConversationId): Target | undefined {
    const row = this.#sql.byId.get(id);
    if (!row) return undefined;
    if (row.chat_id > 0) return { kind: "chat_id", chatId: row.chat_id };
    return { kind: "chat_guid", guid: row.chat_guid };
  }
}

function prepare(db: Database) {
  const select = (where: string) =>
    db.sql<ConversationRow>(`SELECT ${COLUMNS} FROM conversation WHERE ${where} ORDER BY id DESC LIMIT 1`);
  return {
    byId: db.sql<ConversationRow>(`SELECT ${COLUMNS} FROM conversation WHERE id = ?`),
    byKey: select("account_id = ? AND guid_key = ?"),
    byChat: select("account_id = ? AND chat_id = ?"),
    byIdentifier: select("account_id = ? AND chat_identifier = ?"),
    byPeer: select("account_id = ? AND peer = ?"),
    insert: db.sql(
      `INSERT INTO conversation (account_id, guid_key, chat_id, chat_guid, chat_identifier, is_group)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    update: db.sql(
      "UPDATE conversation SET chat_id = ?, chat_guid = ?, chat_identifier = ?, is_group = ? WHERE id = ?",
    ),
    unname: db.sql("UPDATE conversation SET chat_id = 0 WHERE account_id = ? AND chat_id = ? AND id <> ?"),
    learn: db.sql("UPDATE conversation SET peer = ?, mirror_streak = ? WHERE id = ?"),
  };
}

function keyOf(chat: ChatRef): string {
  return chat.chatGuid === "" ? `chat_id:${chat.chatId}` : chatGuidKey(chat.chatGuid);
}

function isCurrent(row: ConversationRow, chat: ChatRef): boolean {
  return (
    row.chat_id === chat.chatId &&
    row.chat_guid === chat.chatGuid &&
    row.chat_identifier === chat.chatIdentifier &&
    (row.is_group === 1) === chat.isGroup
  );
}
