// `imsg group`: one chat's identity and members.

import { ArgumentError } from "../arguments.ts";
import { chatInfo, participantsOf } from "../read/chats.ts";
import { accountFields, isGroup } from "../read/payload.ts";
import { MessageStore } from "../read/store.ts";
import { print } from "./run.ts";
import type { CommandRun } from "./run.ts";

/** Prints the chat. */
export const group: CommandRun = (values, setting) => {
  const id = values.integer("--chat-id");
  if (id === undefined) throw new ArgumentError("Missing required option: --chat-id");
  const store = MessageStore.open(setting.dbPath, setting.release);
  const chat = chatInfo(store, id);
  if (chat === undefined) throw new ArgumentError(`Chat not found: ${id}`);
  const { identifier, guid, name, service } = chat;
  const participants = participantsOf(store, id);
  const shown = { id, identifier, guid, name, service, is_group: isGroup(chat) };
  if (values.flag("--json")) {
    print(JSON.stringify({ ...shown, participants, ...accountFields(chat) }));
    return 0;
  }
  for (const [key, value] of Object.entries(shown)) print(`${key}: ${value}`);
  print(participants.length === 0 ? "participants: (none)" : "participants:");
  for (const handle of participants) print(`  - ${handle}`);
  return 0;
};
