// Plays Messages writing a row later than imsg expects, from a process that outlives this one.

import { spawn } from "node:child_process";
import type { RpcContext } from "../rpc/context.ts";
import type { Chat } from "../write-chats.ts";
import { MessageWriter } from "../write.ts";
import type { WrittenMessage } from "../write.ts";

/** A row to come. */
export interface LateRow {
  readonly text: string;
  /** Path of a file that goes with it; empty for none. */
  readonly file: string;
  readonly guid: string;
  readonly afterMs: number;
}

/** Lets Messages write the row after a while, whatever becomes of this process. */
export function writeLate(context: RpcContext, chat: Chat, row: LateRow): void {
  const main = process.argv[1] ?? "";
  const place = ["receive", "--db", context.dbPath, "--chat", chat.guid, "--from-me"];
  const what = ["--after", String(row.afterMs), "--text", row.text, "--guid", row.guid];
  const files = row.file === "" ? [] : ["--attachment", row.file];
  const argv = [main, ...place, ...what, ...files];
  spawn(process.execPath, argv, { detached: true, stdio: "ignore" }).unref();
}

/** How long imsg waits between two looks, in milliseconds. */
const LOOK_MS = 100;

/** The row of that guid once it stands in its chat; undefined when it does not in time. */
export async function awaitRow(
  context: RpcContext,
  guid: string,
  timeoutMs: number,
): Promise<WrittenMessage | undefined> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = joinedRow(context, guid);
    if (found !== undefined) return found;
    const left = deadline - performance.now();
    if (left <= 0) return undefined;
    await sleep(Math.min(left, LOOK_MS));
  }
}

/** Settles after a while. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function joinedRow(context: RpcContext, guid: string): WrittenMessage | undefined {
  const row = MessageWriter.of(context.db).first(
    `SELECT m.ROWID AS id, m.guid AS guid FROM message m JOIN chat_message_join cmj ON cmj.message_id = m.ROWID
       WHERE m.guid = ? LIMIT 1`,
    guid,
  );
  return row === undefined ? undefined : { rowId: Number(row["id"]), guid: String(row["guid"]), date: 0n };
}
