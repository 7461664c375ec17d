// `imsg-sim react`: someone puts a tapback on a message, or takes it off.

import { storeFile } from "../write-attachments.ts";
import { standardReaction, writeSticker, writeTapback } from "../write-tapback.ts";
import { failure, usage } from "./failure.ts";
import { databasePath, expandPath, openWriter, parseTime, readOptions, required } from "./options.ts";
import { appleDate } from "../write.ts";

const HELP = `Lets someone react to a message.

Usage: imsg-sim react --db PATH --message GUID --from HANDLE --reaction NAME [options]

  --message GUID    the message that is reacted to
  --from HANDLE     who reacts
  --from-me         we react, on another device
  --reaction NAME   love, like, dislike, laugh, emphasis, question, or any emoji
  --sticker FILE    a sticker instead of a reaction
  --remove          take the reaction off
  --part N          the part of the message (default 0)
  --at TIME         when: ISO 8601, or -90m, -2h, -3d before now
  --json            print {"rowid","guid","chat_id"}

Examples:
  imsg-sim react --db ./messages/chat.db --message 7C4F… --from +14155551212 --reaction love
  imsg-sim react --db ./messages/chat.db --message 7C4F… --from +14155551212 --reaction 🎉 --remove
`;

const OPTIONS = {
  db: { type: "string" },
  message: { type: "string" },
  from: { type: "string" },
  "from-me": { type: "boolean" },
  reaction: { type: "string" },
  sticker: { type: "string" },
  remove: { type: "boolean" },
  part: { type: "string" },
  at: { type: "string" },
  json: { type: "boolean" },
} as const;

/** The command. */
export const reactCommand = { help: HELP, run };

function run(argv: readonly string[]): void {
  const options = readOptions("react", argv, OPTIONS);
  const dbPath = databasePath(options.db);
  const targetGuid = required(options.message, "--message", "Say which: --message GUID.");
  const fromMe = options["from-me"] === true;
  const from = fromMe ? undefined : required(options.from, "--from", "Say who reacts: --from +14155551212.");
  const reaction = options.sticker === undefined ? readReaction(options.reaction) : "";
  const date = options.at === undefined ? undefined : appleDate(parseTime(options.at, Date.now()));
  const on = { targetGuid, from, part: Number(options.part ?? 0), date };
  const writer = openWriter(dbPath);
  try {
    const written = writer.transaction(() => {
      if (options.sticker === undefined) {
        return writeTapback(writer, { ...on, reaction, remove: options.remove === true });
      }
      return writeSticker(writer, { ...on, file: storeFile(dbPath, expandPath(options.sticker), "in") });
    });
    if (written === undefined)
      throw failure(`no message ${targetGuid}`, "List them: imsg-sim history --chat-id N --db PATH.");
    const { rowId, guid, chatId } = written;
    const json = JSON.stringify({ rowid: rowId, guid, chat_id: chatId });
    process.stdout.write(options.json === true ? `${json}\n` : `Row ${rowId} in chat ${chatId}: ${guid}\n`);
  } finally {
    writer.db.close();
  }
}

function readReaction(value: string | undefined): string {
  const reaction = required(value, "--reaction", "Say how: --reaction love.");
  const standard = standardReaction(reaction);
  if (standard === undefined && !/\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20E3/u.test(reaction)) {
    throw usage(
      `--reaction: ${reaction} is none`,
      "Use love, like, dislike, laugh, emphasis, question, or an emoji.",
    );
  }
  return standard ?? reaction;
}
