// Conversations: one row for each chat of an account, kept true to what the newest rows say about the chat.
import { chatGuidKey } from "../model/chat-guid.ts";
import type { KnownChat } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import type { AccountId, AgentId, ConversationId, EntryId } from "../model/ids.ts";
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
  readonly group_name: string | null;
  readonly pinned_agent: AgentId | null;
  readonly name: string;
}

/** The columns that make a `KnownChat`. */
export type ChatRow = Pick<
  ConversationRow,
  "chat_id" | "chat_guid" | "chat_identifier" | "is_group" | "peer"
>;

const COLUMNS =
  "id, chat_id, chat_guid, chat_identifier, is_group, peer, mirror_streak, group_name, pinned_agent, name";

/** Reads and writes conversations. Contract: called inside verbs only. */
export class Conversations {
  readonly #sql: ReturnType<typeof prepare>;

  constructor(db: Database) {
    this.#sql = prepare(db);
  }

  /** The conversation of a row's chat, if there is one. */
  find(message: InboundMessage): ConversationId | undefined {
    return this.#sql.byKey.get(message.accountId, keyOf(message))?.id;
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
      message.chatName,
    ] as const;
    if (row) this.#sql.update.run(...facts, row.id);
    const id = row?.id ?? (this.#sql.insert.insert(message.accountId, key, ...facts) as ConversationId);
    // Chat ids start over when a database is replaced: what had this one before is another chat.
    this.#sql.unname.run(message.accountId, message.chatId, id);
    return id;
  }

  /** Notes the newest row of a conversation: lists go by it. */
  advance(id: ConversationId, entryId: EntryId): void {
    this.#sql.advance.run(entryId, id, entryId);
  }

  /** True where nothing is to be answered. */
  isMuted(id: ConversationId): boolean {
    return this.#sql.muted.get(id)?.muted_at_ms != null;
  }

  /** How many messages in a row repeated our last reply. */
  mirrorStreak(id: ConversationId): number {
    return this.#sql.byId.get(id)?.mirror_streak ?? 0;
  }

  /** The agent that is pinned in a conversation. */
  pinnedAgent(id: ConversationId): AgentId | undefined {
    return this.#sql.byId.get(id)?.pinned_agent ?? undefined;
  }

  pin(id: ConversationId, agentId: AgentId | undefined): void {
    this.#sql.pin.run(agentId ?? null, id);
  }

  /** What names the chat of a row in the session keys of groups, or would name it: unique over all accounts. */
  groupName(id: ConversationId, message: InboundMessage): string {
    const known = this.#sql.byId.get(id)?.group_name ?? undefined;
    if (known !== undefined) return known;
    for (const name of groupNames(message)) if (!this.#sql.byGroupName.get(name)) return name;
    throw new Error("names never end");
  }

  /** The same, kept for ever. */
  nameGroup(id: ConversationId, message: InboundMessage): string {
    const name = this.groupName(id, message);
    this.#sql.nameGroup.run(name, id);
    return name;
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

  /** The chat that a target names, if the journal knows it. */
  chat(accountId: AccountId, target: Target): KnownChat | undefined {
    const id = this.named(accountId, target);
    const row = id === undefined ? undefined : this.#sql.byId.get(id);
    return row && readChat(row);
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
      `INSERT INTO conversation (account_id, guid_key, chat_id, chat_guid, chat_identifier, is_group, name)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: db.sql(
      "UPDATE conversation SET chat_id = ?, chat_guid = ?, chat_identifier = ?, is_group = ?, name = ? WHERE id = ?",
    ),
    unname: db.sql("UPDATE conversation SET chat_id = 0 WHERE account_id = ? AND chat_id = ? AND id <> ?"),
    advance: db.sql(
      "UPDATE conversation SET last_entry = ? WHERE id = ? AND (last_entry IS NULL OR last_entry < ?)",
    ),
    muted: db.sql<{ muted_at_ms: number | null }>("SELECT muted_at_ms FROM conversation WHERE id = ?"),
    pin: db.sql("UPDATE conversation SET pinned_agent = ? WHERE id = ?"),
    byGroupName: db.sql<object>("SELECT 1 FROM conversation WHERE group_name = ?"),
    nameGroup: db.sql("UPDATE conversation SET group_name = ? WHERE id = ? AND group_name IS NULL"),
    learn: db.sql("UPDATE conversation SET peer = ?, mirror_streak = ? WHERE id = ?"),
  };
}

/** Names for the chat of a row, the plainest first. */
function* groupNames({ accountId, chatId, chatGuid }: InboundMessage): Generator<string> {
  const plain = chatId > 0 ? String(chatId) : chatGuid;
  yield plain;
  yield `${plain}@${accountId}`;
  for (let number = 2; ; number++) yield `${plain}@${accountId}.${number}`;
}

/** The chat of a row. */
export function readChat(row: ChatRow): KnownChat {
  return {
    chatId: row.chat_id,
    chatGuid: row.chat_guid,
    chatIdentifier: row.chat_identifier,
    isGroup: row.is_group === 1,
    peer: (row.peer as Handle | null) ?? undefined,
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
    (row.is_group === 1) === chat.isGroup &&
    row.name === chat.chatName
  );
}
