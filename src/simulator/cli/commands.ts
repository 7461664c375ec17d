// The commands of imsg that the stand-in plays, and what each takes; texts as recorded from imsg 0.9.0.

import type { OptionSpec } from "../arguments.ts";

/** A command. */
export interface CommandSpec {
  readonly name: string;
  readonly discussion?: string;
  /** Options that take a value, in the order help shows them. */
  readonly options: readonly OptionSpec[];
  readonly flags: readonly OptionSpec[];
  readonly examples: readonly string[];
}

function value(name: string, help: string): OptionSpec {
  return { names: [name], help, takes: "value" };
}

function flag(name: string, help: string): OptionSpec {
  return { names: [name], help, takes: "nothing" };
}

const DB = value("--db", "Path to chat.db (defaults to ~/Library/Messages/chat.db)");
const PARTICIPANTS: OptionSpec = {
  names: ["--participants"],
  help: "filter by participant handles",
  takes: "list",
};
const SPAN = [value("--start", "ISO8601 start (inclusive)"), value("--end", "ISO8601 end (exclusive)")];
const ATTACHMENTS = [
  flag("--attachments", "include attachment metadata"),
  flag("--convert-attachments", "convert CAF/GIF attachments to model-compatible cached files"),
];

/** Options every command takes, after its own. */
export const LOG_LEVEL: OptionSpec = {
  names: ["--log-level", "--logLevel"],
  help: "Set log level (trace|verbose|debug|info|warning|error|critical)",
  takes: "value",
};

/** Flags every command takes, after its own. */
export const RUNTIME_FLAGS: readonly OptionSpec[] = [
  { names: ["-v", "--verbose"], help: "Enable verbose logging", takes: "nothing" },
  {
    names: ["--json", "-j", "--json-output", "--jsonOutput"],
    help: "Emit machine-readable JSON output",
    takes: "nothing",
  },
];

/** Options that imsg does not have: how to play. */
export const SIMULATOR_OPTIONS: readonly OptionSpec[] = [
  value("--dialect", "generation to play: v1 (0.14 and later, default) or legacy (0.4 to 0.13)"),
  value("--release", "release of that generation to play (default 0.15.10, legacy 0.9.0)"),
  flag("--bridge", "the bridge into Messages is running"),
  flag("--linux", "play imsg's Linux build: no file events, its error texts"),
  flag("--early-rows", "legacy: a subscription's first row comes before its answer, as now and then"),
  value("--poll-ms", "milliseconds between polls that no file event caused (default 5000)"),
  value("--confirm-ms", "milliseconds the row of what was sent is looked for (default 8000, legacy 2000)"),
  value("--faults", "file of faults that rpc and send act out, read again whenever it changes"),
  value("--events", "file that rpc and send log requests and the Mac's deeds to, one JSON object a line"),
];

/** The commands by name. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "chats",
    options: [DB, value("--limit", "Number of chats to list")],
    flags: [],
    examples: ["imsg chats --limit 5", "imsg chats --limit 5 --json"],
  },
  {
    name: "group",
    discussion:
      "Prints chat identifier, guid, display name, service, group flag, and participants for a given chat rowid. Works for direct chats too — is_group just reports false.",
    options: [DB, value("--chat-id", "chat rowid from 'imsg chats'")],
    flags: [],
    examples: ["imsg group --chat-id 1", "imsg group --chat-id 1 --json"],
  },
  {
    name: "history",
    options: [
      DB,
      value("--chat-id", "chat rowid from 'imsg chats'"),
      value("--limit", "Number of messages to show"),
      PARTICIPANTS,
      ...SPAN,
    ],
    flags: ATTACHMENTS,
    examples: [
      "imsg history --chat-id 1 --limit 10 --attachments",
      "imsg history --chat-id 1 --start 2025-01-01T00:00:00Z --json",
    ],
  },
  {
    name: "watch",
    options: [
      DB,
      value("--chat-id", "limit to chat rowid"),
      value("--debounce", "debounce interval for filesystem events (e.g. 250ms)"),
      value("--since-rowid", "start watching after this rowid"),
      PARTICIPANTS,
      ...SPAN,
    ],
    flags: [
      ...ATTACHMENTS,
      flag("--reactions", "include reaction events (tapback add/remove) in the stream"),
      flag("--bb-events", "include dylib-pushed events (typing, alias-removed) when injection is active"),
    ],
    examples: [
      "imsg watch --chat-id 1 --attachments --debounce 250ms",
      "imsg watch --chat-id 1 --participants +15551234567",
    ],
  },
  {
    name: "send",
    options: [
      DB,
      value("--to", "phone number or email"),
      value("--chat-id", "chat rowid"),
      value("--chat-identifier", "chat identifier (e.g. iMessage;+;chat...)"),
      value("--chat-guid", "chat guid"),
      value("--text", "message body"),
      value("--file", "path to attachment"),
      value("--service", "service to use: imessage|sms|auto"),
      value("--region", "default region for phone normalization"),
    ],
    flags: [],
    examples: [
      'imsg send --to +14155551212 --text "hi"',
      'imsg send --to +14155551212 --text "hi" --file ~/Desktop/pic.jpg --service imessage',
      'imsg send --chat-id 1 --text "hi"',
    ],
  },
  {
    name: "status",
    discussion: `Display the current status of imsg features and permissions.
Shows which advanced features (typing indicators, read receipts) are
available and provides setup instructions if needed.`,
    options: [],
    flags: [],
    examples: ["imsg status", "imsg status --json"],
  },
  {
    name: "rpc",
    options: [DB],
    flags: [],
    examples: ["imsg rpc", "imsg rpc --db ~/Library/Messages/chat.db"],
  },
  {
    name: "search",
    discussion: `Searches the local chat.db, not the injected bridge. Use --match exact
for case-insensitive exact text matches; the default is contains.`,
    options: [
      DB,
      value("--query", "search query (required)"),
      value("--match", "exact|contains (default contains)"),
      value("--limit", "maximum results (default 50)"),
    ],
    flags: [],
    examples: ["imsg search --query 'pizza tonight' --match contains"],
  },
];

/** Every option and flag a command takes. */
export function optionsOf(command: CommandSpec): OptionSpec[] {
  return [...command.options, LOG_LEVEL, ...command.flags, ...RUNTIME_FLAGS, ...SIMULATOR_OPTIONS];
}
