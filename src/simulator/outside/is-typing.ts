// `imsg-sim is-typing`: someone types in a chat, or stops, as the bridge sees it.

import { writeBridgeEvent } from "../bridge-log.ts";
import { findChat } from "../write-chats.ts";
import { failure } from "./failure.ts";
import { databasePath, openWriter, readOptions, required } from "./options.ts";

const HELP = `Lets someone type. Who is subscribed to the bridge's events is told.

Usage: imsg-sim is-typing --db PATH --chat CHAT [--stop]

  --chat CHAT       the chat: its number, guid or identifier
  --stop            they stop typing

Examples:
  imsg-sim is-typing --db ./messages/chat.db --chat 1
`;

const OPTIONS = {
  db: { type: "string" },
  chat: { type: "string" },
  stop: { type: "boolean" },
} as const;

/** The command. */
export const isTypingCommand = { help: HELP, run };

function run(argv: readonly string[]): void {
  const options = readOptions("is-typing", argv, OPTIONS);
  const dbPath = databasePath(options.db);
  const reference = required(options.chat, "--chat", "Say where: --chat 1.");
  const writer = openWriter(dbPath);
  try {
    const chat = findChat(writer, reference);
    if (chat === undefined) {
      throw failure(`no chat ${reference}`, "List them: imsg-sim chats --db PATH.");
    }
    const event = options.stop === true ? "stopped-typing" : "started-typing";
    writeBridgeEvent(dbPath, { event, data: { chatGuid: chat.guid } });
    process.stdout.write(`${event} in chat ${chat.id}\n`);
  } finally {
    writer.db.close();
  }
}
