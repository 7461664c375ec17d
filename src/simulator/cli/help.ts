// The help texts: imsg 0.9.0's as recorded, and below them what only the stand-in has.

import type { OptionSpec } from "../arguments.ts";
import { COMMANDS, LOG_LEVEL, RUNTIME_FLAGS, SIMULATOR_OPTIONS } from "./commands.ts";
import type { CommandSpec } from "./commands.ts";

/** Every command of imsg, with what it does. */
const ABSTRACTS: Readonly<Record<string, string>> = {
  chats: "List recent conversations",
  group: "Show chat identity and participants for a chat id",
  history: "Show recent messages for a chat",
  watch: "Stream incoming messages",
  send: "Send a message (text and/or attachment)",
  react: "Send a tapback reaction to the most recent message",
  read: "Mark messages as read for a chat",
  typing: "Send typing indicator to a chat",
  launch: "Launch Messages.app with dylib injection",
  status: "Check availability of imsg advanced features",
  rpc: "Run JSON-RPC over stdin/stdout",
  completions: "Generate shell completions or LLM context",
  "send-rich": "Send a message via the IMCore bridge (effects, replies, subjects)",
  "send-multipart": "Send a multi-part message",
  "send-attachment": "Send a file attachment via the IMCore bridge",
  tapback: "Send a tapback reaction via the IMCore bridge",
  edit: "Edit a sent message",
  unsend: "Retract a sent message",
  "delete-message": "Delete a single message from a chat",
  "notify-anyways": "Force a notification for a message that was filtered/suppressed",
  "chat-create": "Create a new chat (1:1 or group)",
  "chat-name": "Set a chat's display name",
  "chat-photo": "Set or clear a group chat photo",
  "chat-add-member": "Add a participant to a group chat",
  "chat-remove-member": "Remove a participant from a group chat",
  "chat-leave": "Leave a group chat",
  "chat-delete": "Delete a chat from Messages.app",
  "chat-mark": "Mark a chat as read or unread",
  search: "Search local Messages history",
  account: "Show the active iMessage account, login, and aliases",
  whois: "Check whether a handle is reachable on iMessage",
  nickname: "Show contact-card / nickname info for a handle",
};

const ENVIRONMENT =
  "Each may be given in the environment: IMSG_SIM_DIALECT, IMSG_SIM_RELEASE, IMSG_SIM_BRIDGE=1, IMSG_SIM_LINUX=1,\n" +
  "IMSG_SIM_EARLY_ROWS=1, IMSG_SIM_POLL_MS, IMSG_SIM_CONFIRM_MS, IMSG_SIM_FAULTS, IMSG_SIM_EVENTS; IMSG_VERSION is the version to report.";

/** Whether imsg has a command of that name. */
export function isImsgCommand(name: string): boolean {
  return Object.hasOwn(ABSTRACTS, name);
}

/** The help of the whole program; as `asRecorded`, not a line beside imsg's own. */
export function rootHelp(version: string, asRecorded: boolean): string {
  const commands = Object.entries(ABSTRACTS).map(([name, abstract]) => `  ${name}\t${abstract}`);
  const own = asRecorded
    ? []
    : [
        "",
        "This is imsg-sim, a stand-in for imsg on a Messages database of your own.",
        `It plays: ${COMMANDS.map(({ name }) => name).join(", ")}.`,
        "Its own commands play the outside world; see 'imsg-sim <command> --help':",
        "  init\tCreate an empty Messages database",
        "  receive\tLet a message come in",
        "  react\tLet a tapback come in",
        "  replace\tPut a fresh database in place of the one that is watched",
      ];
  return [
    `imsg ${version}`,
    "Send and read iMessage / SMS from the terminal",
    "",
    "Usage:",
    "  imsg <command> [options]",
    "",
    "Commands:",
    ...commands,
    ...own,
    "",
    "Run 'imsg <command> --help' for details.",
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: CommandSpec, asRecorded: boolean): string {
  const discussion = command.discussion === undefined ? [] : ["", command.discussion];
  const own = asRecorded
    ? []
    : ["", "Options of the stand-in:", ...SIMULATOR_OPTIONS.map(optionLine), "", ENVIRONMENT];
  return [
    `imsg ${command.name}`,
    ABSTRACTS[command.name],
    ...discussion,
    "",
    "Usage:",
    `  imsg ${command.name} [options]`,
    "",
    "Options:",
    ...[...command.options, LOG_LEVEL, ...command.flags, ...RUNTIME_FLAGS].map(optionLine),
    ...own,
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
  ].join("\n");
}

function optionLine({ names, help, takes }: OptionSpec): string {
  return `  ${names.join(", ")}${takes === "nothing" ? "" : " <value>"}\t${help}`;
}
