// Finds out where a message is to go: parameters → a chat of the database, or a person who has none yet.

import type { RpcContext } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { safeInteger } from "../rpc/loose-params.ts";
import { findChat, findChatById } from "../write-chats.ts";
import type { Chat } from "../write-chats.ts";
import { MessageWriter } from "../write.ts";
import { CHAT_KEYS } from "./params.ts";
import type { Params } from "./params.ts";

/** What the parameters name: a person, or a chat by row id, guid or identifier. */
export type Target =
  | { readonly kind: "person"; readonly address: string }
  | { readonly kind: "chat-id"; readonly id: bigint }
  | { readonly kind: "chat"; readonly reference: string };

/** Reads `to` or a chat selector. `missing` is what legacy says when there is neither. */
export function readTarget(params: Params, context: RpcContext, missing: string): Target {
  return context.dialect === "legacy" ? looseTarget(params, missing) : strictTarget(params);
}

/** Reads a chat selector alone. */
export function readChatTarget(params: Params, context: RpcContext): Target {
  if (context.dialect === "v1") return strictChatTarget(params);
  const target = looseChatTarget(params);
  if (target === undefined) throw invalidParams("chat_guid, chat_identifier, or chat_id is required");
  return target;
}

/** The chat that is named; undefined when it, or its person, is not in the database. Contract: throws on an unknown chat_id. */
export function resolveChat(target: Target, context: RpcContext): Chat | undefined {
  if (target.kind === "person") return undefined;
  const writer = MessageWriter.of(context.db);
  if (target.kind === "chat") return findChat(writer, target.reference);
  const chat = findChatById(writer, safeInteger(target.id));
  if (chat === undefined) throw invalidParams(`unknown chat_id ${target.id}`);
  return chat;
}

function looseTarget(params: Params, missing: string): Target {
  const address = params.string("to") ?? "";
  const chat = looseChatTarget(params);
  if (address !== "" && chat !== undefined) throw invalidParams("use to or chat_*; not both");
  if (chat !== undefined) return chat;
  if (address === "") throw invalidParams(missing);
  return { kind: "person", address };
}

/** Several selectors may stand together: the row id counts first, then the guid. */
function looseChatTarget(params: Params): Target | undefined {
  const id = params.int64("chat_id");
  if (id !== undefined) return { kind: "chat-id", id };
  const reference = params.string("chat_guid") || params.string("chat_identifier") || "";
  return reference === "" ? undefined : { kind: "chat", reference };
}

function strictTarget(params: Params): Target {
  if (!params.has("to")) return strictChatTarget(params);
  if (CHAT_KEYS.some((key) => params.has(key))) {
    throw invalidParams("use to or exactly one chat selector; not both");
  }
  const address = params.string("to") ?? "";
  if (address === "") throw invalidParams("to must be a non-empty string");
  return { kind: "person", address };
}

function strictChatTarget(params: Params): Target {
  const [key, second] = CHAT_KEYS.filter((candidate) => params.has(candidate));
  if (key === undefined || second !== undefined) {
    throw invalidParams("exactly one of chat_id, chat_identifier, or chat_guid is required");
  }
  if (key === "chat_id") {
    const id = params.int64(key) ?? 0n;
    if (id <= 0n) throw invalidParams("chat_id must be a positive integer");
    return { kind: "chat-id", id };
  }
  const reference = params.string(key) ?? "";
  if (reference === "") throw invalidParams(`${key} must be a non-empty string`);
  return { kind: "chat", reference };
}
