// `imsg history`: a chat's messages, newest first.

import { ArgumentError } from "../arguments.ts";
import { freshChats } from "../read/chats.ts";
import { history as readHistory } from "../read/queries.ts";
import { MessageStore } from "../read/store.ts";
import { buildFilter, payloadsOf } from "../rpc/reading.ts";
import { messageLines } from "./message-lines.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

/** Prints the messages. */
export const history: CommandRun = (values, setting) => {
  const chatId = values.integer("--chat-id");
  if (chatId === undefined) throw new ArgumentError("Missing required option: --chat-id");
  const span = { start: values.option("--start"), end: values.option("--end") };
  const filter = buildFilter(values.list("--participants"), span, (text) => new ArgumentError(text));
  const store = MessageStore.open(setting.dbPath, setting.release);
  const messages = readHistory(store, { chatId, limit: values.integer("--limit") ?? 50, filter });
  const source = { store, chats: freshChats(store) };
  const options = { attachments: true, convert: values.flag("--convert-attachments") };
  for (const payload of payloadsOf(messages, source, options)) {
    if (values.flag("--json")) print(JSON.stringify(payload));
    else for (const line of messageLines(payload, values.flag("--attachments"))) print(line);
  }
  return 0;
};
