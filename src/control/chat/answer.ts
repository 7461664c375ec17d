// What every command in chat is given, and the answers it is made of.
import type { LoadOptions } from "../../config/read/load.ts";
import type { CommandAnswer, CommandEffect, CommandEntry } from "../../model/command.ts";
import type { GatewayError } from "../../model/errors.ts";
import type { Settings } from "../../model/settings.ts";
import { groupOf } from "../../rules/group.ts";
import type { RunningGateway } from "../status/running.ts";
import { plainLine } from "../../model/plain-line.ts";

/** One command with everything that it works on. */
export interface Asked {
  readonly command: CommandEntry;
  readonly running: RunningGateway;
  /** The configuration in force when it was begun. */
  readonly settings: Settings;
  /** Which config file is meant. */
  readonly config: LoadOptions;
  readonly nowMs: number;
}

/** A family of commands. Contract: may reject with a `GatewayError`; it is answered as a refusal. */
export type Operation = (asked: Asked) => CommandAnswer | Promise<CommandAnswer>;

/** False in a group, where everybody reads the reply. */
export function isDirect({ command, settings }: Asked): boolean {
  const account = settings.accounts.find(({ id }) => id === command.accountId);
  return account !== undefined && groupOf(account, command.message) === undefined;
}

/** What a phone shows without much scrolling, in UTF-16 units. */
const LONGEST_REPLY = 1500;

/** Says this, and changes what `effect` says. However long what was asked with is, the reply is one that a phone shows. */
export function say(text: string, effect: CommandEffect = { kind: "none" }): CommandAnswer {
  return { effect, reply: () => clip(text, 2 * LONGEST_REPLY) };
}

/** A refusal as two short lines: what is wrong, what to do. */
export function renderRefusal({ message, hint }: Pick<GatewayError, "message" | "hint">): string {
  const line = (text: string): string => plainLine(text, LONGEST_REPLY / 2);
  return `⚠️ ${line(message)}\n${line(hint)}`;
}

/** The first lines of a text, as many as a phone shows well; `more` says where the rest is. */
export function shorten(text: string, more: string): string {
  if (text.length <= LONGEST_REPLY) return text;
  const head = clip(text, LONGEST_REPLY);
  const end = head.lastIndexOf("\n");
  return `${end > LONGEST_REPLY / 2 ? head.slice(0, end) : head}\n… ${more}`;
}

/** At most so many UTF-16 units, no character cut in two. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…`;
}
