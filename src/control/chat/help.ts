// `/help`: the commands that this sender may use here, one line each.
import type { CommandAnswer, CommandName, CommandRole } from "../../model/command.ts";
import { COMMANDS } from "../../rules/command.ts";
import { say, type Asked } from "./answer.ts";

/** In the order of the list. */
const LINES: Readonly<Record<CommandName, string>> = {
  help: "/help: this list",
  whoami: "/whoami: your sender id, this chat, your role",
  status: "/status: whether everything works",
  new: "/new [TEXT]: a new session, with TEXT as its first message",
  reset: "/reset [TEXT]: the same",
  stop: "/stop: end what runs, drop what waits",
  agent: "/agent [ID]: show or choose the agent of this conversation",
  pairing: "/pairing list, approve CODE, deny CODE: who asks for access",
  config: "/config show, get PATH, set PATH VALUE, unset PATH, undo",
};

/** `/help`. */
export function help({ command, settings }: Asked): CommandAnswer {
  const { role } = command.command;
  const names = Object.keys(LINES) as CommandName[];
  const usable = names.filter((name) => mayUse(name, role) && (name !== "config" || settings.commands.config));
  return say(usable.map((name) => LINES[name]).join("\n"));
}

function mayUse(name: CommandName, role: CommandRole): boolean {
  return role === "owner" || COMMANDS[name].role === "authorised";
}
