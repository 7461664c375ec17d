// One command line of imsg-sim: argv → the one file that plays the command, loaded on demand; the answer is the exit code.

import { ArgumentError, parseArguments } from "./arguments.ts";
import { COMMANDS, optionsOf } from "./cli/commands.ts";
import type { CommandRun } from "./cli/run.ts";
import { readSetting } from "./setting.ts";
import type { Setting } from "./setting.ts";

/** Commands that play the outside world; all others are imsg's. */
const OUTSIDE: ReadonlySet<string> = new Set(["init", "receive", "react", "vote", "is-typing", "replace"]);

const PLAYS: Readonly<Record<string, () => Promise<CommandRun>>> = {
  rpc: async () => (await import("./cli/rpc.ts")).rpc,
  chats: async () => (await import("./cli/chats.ts")).chats,
  group: async () => (await import("./cli/group.ts")).group,
  history: async () => (await import("./cli/history.ts")).history,
  watch: async () => (await import("./cli/watch.ts")).watch,
  search: async () => (await import("./cli/search.ts")).search,
  send: async () => (await import("./cli/send.ts")).send,
  status: async () => (await import("./cli/status.ts")).status,
};

/** Runs a command line; the answer is its exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const [name = ""] = argv;
  if (OUTSIDE.has(name)) {
    const { runOutside } = await import("./outside/main.ts");
    return runOutside([...argv]);
  }
  if (argv.includes("--version") || argv.includes("-V")) return say(defaultSetting().version);
  if (argv.length === 0 || argv.includes("--help") || argv.includes("-h")) return say(await helpFor(name));
  const command = COMMANDS.find((candidate) => candidate.name === name);
  const play = PLAYS[name];
  if (command === undefined || play === undefined) return refuse(name);
  try {
    const values = parseArguments(argv.slice(1), optionsOf(command));
    const run = await play();
    return await run(values, readSetting(values));
  } catch (error) {
    if (error instanceof ArgumentError) return say(error.message, 1);
    const { describeFailure } = await import("./cli/failure.ts");
    return say(describeFailure(error, argv), 1);
  }
}

async function helpFor(name: string): Promise<string> {
  const { commandHelp, rootHelp } = await import("./cli/help.ts");
  const { version, linux } = defaultSetting();
  const command = COMMANDS.find((candidate) => candidate.name === name);
  return command === undefined ? rootHelp(version, linux) : commandHelp(command, linux);
}

async function refuse(name: string): Promise<number> {
  const { isImsgCommand, rootHelp } = await import("./cli/help.ts");
  if (name.startsWith("-")) {
    const { version, linux } = defaultSetting();
    return say(`Command 'imsg' requires a subcommand\n${rootHelp(version, linux)}`, 1);
  }
  if (isImsgCommand(name)) return say(`imsg-sim does not play '${name}'; its RPC methods may.`, 1);
  return say(`Unknown subcommand '${name}' for command 'imsg'`, 1);
}

/** Where no command line was parsed, the environment alone decides. */
function defaultSetting(): Setting {
  return readSetting(parseArguments([], []));
}

/** Up to 0.15.0 imsg prints even its errors on stdout (recorded). */
function say(text: string, code = 0): number {
  const isApart = code !== 0 && defaultSetting().release.readsWhole;
  (isApart ? process.stderr : process.stdout).write(`${text}\n`);
  return code;
}
