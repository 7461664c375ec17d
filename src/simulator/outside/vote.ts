// `imsg-sim vote`: someone votes in a poll, or takes the vote back.

import { chosenOptions, findPoll, writeVote } from "../write-poll.ts";
import { failure, usage } from "./failure.ts";
import { databasePath, openWriter, readOptions, required } from "./options.ts";

const HELP = `Lets someone vote in a poll.

Usage: imsg-sim vote --db PATH --poll GUID --from HANDLE --option TEXT [options]

  --poll GUID       the poll: the guid that poll.send answered
  --from HANDLE     who votes
  --option TEXT     what for: an option's text
  --remove          take the vote back
  --json            print {"rowid","guid","chat_id"}

Examples:
  imsg-sim vote --db ./messages/chat.db --poll 7C4F… --from +14155551212 --option Yes
`;

const OPTIONS = {
  db: { type: "string" },
  poll: { type: "string" },
  from: { type: "string" },
  option: { type: "string" },
  remove: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** The command. */
export const voteCommand = { help: HELP, run };

function run(argv: readonly string[]): void {
  const options = readOptions("vote", argv, OPTIONS);
  const dbPath = databasePath(options.db);
  const guid = required(options.poll, "--poll", "Say which: --poll GUID.");
  const from = required(options.from, "--from", "Say who votes: --from +14155551212.");
  const text = required(options.option, "--option", "Say what for: --option Yes.");
  const writer = openWriter(dbPath);
  try {
    const poll = findPoll(writer, guid);
    if (poll === undefined) throw failure(`no poll ${guid}`, "poll.send answers its guid.");
    const option = poll.options.find((one) => one.text.toLowerCase() === text.toLowerCase());
    if (option === undefined) {
      const texts = poll.options.map((one) => one.text);
      throw usage(`--option: ${text} is none of this poll`, `Use one of: ${texts.join(", ")}.`);
    }
    const others = chosenOptions(writer, poll, from).filter((id) => id !== option.id);
    const chosen = options.remove === true ? others : [...others, option.id];
    const { rowId, guid: rowGuid } = writer.transaction(() =>
      writeVote(writer, poll, { from, options: chosen }),
    );
    const json = JSON.stringify({ rowid: rowId, guid: rowGuid, chat_id: poll.chat.id });
    const line = options.json === true ? json : `Row ${rowId} in chat ${poll.chat.id}: ${rowGuid}`;
    process.stdout.write(`${line}\n`);
  } finally {
    writer.db.close();
  }
}
