// `/help`: the commands that this sender may use here, one line each.
import type { CommandAnswer } from "../../model/command.ts";
import { commandsFor } from "../../rules/command.ts";
import { say, type Asked } from "./answer.ts";

/** `/help`. */
export function help({ command, settings }: Asked): CommandAnswer {
  const usable = commandsFor(command.command.role, settings.commands);
  return say(usable.map(({ usage, summary }) => `${usage}: ${summary}`).join("\n"));
}
