// The identifiers of the product, each a type of its own so that one cannot be handed over for another.

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Names one Messages database reached through one `imsg`; a key of `channels.imessage.accounts`, or `default`. */
export type AccountId = Brand<string, "AccountId">;
/** Row id of a chat; unique within one database file, starts over when the file is replaced. */
export type ChatId = Brand<number, "ChatId">;
/** `SERVICE;-;IDENTIFIER` or `SERVICE;+;IDENTIFIER`; survives a rebuild of the database. */
export type ChatGuid = Brand<string, "ChatGuid">;
/** Guid of one message, made by `messageGuid`; unique within an account. A message that iCloud delivers again has another one. */
export type MessageGuid = Brand<string, "MessageGuid">;
/** Row id of a message; orders the rows of one database file. */
export type RowId = Brand<number, "RowId">;
/** One chat of one account, as the state database numbers it; unique within a state database. */
export type ConversationId = Brand<number, "ConversationId">;
/** One journaled inbound row, as the state database numbers it. */
export type EntryId = Brand<number, "EntryId">;
/** One run of an agent (all its attempts); unique for ever, safe in file names and messages. */
export type TurnId = Brand<string, "TurnId">;
/** One message on its way out, as the state database numbers it. */
export type PartId = Brand<number, "PartId">;
/** What an agent remembers by, such as `agent:main:main`. */
export type SessionKey = Brand<string, "SessionKey">;
/** A key of `agents.list[].id`, or `main`. */
export type AgentId = Brand<string, "AgentId">;
/** One question of an agent for permission, as the state database numbers it. */
export type ApprovalId = Brand<number, "ApprovalId">;
/** UUID of one attempt to send one part; an `imsg` with `send.tracked` makes it the message's guid. */
export type AttemptId = Brand<string, "AttemptId">;

/** A browser that is signed in to the control page, as the state database numbers it. */
export type PageSessionId = Brand<number, "PageSessionId">;

/** Takes a value read from outside (database, wire, config) for an id; the caller vouches for its origin. */
export function asId<T extends Brand<string, string> | Brand<number, string>>(
  value: T extends string ? string : number,
): T {
  return value as unknown as T;
}

/** Takes a guid as imsg or a person writes it. Messages ignores its case, so it has one spelling here. */
export function messageGuid(text: string): MessageGuid {
  return asId<MessageGuid>(text.toUpperCase());
}
