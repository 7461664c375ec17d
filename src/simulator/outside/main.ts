// The commands that play the outside world: argv → one command, its text on stdout, its exit code.

import { CommandFailure, usage } from "./failure.ts";

/** One command, loaded when it is called. */
interface Command {
  readonly help: string;
  /** Carries it out. Contract: throws CommandFailure. */
  readonly run: (argv: readonly string[]) => Promise<void> | void;
}

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import("./init.ts")).initCommand,
  receive: async () => (await import("./receive.ts")).receiveCommand,
  react: async () => (await import("./react.ts")).reactCommand,
  vote: async () => (await import("./vote.ts")).voteCommand,
  "is-typing": async () => (await import("./is-typing.ts")).isTypingCommand,
  replace: async () => (await import("./replace.ts")).replaceCommand,
};

/** The names of the commands. */
const OUTSIDE_COMMANDS: readonly string[] = Object.keys(COMMANDS);

/** Runs `imsg-sim COMMAND …`, the command's name first in `argv`. Returns the exit code. */
export async function runOutside(argv: readonly string[]): Promise<number> {
  const [name = "", ...rest] = argv;
  try {
    const load = COMMANDS[name];
    if (load === undefined) {
      throw usage(`unknown command: ${name}`, `Use one of: ${OUTSIDE_COMMANDS.join(", ")}.`);
    }
    const command = await load();
    if (rest.includes("--help") || rest.includes("-h")) {
      process.stdout.write(command.help);
      return 0;
    }
    await command.run(rest);
    return 0;
  } catch (error) {
    process.stderr.write(describe(name, error));
    return error instanceof CommandFailure ? error.exitCode : 1;
  }
}

function describe(name: string, error: unknown): string {
  if (error instanceof CommandFailure) return `imsg-sim ${name}: ${error.message}\n${error.remedy}\n`;
  const message = error instanceof Error ? error.message : String(error);
  return `imsg-sim ${name}: ${message}\nCheck that --db names a Messages database: imsg-sim init --db PATH makes one.\n`;
}
