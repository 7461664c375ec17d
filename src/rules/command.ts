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
  page: { aliases: [], role: "owner", usage: "/page", summary: "a link to the control page" },
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

/** What is not seen before the slash: marks of direction, spaces of no width, what stands for a file. */
const UNSEEN_BEFORE = /^[\s\p{Default_Ignorable_Code_Point}\p{Cf}\uFFFC]+/u;
/** The same behind a text, without what makes the last emoji what it is. */
const UNSEEN_BEHIND = /[\s\u00AD\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFFC]/u;
/** No command's name is longer. */
const LONGEST_WORD = 64;
/** The slash of keyboards that write other scripts too. */
const SLASH = "[/\uFF0F\u2044\u2215]";
/** Two blanks in a row are a full stop on a phone, and many people end every text with one. */
const MARKS = ".!,;\u2026\u3002\uFF0E\uFF01\uFF0C\uFF1B\u3001\uFF61\u06D4\u061B\u060C\u0964";
const QUESTION_MARKS = "?\uFF1F\u061F";
const QUESTION = new RegExp(`[${QUESTION_MARKS}]`, "u");
/** `/name`, then nothing, a colon, marks that end a sentence, or white space, then whatever. */
const COMMAND = new RegExp(
  `^${SLASH}(\\p{L}{1,${LONGEST_WORD}})(?:\\s*[:\\uFF1A]|([${MARKS}${QUESTION_MARKS}]+)(?=\\s|$)|\\s|$)([^]*)$`,
  "u",
);
const BARE_STOP = new RegExp(`^(?:stop|cancel|abort)[${MARKS}]*$`, "iu");
/** A word behind a slash, alone or before others; a path has more slashes. */
const SLASH_WORD = new RegExp(
  `^${SLASH}([\\p{L}\\p{N}_][\\p{L}\\p{N}_:.-]{0,${LONGEST_WORD}}?)([${MARKS}${QUESTION_MARKS}]{0,9})(\\s[^]*)?$`,
  "u",
);
/** What is asked with a question mark is not meant to end anything. */
const NOT_ASKED: ReadonlySet<CommandName> = new Set(["new", "reset", "stop"]);

/** What a message asks of the gateway. */
export interface GivenCommand {
  readonly name: CommandName;
  /** What follows the name, trimmed; may be empty. */
  readonly args: string;
}

/**
 * Reads a message that is only a command: `/name args`, `/name: args`, `/name.`, in any case, over as many lines as it takes, with the
 * slash and the letters of full width too. Undefined for everything else, unknown names included: it is text.
 */
export function parseCommand(text: string): GivenCommand | undefined {
  const [, spelling = "", marks = "", args = ""] = COMMAND.exec(trimUnseen(text)) ?? [];
  const name = NAMES.get(spelling.normalize("NFKC").toLowerCase());
  if (name === undefined || (NOT_ASKED.has(name) && QUESTION.test(marks))) return undefined;
  return { name, args: trimUnseen(args) };
}

/** A name or a code without the full stop that a phone or a habit put behind it. */
export function withoutFullStop(args: string): string {
  let end = args.length;
  while (end > 0 && MARKS.includes(args[end - 1] ?? "")) end -= 1;
  return args.slice(0, end).trimEnd();
}

/** True for a bare `stop`, `cancel` or `abort`, which is `/stop` while the conversation is busy, and text at any other time. */
export function isBareStop(text: string): boolean {
  return BARE_STOP.test(trimUnseen(text));
}

/** The word of a message that begins like a command and is none of ours, such as `compact`; undefined for any other text. */
export function unknownCommand(text: string): string | undefined {
  const word = slashWord(text)?.word;
  return word === undefined || NAMES.has(word.normalize("NFKC").toLowerCase()) ? undefined : word;
}

/** The same text as an agent reads its own commands: a plain slash before everything, no full stop behind a word that stands alone. */
export function asAgentCommand(text: string): string {
  if (unknownCommand(text) === undefined) return text;
  const found = slashWord(text);
  return found === undefined
    ? text
    : `/${found.word}${found.rest === "" ? "" : `${found.marks}${found.rest}`}`;
}

function slashWord(text: string): { word: string; marks: string; rest: string } | undefined {
  const [, word = "", marks = "", rest = ""] = SLASH_WORD.exec(trimUnseen(text)) ?? [];
  return word === "" ? undefined : { word, marks, rest };
}

/** Emoji and letters that are joined by what is not seen stay as they are: only the edges are trimmed. */
function trimUnseen(text: string): string {
  let end = text.length;
  while (end > 0 && UNSEEN_BEHIND.test(text[end - 1] ?? "")) end -= 1;
  return text.slice(0, end).replace(UNSEEN_BEFORE, "");
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
