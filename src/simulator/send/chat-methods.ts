// The bridge methods about a chat: typing, read, groups, creating and deleting.

import type { SQLInputValue } from "node:sqlite";
import type { MethodHandler, RpcContext } from "../rpc/context.ts";
import { internalError, invalidParams } from "../rpc/error.ts";
import {
  addParticipant,
  createGroup,
  directChat,
  findDirectChat,
  removeParticipant,
} from "../write-chats.ts";
import { writeText } from "../write-text.ts";
import type { Chat } from "../write-chats.ts";
import { MessageWriter, appleDate } from "../write.ts";
import { bridgeMethod, refused } from "./bridge-method.ts";
import type { BridgeCall } from "./bridge-method.ts";
import { refuseOnLinux, requireBridge } from "./failure.ts";
import { CHAT_KEYS, readParams } from "./params.ts";
import type { Params } from "./params.ts";
import { readTarget, resolveChat } from "./target.ts";

/** Messages' numbers for rows that tell of a change of the group. */
const ITEM = { participants: 1, name: 2, left: 3, photo: 3 } as const;

/** The methods by name. */
export const chatMethods: Readonly<Record<string, MethodHandler>> = {
  typing,
  read,

  "chats.create": createChat,
  "chats.delete": bridgeMethod({
    name: "chats.delete",
    action: "delete-chat",
    keys: [],
    read: () => ({}),
    act({ writer, chat }) {
      writer.transaction(() => {
        const mine = "IN (SELECT message_id FROM chat_message_join WHERE chat_id = ?)";
        writer.run(`DELETE FROM message WHERE ROWID ${mine}`, chat.id);
        writer.run("DELETE FROM chat_message_join WHERE chat_id = ?", chat.id);
        writer.run("DELETE FROM chat_handle_join WHERE chat_id = ?", chat.id);
        writer.run("DELETE FROM chat WHERE ROWID = ?", chat.id);
      });
      return undefined;
    },
  }),
  "chats.markUnread": bridgeMethod({
    name: "chats.markUnread",
    action: "mark-chat-unread",
    keys: [],
    read: () => ({}),
    act({ writer, chat }) {
      writer.run(
        `UPDATE message SET is_read = 0, date_read = 0 WHERE ROWID = (SELECT MAX(m.ROWID) FROM message m
           JOIN chat_message_join cmj ON cmj.message_id = m.ROWID WHERE cmj.chat_id = ? AND m.is_from_me = 0)`,
        chat.id,
      );
      return undefined;
    },
  }),

  "group.rename": groupMethod(
    ["group.rename", "set-display-name"],
    ["name"],
    readName,
    ({ writer, chat, request }) => {
      writer.run("UPDATE chat SET display_name = ? WHERE ROWID = ?", request.name, chat.id);
      return { item_type: ITEM.name, group_title: request.name };
    },
  ),
  "group.setIcon": groupMethod(
    ["group.setIcon", "update-group-photo"],
    ["file"],
    (params) => ({ file: params.string("file") }),
    ({ request }) => ({
      item_type: ITEM.photo,
      group_action_type: request.file === undefined ? 2 : 1,
    }),
  ),
  "group.addParticipant": groupMethod(
    ["group.addParticipant", "add-participant"],
    ["address"],
    readAddress,
    ({ writer, chat, request }) => {
      addParticipant(writer, chat, request.address);
      return {
        item_type: ITEM.participants,
        group_action_type: 0,
        other_handle: writer.handleId(request.address, chat.service),
      };
    },
  ),
  "group.removeParticipant": groupMethod(
    ["group.removeParticipant", "remove-participant"],
    ["address"],
    readAddress,
    (call) => {
      const { writer, chat, request, context } = call;
      if (!removeParticipant(writer, chat, request.address)) {
        throw refused(context, "remove-participant", "Participant not found");
      }
      return {
        item_type: ITEM.participants,
        group_action_type: 1,
        other_handle: writer.handleId(request.address, chat.service),
      };
    },
  ),
  "group.leave": groupMethod(
    ["group.leave", "leave-chat"],
    [],
    () => ({}),
    () => ({ item_type: ITEM.left, group_action_type: 0 }),
  ),
};

/** Shows or hides the dots on the other side. Works on no database: the event log tells. */
function typing(values: unknown, context: RpcContext): unknown {
  const params = readParams(values, context, "typing", [...CHAT_KEYS, "to", "typing", "service"]);
  const isTyping = params.boolean("typing") ?? true;
  const service = params.string("service") ?? "imessage";
  const target = readTarget(params, context, "to is required");
  const chat = resolveChat(target, context);
  if (target.kind === "person" && !["auto", "imessage", "sms"].includes(service.toLowerCase())) {
    throw invalidParams(service);
  }
  const failed = "Typing indicator failed: ";
  refuseOnLinux(
    context,
    `${failed}Typing indicators require Messages.app/IMCore and are only supported on macOS.`,
  );
  if (!context.bridge) {
    throw internalError(`${failed}Messages refused the connection. Run imsg launch to use its bridge.`);
  }
  context.log({ event: "typing", typing: isTyping, chat_id: chat?.id, target });
  return { ok: true };
}

/** Marks what came in as read. */
function read(values: unknown, context: RpcContext): unknown {
  const params = readParams(values, context, "read", [...CHAT_KEYS, "to"]);
  const target = readTarget(params, context, "to is required");
  const writer = MessageWriter.of(context.db);
  const chat =
    target.kind === "person" ? findDirectChat(writer, target.address) : resolveChat(target, context);
  if (context.linux || !context.bridge) {
    const apology = context.linux || context.dialect === "legacy" ? "could not" : "couldn’t";
    throw internalError(`The operation ${apology} be completed. (IMsgCore.IMCoreBridgeError error 0.)`);
  }
  if (chat === undefined) throw refused(context, "read", "Chat not found");
  const date = appleDate(Date.now());
  writer.transaction(() => {
    writer.run(
      `UPDATE message SET is_read = 1, date_read = ? WHERE is_from_me = 0 AND is_read = 0
         AND ROWID IN (SELECT message_id FROM chat_message_join WHERE chat_id = ?)`,
      date,
      chat.id,
    );
    writer.run("UPDATE chat SET last_read_message_timestamp = ? WHERE ROWID = ?", date, chat.id);
  });
  context.log({ event: "read", chat_id: chat.id });
  return { ok: true };
}

function createChat(values: unknown, context: RpcContext): unknown {
  const params = readParams(values, context, "chats.create", ["addresses", "service", "name", "text"]);
  const addresses = params.strings("addresses") ?? [];
  const [first] = addresses;
  if (first === undefined) throw invalidParams("addresses is required (non-empty array of phone/email)");
  const service = params.string("service") ?? "iMessage";
  const name = params.string("name") ?? "";
  const text = params.string("text") ?? "";
  if (service.toLowerCase() !== "imessage") throw invalidParams("service must be iMessage");
  requireBridge(context, "create-chat");
  const writer = MessageWriter.of(context.db);
  const { chat, row } = writer.transaction(() => {
    const chat =
      addresses.length === 1
        ? directChat(writer, first, "iMessage")
        : createGroup(writer, {
            name,
            participants: addresses,
            service: "iMessage",
            style: "classic",
            groupish: false,
          });
    const rows = text === "" ? [] : writeText(writer, chat, ownText(text));
    for (const one of rows) writer.join(chat.id, one);
    return { chat, row: rows[0] };
  });
  context.log({ event: "chats.create", chat_id: chat.id, addresses, name, text });
  const message = row === undefined ? {} : { message_guid: row.guid };
  return { ok: true, chat_guid: chat.guid, ...message, service: chat.service };
}

function ownText(text: string) {
  const unset = { from: undefined, replyTo: undefined, guid: undefined, date: undefined };
  return { text, isFromMe: true, files: [], bodyOnly: false, ...unset };
}

/** A method that changes a group and leaves a row in it that tells so. */
function groupMethod<Request extends object>(
  [name, action]: readonly [name: string, action: string],
  keys: readonly string[],
  read: (params: Params) => Request,
  change: (call: BridgeCall<Request>) => Record<string, SQLInputValue>,
): MethodHandler {
  return bridgeMethod({
    name,
    action,
    keys,
    read,
    act(call) {
      const { writer, chat, context } = call;
      if (!chat.isGroup) throw refused(context, action, "Chat is not a group");
      writer.transaction(() => writeGroupRow(writer, chat, change(call)));
      return undefined;
    },
  });
}

function writeGroupRow(writer: MessageWriter, chat: Chat, columns: Record<string, SQLInputValue>): void {
  const row = { text: "", service: chat.service, handle: undefined, isFromMe: true };
  const written = writer.insert({
    ...row,
    columns: { text: null, cache_roomnames: chat.roomName ?? null, ...columns },
  });
  writer.join(chat.id, written);
}

function readName(params: Params): { name: string } {
  const name = params.string("name");
  if (name === undefined) throw invalidParams("name is required");
  return { name };
}

function readAddress(params: Params): { address: string } {
  const address = params.string("address") ?? "";
  if (address === "") throw invalidParams("address is required");
  return { address };
}
