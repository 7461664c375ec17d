// `imsg-sim receive`: someone writes a message.  options → Arrival each → rows in few transactions → what was written.

import { createReadStream } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createLineSplitter } from "../../lib/jsonl.ts";
import { writeArrivals } from "./arrival.ts";
import type { Arrival, Written } from "./arrival.ts";
import { failure, usage } from "./failure.ts";
import {
  databasePath,
  expandPath,
  openWriter,
  parseCount,
  parseService,
  parseTime,
  readOptions,
  required,
} from "./options.ts";

const HELP = `Lets someone write a message into a Messages database.

Usage: imsg-sim receive --db PATH --from HANDLE --text TEXT [options]

Who and where (a new person, chat or group is made):
  --from HANDLE          who writes: phone number or e-mail; one of init's --self handles writes a note to self
  --chat REF             into this chat: its row id, guid or identifier (default: the direct chat with --from)
  --group NAME           into the group of that name (or guid, or identifier)
  --participants A,B,C   its members beside --from; those of a group that is there are added (may be repeated)
  --groupish             the new group's guid claims a direct chat (;-;)
  --guid-style STYLE     of a new chat: classic (iMessage;-;X) or macos26 (any;-;X)
  --service NAME         iMessage (default), SMS or RCS
  --from-me              the message is our own, typed on another device

What:
  --text TEXT            what is written; {n} is the number of the message with --count
  --attachment FILE      a file (may be repeated)
  --reply-to GUID        an inline reply to that message
  --guid GUID            the message's own guid
  --at TIME              when: ISO 8601, or -90m, -2h, -3d before now
  --body-only            the text stands in attributedBody alone, as newer macOS writes it
  --empty                no text at all, as group events are
  --count N              N messages
  --texts-from FILE      one message a line: a text, or {"text","from","chat","group","guid","at","fromMe"}; - is stdin,
                         written as it comes

How:
  --after MS             wait MS milliseconds, then write
  --unjoined MS          the row stands alone for MS milliseconds before it joins its chat
  --json                 print {"rowid","guid","chat_id"}, one line a row

Examples:
  imsg-sim receive --db ./messages/chat.db --from +14155551212 --text "Are you there?"
  imsg-sim receive --db ./messages/chat.db --from +14155551212 --text "Yes" --group "Ski Trip" --participants +14155550001
  imsg-sim receive --db ./messages/chat.db --from +14155551212 --text "number {n}" --count 1000
`;

const OPTIONS = {
  db: { type: "string" },
  from: { type: "string" },
  chat: { type: "string" },
  group: { type: "string" },
  participants: { type: "string", multiple: true },
  groupish: { type: "boolean" },
  "guid-style": { type: "string" },
  service: { type: "string" },
  "from-me": { type: "boolean" },
  text: { type: "string" },
  attachment: { type: "string", multiple: true },
  "reply-to": { type: "string" },
  guid: { type: "string" },
  at: { type: "string" },
  "body-only": { type: "boolean" },
  empty: { type: "boolean" },
  count: { type: "string" },
  "texts-from": { type: "string" },
  unjoined: { type: "string" },
  after: { type: "string" },
  json: { type: "boolean" },
} as const;

type Options = ReturnType<typeof parse>;

/** Rows of one transaction. */
const BATCH = 2000;

/** The command. */
export const receiveCommand = { help: HELP, run };

function parse(argv: readonly string[]) {
  return readOptions("receive", argv, OPTIONS);
}

async function run(argv: readonly string[]): Promise<void> {
  const options = parse(argv);
  const dbPath = databasePath(options.db);
  const base = baseArrival(options);
  const unjoinedMs = options.unjoined === undefined ? 0 : parseCount(options.unjoined, "--unjoined");
  if (options.after !== undefined) await sleep(parseCount(options.after, "--after"));
  const writer = openWriter(dbPath);

  const write = async (arrivals: readonly Arrival[]): Promise<void> => {
    const batch = writeArrivals(writer, dbPath, arrivals, unjoinedMs > 0);
    report(batch.written, options.json === true);
    if (unjoinedMs === 0) return;
    await sleep(unjoinedMs);
    batch.join();
  };
  try {
    if (options["texts-from"] !== undefined) await eachBatch(options["texts-from"], base, write);
    else await repeat(base, options, write);
  } finally {
    writer.db.close();
  }
}

/** What every message of this call has in common. */
function baseArrival(options: Options): Arrival {
  const inChat = options.chat !== undefined || options.group !== undefined;
  const perLine = options["texts-from"] !== undefined;
  if (options.from === undefined && !perLine && !(options["from-me"] === true && inChat)) {
    throw usage(
      "--from is missing",
      "Say who writes: --from +14155551212, or --from-me with --chat or --group.",
    );
  }
  if (options.chat !== undefined && options.group !== undefined) {
    throw usage("--chat and --group name two places", "Give one of them.");
  }
  const style = options["guid-style"] ?? "classic";
  if (style !== "classic" && style !== "macos26") {
    throw usage(`--guid-style: ${style} is no style`, "Use classic or macos26.");
  }
  return {
    from: options.from,
    chat: options.chat,
    group: options.group,
    participants: (options.participants ?? [])
      .flatMap((list) => list.split(","))
      .map((one) => one.trim())
      .filter(Boolean),
    groupish: options.groupish === true,
    style,
    service: parseService(options.service),
    fromMe: options["from-me"] === true,
    text: options.text ?? "",
    attachments: (options.attachment ?? []).map(expandPath),
    replyTo: options["reply-to"],
    guid: options.guid,
    atMs: options.at === undefined ? undefined : parseTime(options.at, Date.now()),
    bodyOnly: options["body-only"] === true,
  };
}

async function repeat(
  base: Arrival,
  options: Options,
  write: (arrivals: Arrival[]) => Promise<void>,
): Promise<void> {
  if (base.text === "" && base.attachments.length === 0 && options.empty !== true) {
    required(options.text, "--text", "Say what is written: --text TEXT, --attachment FILE or --empty.");
  }
  const count = options.count === undefined ? 1 : parseCount(options.count, "--count");
  if (count > 1 && base.guid !== undefined) throw usage("--guid names one message", "Leave out --count.");
  for (let first = 1; first <= count; first += BATCH) {
    const length = Math.min(BATCH, count - first + 1);
    const numbers = Array.from({ length }, (_unused, index) => first + index);
    await write(
      numbers.map((n) =>
        options.count === undefined ? base : { ...base, text: base.text.replaceAll("{n}", `${n}`) },
      ),
    );
  }
}

/** Writes the lines of a file, or of stdin, as they come: one transaction a chunk. */
async function eachBatch(
  source: string,
  base: Arrival,
  write: (arrivals: Arrival[]) => Promise<void>,
): Promise<void> {
  const input =
    source === "-" ? process.stdin : createReadStream(expandPath(source), { highWaterMark: 256 * 1024 });
  let batch: Arrival[] = [];
  const splitter = createLineSplitter((line) => {
    if (line !== "") batch.push(arrivalOfLine(line, base));
  });
  const flush = async (): Promise<void> => {
    const arrivals = batch;
    batch = [];
    if (arrivals.length > 0) await write(arrivals);
  };
  try {
    for await (const chunk of input) {
      splitter.push(chunk as Buffer);
      await flush();
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    throw failure(`no file at ${source}`, "Name an existing file with --texts-from, or - for stdin.");
  }
  splitter.end();
  await flush();
}

function arrivalOfLine(line: string, base: Arrival): Arrival {
  const value = line.startsWith("{") ? parseObject(line) : { text: line };
  const read = (key: string): string | undefined => {
    const found = value[key];
    if (found === undefined || typeof found === "string" || typeof found === "number")
      return found?.toString();
    throw usage(`--texts-from: ${key} is no text: ${line.slice(0, 80)}`, `Write {"text":"…","${key}":"…"}.`);
  };
  const at = read("at");
  const arrival: Arrival = {
    ...base,
    from: read("from") ?? base.from,
    chat: read("chat") ?? base.chat,
    group: read("group") ?? base.group,
    text: read("text") ?? base.text,
    guid: read("guid") ?? base.guid,
    atMs: at === undefined ? base.atMs : parseTime(at, Date.now()),
    fromMe: value["fromMe"] === undefined ? base.fromMe : value["fromMe"] === true,
  };
  if (arrival.from === undefined && !arrival.fromMe) {
    throw usage(`--texts-from: nobody writes: ${line.slice(0, 80)}`, 'Give --from, or "from" in each line.');
  }
  return arrival;
}

function parseObject(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw usage(`--texts-from: not JSON: ${line.slice(0, 80)}`, 'Write a text, or {"text":"…"} in one line.');
  }
}

function report(written: readonly Written[], json: boolean): void {
  const lines = written.map((row) =>
    json
      ? JSON.stringify({ rowid: row.rowId, guid: row.guid, chat_id: row.chatId })
      : `Row ${row.rowId} in chat ${row.chatId}: ${row.guid}`,
  );
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}
