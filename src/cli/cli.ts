// What a command is given beside its arguments, and the shape every command file has.
import { Argument, InvalidArgumentError, type Command } from "commander";

/** The command line's own surroundings. */
export interface Cli {
  readonly version: string;
  /** Writes a text and a line end to stdout. */
  print(text: string): void;
  printJson(value: unknown): void;
  /** Writes a text and a line end to stderr. */
  note(text: string): void;
  /** Makes this the exit code of a command that otherwise ends well. */
  exitWith(code: number): void;
  /** The program with every command loaded. */
  wholeTree(): Promise<Command>;
}

/** Adds a command to the program; each command file exports one as `register`. */
export type Register = (program: Command, cli: Cli) => void;

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string | undefined;
  readonly verbose?: boolean;
}

/** The global options, wherever on the line they stand. */
export function optionsOf(command: Command): GlobalOptions {
  return command.optsWithGlobals();
}

/** Words for the end of a command's help. */
export function examples(...lines: readonly (readonly [command: string, does: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const shown = lines.map(([command, does]) => `  ${command.padEnd(width)}  # ${does}`);
  return `${["", "Examples:", ...shown].join("\n")}\n`;
}

/** The `imessage` of `pairing list imessage`. */
export function channelArgument(): Argument {
  return new Argument("<channel>", "the channel").choices(["imessage"]);
}

/** Reads the N of `--limit N`: a whole number from 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError("It must be a whole number from 1.");
}

/** Reads the SECONDS of `--wait SECONDS`: from 0 to ten minutes. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && seconds >= 0 && seconds <= 600) return seconds;
  throw new InvalidArgumentError("It must be a number of seconds from 0 to 600.");
}
