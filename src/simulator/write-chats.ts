// Finds and makes chats as Messages keeps them: direct, group, and the group that claims to be direct.

import { randomInt } from "node:crypto";
import type { MessageWriter, Service } from "./write.ts";

/** A chat of the database. */
export interface Chat {
  readonly id: number;
  readonly guid: string;
  readonly identifier: string;
  readonly service: Service;
  /** Several people write here, whatever its guid says. */
  readonly isGroup: boolean;
  readonly roomName: string | undefined;
}

/** `classic`: `iMessage;-;X`. `macos26`: `any;-;X` and `any;+;X`. */
export type GuidStyle = "classic" | "macos26";

/** Messages' number for a chat of several people. */
const GROUP_STYLE = 43;
const DIRECT_STYLE = 45;
const COLUMNS = "ROWID, guid, chat_identifier, service_name, style, room_name";

/** Stands where a real database names the Mac's iMessage account. */
const ACCOUNT_ID = "5C3A9E10-7A51-4B7E-9C1D-2F60D1A7E001";

/** Finds a chat by its row id. */
export function findChatById(writer: MessageWriter, id: number): Chat | undefined {
  return oneChat(writer, "ROWID = ?", id);
}

/** Finds a chat by row id, guid or identifier. A guid's service part is taken as one: `any`, `SMS` and `iMessage` match. */
export function findChat(writer: MessageWriter, reference: string): Chat | undefined {
  if (/^\d+$/u.test(reference)) {
    const byId = findChatById(writer, Number(reference));
    if (byId !== undefined) return byId;
  }
  const exact = oneChat(writer, "guid = ?", reference) ?? oneChat(writer, "chat_identifier = ?", reference);
  const rest = /^(?:iMessage|SMS|RCS|any)(;[+-];.+)$/u.exec(reference)?.[1];
  if (exact !== undefined || rest === undefined) return exact;
  return oneChat(writer, "guid IN (?, ?, ?, ?)", `iMessage${rest}`, `any${rest}`, `SMS${rest}`, `RCS${rest}`);
}

/** The direct chat with a person; of any service when none is asked for, iMessage first. */
export function findDirectChat(writer: MessageWriter, address: string, service?: Service): Chat | undefined {
  const condition = `chat_identifier = ? COLLATE NOCASE AND style = ${DIRECT_STYLE}`;
  if (service !== undefined) return oneChat(writer, `${condition} AND service_name = ?`, address, service);
  return oneChat(writer, `${condition} ORDER BY service_name = 'iMessage' DESC, ROWID`, address);
}

/** Finds or makes the direct chat with a person. */
export function directChat(
  writer: MessageWriter,
  address: string,
  service: Service,
  style: GuidStyle = "classic",
): Chat {
  const found = findDirectChat(writer, address, service);
  if (found !== undefined) return found;
  const prefix = style === "macos26" ? "any" : service;
  const chat = insertChat(writer, {
    guid: `${prefix};-;${address}`,
    identifier: address,
    service,
    isGroup: false,
    roomName: undefined,
  });
  addParticipant(writer, chat, address);
  return chat;
}

/** How a new group is made. */
export interface NewGroup {
  readonly name: string;
  readonly participants: readonly string[];
  readonly service: Service;
  readonly style: GuidStyle;
  /** Its guid has `;-;`, as a direct chat's has. */
  readonly groupish: boolean;
}

/** The group of that name. */
export function findGroup(writer: MessageWriter, name: string): Chat | undefined {
  return oneChat(writer, `display_name = ? AND style = ${GROUP_STYLE} ORDER BY ROWID`, name);
}

/** Makes a group. */
export function createGroup(writer: MessageWriter, group: NewGroup): Chat {
  const room = `chat${randomInt(100_000_000, 999_999_999)}${randomInt(100_000_000, 999_999_999)}`;
  const prefix = group.style === "macos26" ? "any" : group.service;
  const chat = insertChat(writer, {
    guid: `${prefix};${group.groupish ? "-" : "+"};${room}`,
    identifier: room,
    service: group.service,
    isGroup: true,
    roomName: room,
  });
  writer.run("UPDATE chat SET display_name = ? WHERE ROWID = ?", group.name, chat.id);
  for (const address of group.participants) addParticipant(writer, chat, address);
  return chat;
}

/** Makes a person a member of a chat. */
export function addParticipant(writer: MessageWriter, chat: Chat, address: string): void {
  const handle = writer.handleId(address, chat.service);
  writer.run("INSERT OR IGNORE INTO chat_handle_join(chat_id, handle_id) VALUES (?, ?)", chat.id, handle);
}

/** Takes a person out of a chat. Returns whether they were a member. */
export function removeParticipant(writer: MessageWriter, chat: Chat, address: string): boolean {
  const member = participants(writer, chat).some((one) => one.toLowerCase() === address.toLowerCase());
  writer.run(
    `DELETE FROM chat_handle_join WHERE chat_id = ?
       AND handle_id IN (SELECT ROWID FROM handle WHERE id = ? COLLATE NOCASE)`,
    chat.id,
    address,
  );
  return member;
}

/** The addresses of a chat's other members. */
export function participants(writer: MessageWriter, chat: Chat): string[] {
  const sql = `SELECT h.id FROM chat_handle_join chj JOIN handle h ON h.ROWID = chj.handle_id
    WHERE chj.chat_id = ? ORDER BY h.ROWID`;
  return writer.all(sql, chat.id).map((row) => String(row["id"]));
}

/** Whether a chat is this Apple ID's with itself. */
export function isSelfChat(writer: MessageWriter, chat: Chat): boolean {
  return !chat.isGroup && writer.isSelf(chat.identifier);
}

function insertChat(writer: MessageWriter, chat: Omit<Chat, "id">): Chat {
  const self = writer.selfHandles[0];
  const login = self === undefined ? null : `${self.includes("@") ? "E" : "P"}:${self}`;
  const id = writer.run(
    `INSERT INTO chat(guid, style, account_id, chat_identifier, service_name, room_name, account_login,
       last_addressed_handle) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    chat.guid,
    chat.isGroup ? GROUP_STYLE : DIRECT_STYLE,
    self === undefined ? null : ACCOUNT_ID,
    chat.identifier,
    chat.service,
    chat.roomName ?? null,
    login,
    self ?? null,
  );
  return { ...chat, id };
}

function oneChat(writer: MessageWriter, condition: string, ...values: (string | number)[]): Chat | undefined {
  const row = writer.first(`SELECT ${COLUMNS} FROM chat WHERE ${condition} LIMIT 1`, ...values);
  if (row === undefined) return undefined;
  return {
    id: Number(row["ROWID"]),
    guid: String(row["guid"]),
    identifier: String(row["chat_identifier"] ?? ""),
    service: String(row["service_name"] ?? "iMessage") as Service,
    isGroup: row["style"] === GROUP_STYLE,
    roomName: typeof row["room_name"] === "string" ? row["room_name"] : undefined,
  };
}
