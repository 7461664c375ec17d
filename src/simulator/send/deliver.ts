// Plays Messages: a message that was handed over becomes rows, or whatever the fault in force makes of it.

import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { SQLInputValue } from "node:sqlite";
import type { RpcContext } from "../rpc/context.ts";
import type { SendFault } from "../rpc/faults-port.ts";
import { storeFile } from "../write-attachments.ts";
import type { StoredFile } from "../write-attachments.ts";
import type { Chat } from "../write-chats.ts";
import { writeText } from "../write-text.ts";
import { MessageWriter } from "../write.ts";
import type { WrittenMessage } from "../write.ts";
import { deliveryFailure } from "./failure.ts";
import type { Transport } from "./failure.ts";

/** A message to hand over. */
export interface Outgoing {
  readonly method: string;
  readonly transport: Transport;
  readonly text: string;
  /** Path of a file to send with it; empty for none. */
  readonly file: string;
  readonly replyTo?: string | undefined;
  /** The guid the caller wants the row to have. */
  readonly guid?: string | undefined;
  /** Parts of the text in bold and the like: told to the event log, not kept in the row. */
  readonly formatting?: readonly object[] | undefined;
  /** Further columns of the row. */
  readonly columns?: Readonly<Record<string, SQLInputValue>>;
}

/** What became of it. `row` is absent when imsg did not find it in time; `silent`: the call is never answered. */
export interface Delivery {
  readonly chat: Chat | undefined;
  readonly row: WrittenMessage | undefined;
  readonly silent: boolean;
}

/** How long a row that imsg did not see in time is away, in milliseconds. */
const DEFAULT_LATE_MS = 3000;

/** Hands a message over; `openChat` finds or makes its chat. Contract: throws RpcError as imsg does. */
export function deliver(
  context: RpcContext,
  outgoing: Outgoing,
  openChat: (writer: MessageWriter) => Chat,
): Delivery {
  const fault = context.faults.send();
  const outcome = fault?.outcome;
  if (outcome === "error-before") throw problem(context, outgoing, fault, "not_started");
  if (outcome === "ghost-row") throw ghostRow(context, outgoing);
  const stored = stage(context, outgoing);
  if (outcome === "no-row-yet") {
    writeLate(context, outgoing, fault?.ms ?? DEFAULT_LATE_MS, openChat);
    return { chat: undefined, row: undefined, silent: false };
  }
  const written = write(context, outgoing, stored, openChat);
  if (outcome === "deliver-exit") process.exit(1);
  if (outcome === "error-after") throw problem(context, outgoing, fault, "may_have_completed");
  const isFound = outcome !== "no-guid";
  return {
    chat: written.chat,
    row: isFound ? written.row : undefined,
    silent: outcome === "deliver-no-answer",
  };
}

function write(
  context: RpcContext,
  outgoing: Outgoing,
  stored: readonly StoredFile[],
  openChat: (writer: MessageWriter) => Chat,
): { chat: Chat; row: WrittenMessage } {
  const writer = MessageWriter.of(context.db);
  const unjoinedMs = context.faults.unjoinedMs();
  const { chat, rows } = writer.transaction(() => {
    const chat = openChat(writer);
    const { text, replyTo, guid, columns } = outgoing;
    const rows = writeText(writer, chat, {
      text,
      isFromMe: true,
      from: undefined,
      files: stored,
      replyTo,
      guid,
      date: undefined,
      bodyOnly: false,
      ...(columns === undefined ? {} : { columns }),
    });
    if (unjoinedMs === 0) for (const row of rows) writer.join(chat.id, row);
    return { chat, rows };
  });
  if (unjoinedMs > 0) {
    setTimeout(() => joinLate(context, writer, chat, rows), unjoinedMs);
  }
  const [row] = rows;
  if (row === undefined) throw new Error("a message without a row");
  const { method, transport, text, formatting } = outgoing;
  const { rowId: rowid, guid } = row;
  context.log({ event: "sent", method, transport, chat_id: chat.id, rowid, guid, text, formatting });
  return { chat, row };
}

function joinLate(
  context: RpcContext,
  writer: MessageWriter,
  chat: Chat,
  rows: readonly WrittenMessage[],
): void {
  if (MessageWriter.of(context.db) !== writer) return; // the database was replaced meanwhile
  writer.transaction(() => {
    for (const row of rows) writer.join(chat.id, row);
  });
}

/** Messages' own process writes the row later, whatever becomes of this one. */
function writeLate(
  context: RpcContext,
  outgoing: Outgoing,
  lateMs: number,
  openChat: (writer: MessageWriter) => Chat,
): void {
  const writer = MessageWriter.of(context.db);
  const chat = writer.transaction(() => openChat(writer));
  const main = process.argv[1] ?? "";
  const words = [
    "receive",
    "--db",
    context.dbPath,
    "--chat",
    chat.guid,
    "--from-me",
    "--after",
    String(lateMs),
  ];
  const what = ["--text", outgoing.text, ...(outgoing.guid === undefined ? [] : ["--guid", outgoing.guid])];
  const files = outgoing.file === "" ? [] : ["--attachment", outgoing.file];
  spawn(process.execPath, [main, ...words, ...what, ...files], { detached: true, stdio: "ignore" }).unref();
  context.log({
    event: "sent-late",
    method: outgoing.method,
    chat_id: chat.id,
    after_ms: lateMs,
    text: outgoing.text,
  });
}

/** macOS 26 can write an empty row of SMS that belongs to no chat, and send nothing. */
function ghostRow(context: RpcContext, outgoing: Outgoing): Error {
  const writer = MessageWriter.of(context.db);
  const { rowId } = writer.transaction(() =>
    writer.insert({
      text: "",
      service: "SMS",
      handle: undefined,
      isFromMe: true,
      columns: { is_delivered: 0 },
    }),
  );
  context.log({ event: "ghost-row", method: outgoing.method, rowid: rowId, text: outgoing.text });
  return deliveryFailure(context, {
    disposition: "may_have_completed",
    transport: outgoing.transport,
    operation: "send",
    detail: `Messages accepted the chat send but wrote an unjoined empty outgoing row (${rowId}); delivery to the target chat was not confirmed`,
  });
}

function stage(context: RpcContext, outgoing: Outgoing): StoredFile[] {
  if (outgoing.file === "") return [];
  if (statSync(outgoing.file, { throwIfNoEntry: false })?.isFile() === true) {
    return [storeFile(context.dbPath, outgoing.file, "out")];
  }
  throw deliveryFailure(context, {
    disposition: "not_started",
    transport: outgoing.transport,
    operation: outgoing.transport === "bridge" ? "send-attachment" : "send",
    detail: `Attachment not found at ${outgoing.file}`,
  });
}

function problem(
  context: RpcContext,
  outgoing: Outgoing,
  fault: SendFault | undefined,
  disposition: SendFault["disposition"] & string,
): Error {
  const { method, transport, text } = outgoing;
  context.log({ event: "send-failed", method, outcome: fault?.outcome, text });
  return deliveryFailure(context, {
    disposition: fault?.disposition ?? disposition,
    transport,
    operation: transport === "bridge" ? "send-message" : "send",
    detail: fault?.message ?? "Messages got an error: AppleEvent timed out. (-1712)",
  });
}
