// The program that a tool call runs, as its input tells it: a line, its words, or a name with arguments.
import { textOf, type Fields } from "./loose.ts";

/** A program to be run. */
export interface CalledProgram {
  /** The command line, its words quoted where that is needed to tell them apart; of `sh -c SCRIPT` the script. */
  readonly command: string;
  /** The shell of a script, such as `bash -lc`. */
  readonly shell: string | undefined;
  /** The fields of the input that it is read from. */
  readonly fields: readonly string[];
}

const NAMES = ["command", "cmd", "program", "executable", "exe"] as const;
const ARGUMENTS = ["args", "argv", "arguments"] as const;

/** Undefined: the input names none. */
export function readProgram(input: Fields): CalledProgram | undefined {
  const list = ARGUMENTS.find((field) => isWords(input[field]));
  const name = NAMES.find((field) => textOf(input[field]) !== undefined || isWords(input[field]));
  const named = name === undefined ? undefined : input[name];
  const fields = [name, list].filter((field) => field !== undefined);
  const more = list === undefined ? [] : (input[list] as readonly string[]);
  if (isWords(named)) return { ...readWords([...named, ...more]), fields };
  const program = textOf(named);
  if (program !== undefined && list === undefined) return { command: program, shell: undefined, fields };
  if (program !== undefined) return { ...readWords([program, ...more]), fields };
  // Words without a name are a whole command line where that is what the field is for.
  return list === "argv" && more.length > 0 ? { ...readWords(more), fields } : undefined;
}

function readWords(words: readonly string[]): Pick<CalledProgram, "command" | "shell"> {
  const [shell = "", flag = "", script] = words;
  const isScript = words.length === 3 && /(^|\/)(ba|z|da|k|a|fi)?sh$/.test(shell) && /^-[a-z]*c$/.test(flag);
  if (isScript && script !== undefined) return { command: script, shell: `${quoted(shell)} ${flag}` };
  return { command: words.map(quoted).join(" "), shell: undefined };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
}
