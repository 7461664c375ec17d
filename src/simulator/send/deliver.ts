// Plays Messages: a message that was handed over becomes rows, or whatever the fault in force makes of it.

import type { SQLInputValue } from "node:sqlite";
import type { RpcContext } from "../rpc/context.ts";
import type { SendFault } from "../rpc/faults-port.ts";
import type { StoredFile } from "../write-attachments.ts";
import type { Chat } from "../write-chats.ts";
import { writeText } from "../write-text.ts";
import { MessageWriter, newGuid } from "../write.ts";
import type { WrittenMessage } from "../write.ts";
import { appleScriptDetail, deliveryFailure } from "./failure.ts";
import type { Transport } from "./failure.ts";
import { awaitRow, sleep, writeLate } from "./late-row.ts";
import { stageFile } from "./stage-file.ts";

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
  /** imsg looks for the row where it does not appear, and so never finds it. */
  readonly unverifiable?: boolean;
  /** The file is a sticker. */
  readonly isSticker?: boolean;
  /** Further columns of the row. */
  readonly columns?: Readonly<Record<string, SQLInputValue>>;
}

/** What became of it. `row` is absent when imsg did not find it in time; `silent`: the call is never answered. */
export interface Delivery {
  readonly chat: Chat | undefined;
  readonly row: WrittenMessage | undefined;
  readonly silent: boolean;
}

/** AppleScript's number for an event that Messages did not answer. */
const TIMED_OUT = -1712;
/** How late a row is when the fault does not say, in milliseconds. */
const DEFAULT_LATE_MS = 3000;
/** How long imsg gives one run of AppleScript, or one send of the bridge, in milliseconds. */
const DISPATCH_MS = 150_000;

/** Hands a message over; `openChat` finds or makes its chat. Contract: throws RpcError as imsg does, or rejects with it. */
export function deliver(
  context: RpcContext,
  outgoing: Outgoing,
  openChat: (writer: MessageWriter) => Chat,
): Delivery | Promise<Delivery> {
  const fault = context.faults.send();
  const outcome = fault?.outcome;
  if (outcome === "error-before") throw problem(context, outgoing, fault, "not_started");
  if (outcome === "ghost-row") throw ghostRow(context, outgoing);
  const files = stageFile(context, outgoing).map((file) => ({
    ...file,
    isSticker: outgoing.isSticker === true,
  }));
  if (outcome === "no-row-yet" || outcome === "deliver-late") {
    return deliverLate(context, outgoing, fault, openChat);
  }
  const said = outcome === "no-guid" ? (fault?.text ?? outgoing.text) : outgoing.text;
  const written = write(context, { ...outgoing, text: said }, files, openChat);
  if (outcome === "deliver-exit") process.exit(1);
  if (outcome === "error-after") throw problem(context, outgoing, fault, "may_have_completed");
  if (outcome === "deliver-no-answer") return { ...written, silent: true };
  if (outcome === "no-guid" || !isRecognised(context, outgoing))
    return unseen(context, outgoing, written.chat);
  return { ...written, silent: false };
}

/** The bridge knows the guid it gave; of AppleScript's work imsg has to find the row. */
function isRecognised(context: RpcContext, outgoing: Outgoing): boolean {
  if (outgoing.transport === "bridge") return true;
  if (outgoing.unverifiable === true) return false;
  if (outgoing.text === "") return context.dialect === "legacy" || context.release.confirmsFiles;
  return context.release.recognisesAccents || asAppleScriptSends(outgoing.text) === outgoing.text;
}

/** osascript hands its arguments over decomposed. */
function asAppleScriptSends(text: string): string {
  return text.normalize("NFD");
}

/** imsg looks for the row as long as it does, in vain. */
async function unseen(context: RpcContext, outgoing: Outgoing, chat: Chat): Promise<Delivery> {
  const looksForIt = outgoing.transport === "applescript" && outgoing.text !== "";
  if (looksForIt || context.release.confirmsFiles) await sleep(context.confirmMs);
  return { chat, row: undefined, silent: false };
}

/** The message goes out later, from Messages' own process. */
async function deliverLate(
  context: RpcContext,
  outgoing: Outgoing,
  fault: SendFault | undefined,
  openChat: (writer: MessageWriter) => Chat,
): Promise<Delivery> {
  const { method, transport, file } = outgoing;
  const lateMs = fault?.ms ?? DEFAULT_LATE_MS;
  const guid = outgoing.guid ?? newGuid();
  const writer = MessageWriter.of(context.db);
  const chat = writer.transaction(() => openChat(writer));
  const text = transport === "applescript" ? asAppleScriptSends(outgoing.text) : outgoing.text;
  writeLate(context, chat, { text, file, guid, afterMs: lateMs });
  context.log({ event: "sent-late", method, chat_id: chat.id, after_ms: lateMs, guid, text: outgoing.text });
  if (fault?.outcome === "deliver-late") await sleep(Math.min(lateMs, DISPATCH_MS));
  else if (transport === "bridge") return { chat, row: undefined, silent: false };
  if (!isRecognised(context, outgoing)) return unseen(context, outgoing, chat);
  return { chat, row: await awaitRow(context, guid, context.confirmMs), silent: false };
}

function write(
  context: RpcContext,
  outgoing: Outgoing,
  files: readonly StoredFile[],
  openChat: (writer: MessageWriter) => Chat,
): { chat: Chat; row: WrittenMessage } {
  const writer = MessageWriter.of(context.db);
  const unjoinedMs = context.faults.unjoinedMs();
  const { chat, rows } = writer.transaction(() => {
    const chat = openChat(writer);
    const { replyTo, guid, columns } = outgoing;
    const rows = writeText(writer, chat, {
      text: outgoing.transport === "applescript" ? asAppleScriptSends(outgoing.text) : outgoing.text,
      isFromMe: true,
      from: undefined,
      files,
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
    detail: fault?.message ?? errorDetail(context, transport, fault?.number),
  });
}

function errorDetail(context: RpcContext, transport: Transport, number: number | undefined): string {
  if (transport === "bridge") return "Timed out waiting for response to 'send-message'";
  return appleScriptDetail(context, number ?? TIMED_OUT);
}
