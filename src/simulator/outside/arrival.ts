// Turns what someone writes into rows: finds or makes the chat, then writes the message into it.

import { existsSync } from "node:fs";
import { storeFile } from "../write-attachments.ts";
import { addParticipant, createGroup, directChat, findChat, findGroup } from "../write-chats.ts";
import type { Chat, GuidStyle } from "../write-chats.ts";
import { writeText } from "../write-text.ts";
import { appleDate } from "../write.ts";
import type { MessageWriter, Service, WrittenMessage } from "../write.ts";
import { failure, usage } from "./failure.ts";

/** One message someone writes. */
export interface Arrival {
  readonly from: string | undefined;
  readonly chat: string | undefined;
  readonly group: string | undefined;
  readonly participants: readonly string[];
  readonly groupish: boolean;
  readonly style: GuidStyle;
  readonly service: Service;
  readonly fromMe: boolean;
  readonly text: string;
  /** Absolute paths. */
  readonly attachments: readonly string[];
  readonly replyTo: string | undefined;
  readonly guid: string | undefined;
  readonly atMs: number | undefined;
  readonly bodyOnly: boolean;
}

/** A row and its chat. */
export interface Written extends WrittenMessage {
  readonly chatId: number;
}

/**
 * Writes messages in one transaction; `later` leaves the joins to a call of `join`, a transaction of its own.
 * Contract: throws CommandFailure with nothing written.
 */
export function writeArrivals(
  writer: MessageWriter,
  dbPath: string,
  arrivals: readonly Arrival[],
  later: boolean,
): { written: Written[]; join: () => void } {
  const join = (rows: readonly Written[]): void => {
    for (const row of rows) writer.join(row.chatId, row);
  };
  const written = writer.transaction(() => {
    const rows = arrivals.flatMap((arrival) => writeArrival(writer, dbPath, arrival));
    if (!later) join(rows);
    return rows;
  });
  return { written, join: () => writer.transaction(() => join(written)) };
}

function writeArrival(writer: MessageWriter, dbPath: string, arrival: Arrival): Written[] {
  const chat = chatOf(writer, arrival);
  const files = arrival.attachments.map((path) => {
    if (!existsSync(path)) throw failure(`no file at ${path}`, "Name an existing file with --attachment.");
    return storeFile(dbPath, path, "in");
  });
  const rows = writeText(writer, chat, {
    text: arrival.text,
    isFromMe: arrival.fromMe,
    from: arrival.from,
    files,
    replyTo: arrival.replyTo,
    guid: arrival.guid,
    date: arrival.atMs === undefined ? undefined : appleDate(arrival.atMs),
    bodyOnly: arrival.bodyOnly,
  });
  return rows.map((row) => ({ ...row, chatId: chat.id }));
}

function chatOf(writer: MessageWriter, arrival: Arrival): Chat {
  if (arrival.chat !== undefined) {
    const chat = findChat(writer, arrival.chat);
    if (chat === undefined)
      throw failure(`no chat ${arrival.chat}`, "List the chats: imsg-sim chats --db PATH.");
    return chat;
  }
  if (arrival.group !== undefined) return groupOf(writer, arrival, arrival.group);
  const { from } = arrival;
  if (from === undefined) throw usage("nobody writes", "Say who: --from +14155551212.");
  return directChat(writer, from, arrival.service, arrival.style);
}

/** By guid or identifier; a number is a name here. */
function groupByReference(writer: MessageWriter, reference: string): Chat | undefined {
  const chat = /^\d+$/u.test(reference) ? undefined : findChat(writer, reference);
  return chat?.isGroup === true ? chat : undefined;
}

function groupOf(writer: MessageWriter, arrival: Arrival, name: string): Chat {
  const others = arrival.fromMe || arrival.from === undefined ? [] : [arrival.from];
  const found = findGroup(writer, name) ?? groupByReference(writer, name);
  if (found !== undefined) {
    for (const address of [...others, ...arrival.participants]) addParticipant(writer, found, address);
    return found;
  }
  const participants = [...new Set([...others, ...arrival.participants])];
  if (participants.length === 0) {
    throw usage(`the group ${name} is new and has no members`, "Name them: --participants A,B.");
  }
  const { service, style, groupish } = arrival;
  return createGroup(writer, { name, participants, service, style, groupish });
}
