// What a command is: parsed values and the setting in, exit code out.

import type { Values } from "../arguments.ts";
import { dieOfBrokenPipe } from "../broken-pipe.ts";
import type { Setting } from "../setting.ts";

/** Runs one command. Returns its exit code; an error it throws is printed and makes the code 1. */
export type CommandRun = (values: Values, setting: Setting) => Promise<number> | number;

/** Prints one line on stdout. */
export function print(line: string): void {
  if (process.stdout.listenerCount("error") === 0) process.stdout.on("error", dieOfBrokenPipe);
  process.stdout.write(`${line}\n`);
}
