// The bridge methods about one message: tapback, edit, unsend, delete, notify anyway.

import type { SQLInputValue } from "node:sqlite";
import type { MethodHandler } from "../rpc/context.ts";
import { invalidParams } from "../rpc/error.ts";
import { encodeAttributedBody } from "../typedstream.ts";
import { standardReaction, writeTapback } from "../write-tapback.ts";
import { appleDate } from "../write.ts";
import { MESSAGE_KEYS, bridgeMethod, readMessageGuid, readPart, refused } from "./bridge-method.ts";
import type { BridgeCall } from "./bridge-method.ts";
import type { Params } from "./params.ts";

/** The methods by name. */
export const messageMethods: Readonly<Record<string, MethodHandler>> = {
  tapback: bridgeMethod({
    name: "tapback",
    action: "send-reaction",
    keys: [...MESSAGE_KEYS, "reaction", "kind", "emoji", "remove"],
    read: (params) => ({ guid: readMessageGuid(params), part: readPart(params), ...readReaction(params) }),
    act({ request, writer, context }) {
      const { guid, part, reaction, emoji, remove } = request;
      const word = emoji ?? reaction;
      const written = writer.transaction(() =>
        writeTapback(writer, { targetGuid: afterSlash(guid), from: undefined, reaction: word, remove, part }),
      );
      if (written === undefined) throw refused(context, "send-reaction", "Message not found");
      return emoji === undefined ? { reaction: remove ? `remove-${reaction}` : reaction } : { emoji };
    },
  }),

  "message.edit": bridgeMethod({
    name: "message.edit",
    action: "edit-message",
    keys: [
      ...MESSAGE_KEYS,
      "text",
      "new_text",
      "newText",
      "edited_message",
      "backwards_compatibility_message",
      "backwardsCompatibilityMessage",
      "bc_text",
      "bcText",
    ],
    read(params) {
      const guid = readMessageGuid(params);
      const text = params.string("text", ["new_text", "newText", "edited_message"]) ?? "";
      if (text === "") throw invalidParams("text is required");
      const fallback = ["backwardsCompatibilityMessage", "bc_text", "bcText"];
      return {
        guid,
        text,
        part: readPart(params),
        shown_to_old: params.string("backwards_compatibility_message", fallback),
      };
    },
    act: (call) =>
      change(call, {
        text: call.request.text,
        attributedBody: encodeAttributedBody(call.request.text),
        date_edited: now(),
      }),
  }),

  "message.unsend": bridgeMethod({
    name: "message.unsend",
    action: "unsend-message",
    keys: MESSAGE_KEYS,
    read: (params) => ({ guid: readMessageGuid(params), part: readPart(params) }),
    act: (call) => change(call, { text: null, attributedBody: null, is_empty: 1, date_retracted: now() }),
  }),

  "message.delete": bridgeMethod({
    name: "message.delete",
    action: "delete-message",
    keys: MESSAGE_KEYS,
    read: (params) => ({ guid: readMessageGuid(params) }),
    act(call) {
      const rowId = rowOf(call);
      call.writer.transaction(() => {
        for (const table of ["chat_message_join", "message_attachment_join"]) {
          call.writer.run(`DELETE FROM ${table} WHERE message_id = ?`, rowId);
        }
        call.writer.run("DELETE FROM message WHERE ROWID = ?", rowId);
      });
      return undefined;
    },
  }),

  "message.notifyAnyways": bridgeMethod({
    name: "message.notifyAnyways",
    action: "notify-anyways",
    keys: MESSAGE_KEYS,
    read: (params) => ({ guid: readMessageGuid(params) }),
    act: (call) => change(call, { did_notify_recipient: 1 }),
  }),
};

function readReaction(params: Params): { reaction: string; emoji: string | undefined; remove: boolean } {
  let remove = params.boolean("remove") ?? false;
  const emoji = params.string("emoji") || undefined;
  if (emoji !== undefined) return { reaction: "", emoji, remove };
  const raw = params.string("reaction", ["kind"]) ?? "";
  let word = raw.trim().toLowerCase();
  if (word === "") throw invalidParams("reaction, kind, or emoji is required");
  if (word.startsWith("remove-")) {
    remove = true;
    word = word.slice("remove-".length);
  }
  const reaction = standardReaction(word);
  if (reaction === undefined) {
    throw invalidParams(
      `unsupported tapback reaction ${raw}; use love, like, dislike, laugh, emphasize, or question`,
    );
  }
  return { reaction, emoji: undefined, remove };
}

/** Changes columns of the message. */
function change(
  call: BridgeCall<{ guid: string }>,
  columns: Readonly<Record<string, SQLInputValue>>,
): undefined {
  const rowId = rowOf(call);
  const assignments = Object.keys(columns).map((name) => `${name} = ?`);
  call.writer.run(
    `UPDATE message SET ${assignments.join(", ")} WHERE ROWID = ?`,
    ...Object.values(columns),
    rowId,
  );
}

/** The row of one of our own messages in the chat. */
function rowOf({ writer, request, chat, context, method, action }: BridgeCall<{ guid: string }>): number {
  const row = writer.first(
    `SELECT m.ROWID AS id, m.is_from_me AS own FROM message m
       JOIN chat_message_join cmj ON cmj.message_id = m.ROWID AND cmj.chat_id = ? WHERE m.guid = ? COLLATE NOCASE`,
    chat.id,
    afterSlash(request.guid),
  );
  if (row === undefined) throw refused(context, action, "Message not found");
  if (method !== "message.delete" && row["own"] !== 1)
    throw refused(context, action, "Message is not from me");
  return Number(row["id"]);
}

/** `p:0/GUID` names a part of a message. */
function afterSlash(guid: string): string {
  return guid.slice(guid.lastIndexOf("/") + 1);
}

function now(): bigint {
  return appleDate(Date.now());
}
