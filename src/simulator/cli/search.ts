// `imsg search`: messages whose text holds some words.

import { ArgumentError } from "../arguments.ts";
import { freshChats } from "../read/chats.ts";
import { messagePayload } from "../read/payload.ts";
import { search as searchMessages } from "../read/search.ts";
import { MessageStore } from "../read/store.ts";
import { messageLines } from "./message-lines.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

/** Prints what was found, newest first; neither attachments nor tapbacks are shown. */
export const search: CommandRun = (values, setting) => {
  const words = values.option("--query")?.trim() ?? "";
  if (words === "") throw new ArgumentError("Missing required option: --query");
  const match = values.option("--match") ?? "contains";
  if (match !== "contains" && match !== "exact") throw new ArgumentError("Invalid value for option: --match");
  const store = MessageStore.open(setting.dbPath, setting.release);
  const chats = freshChats(store);
  const limit = values.integer("--limit") ?? 50;
  for (const message of searchMessages(store, { words, exact: match === "exact", limit })) {
    const payload = messagePayload(message, chats, { attachments: [], reactions: [] });
    if (values.flag("--json")) print(JSON.stringify(payload));
    else for (const line of messageLines(payload, false)) print(line);
  }
  return 0;
};
