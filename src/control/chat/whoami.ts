// `/whoami`: how the gateway sees the sender and this chat, in the words that the configuration uses.
import type { CommandAnswer } from "../../model/command.ts";
import { renderEntry } from "../../model/target.ts";
import { composeTarget } from "../../rules/reply-target.ts";
import { say, type Asked } from "./answer.ts";

/** `/whoami`. */
export function whoami({ command }: Asked): CommandAnswer {
  const { handle, message, sessionKey } = command;
  return say(
    [
      `You: ${handle}`,
      `Chat: ${renderEntry(composeTarget(message, handle))}`,
      `Session: ${sessionKey}`,
      `Role: ${command.command.role}`,
    ].join("\n"),
  );
}
