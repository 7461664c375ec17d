// Commands in chat: what is one, who may give it, and which of them wait for their turn.
import type { ChatCommand, CommandName, CommandRole } from "../model/command.ts";
import type { CommandSettings } from "../model/settings.ts";

/** A command as `/help` lists it and admission checks it. */
export interface CommandSpec {
  /** Other names, without the slash. */
  readonly aliases: readonly string[];
  /** The least that a sender must be to give it. */
  readonly role: CommandRole;
  /** Such as `/agent [ID]`. */
  readonly usage: string;
  readonly summary: string;
}

/** Every command there is, in the order of `/help`. */
export const COMMANDS: Readonly<Record<CommandName, CommandSpec>> = {
  help: { aliases: ["commands"], role: "authorised", usage: "/help", summary: "what you can ask for here" },
  whoami: {
    aliases: ["id"],
    role: "authorised",
    usage: "/whoami",
    summary: "your sender id, this chat, your role",
  },
  status: { aliases: [], role: "authorised", usage: "/status", summary: "whether everything works" },
  new: {
    aliases: [],
    role: "authorised",
    usage: "/new [TEXT]",
    summary: "a new session, with TEXT as its first message",
  },
  reset: { aliases: [], role: "authorised", usage: "/reset [TEXT]", summary: "the same" },
  stop: { aliases: [], role: "authorised", usage: "/stop", summary: "end what runs, drop what waits" },
  agent: {
    aliases: [],
    role: "owner",
    usage: "/agent [ID]",
    summary: "show or choose the agent of this conversation",
  },
  mode: { aliases: [], role: "owner", usage: "/mode [NAME]", summary: "show or choose how the agent works" },
  model: {
    aliases: [],
    role: "owner",
    usage: "/model [NAME]",
    summary: "show or choose the model that it uses",
  },
  pairing: {
    aliases: [],
    role: "owner",
    usage: "/pairing list, approve CODE, deny CODE",
    summary: "who asks for access",
  },
  config: {
    aliases: [],
    role: "owner",
    usage: "/config show, get PATH, set PATH VALUE, unset PATH, undo",
    summary: "the configuration",
  },
};

const NAMES = new Map<string, CommandName>(
  (Object.keys(COMMANDS) as CommandName[]).flatMap((name) =>
    [name, ...COMMANDS[name].aliases].map((spelling) => [spelling, name] as const),
  ),
);

/** `/name`, then nothing, a colon or white space, then whatever. */
const COMMAND = /^\/([a-z]+)(?:\s*:|\s|$)([^]*)$/iu;
const BARE_STOP = /^(?:stop|cancel|abort)[.!]*$/iu;
/** Two blanks in a row are a full stop on a phone. */
const FIRM_STOP = /^\/stop[.!]+$/iu;

/** What a message asks of the gateway. */
export interface GivenCommand {
  readonly name: CommandName;
  /** What follows the name, trimmed; may be empty. */
  readonly args: string;
}

/**
 * Reads a message that is only a command: `/name args`, `/name: args`, in any case, over as many lines as it takes. Undefined for
 * everything else, unknown names included: it is text.
 */
export function parseCommand(text: string): GivenCommand | undefined {
  if (FIRM_STOP.test(text.trim())) return { name: "stop", args: "" };
  const [, spelling = "", args = ""] = COMMAND.exec(text.trim()) ?? [];
  const name = NAMES.get(spelling.toLowerCase());
  return name && { name, args: args.trim() };
}

/** True for a bare `stop`, `cancel` or `abort`, which is `/stop` while the conversation is busy, and text at any other time. */
export function isBareStop(text: string): boolean {
  return BARE_STOP.test(text.trim());
}

/** True when the role is enough for the command. */
export function mayGive(name: CommandName, role: CommandRole): boolean {
  return role === "owner" || COMMANDS[name].role === "authorised";
}

/** The commands that somebody of this role can use under these settings, in the order of `/help`. */
export function commandsFor(role: CommandRole, settings: CommandSettings): readonly CommandSpec[] {
  const names = Object.keys(COMMANDS) as CommandName[];
  return names
    .filter((name) => mayGive(name, role) && (name !== "config" || settings.config))
    .map((name) => COMMANDS[name]);
}

/** The command that is carried out for a sender who may give it. */
export function composeCommand({ name, args }: GivenCommand, role: CommandRole): ChatCommand {
  return { name, args, role, inOrder: isInOrder(name, args) };
}

/** What changes the session or the agent must not overtake the messages before it. */
function isInOrder(name: CommandName, args: string): boolean {
  if (name === "new" || name === "reset") return true;
  return (name === "agent" || name === "mode" || name === "model") && args !== "";
}
