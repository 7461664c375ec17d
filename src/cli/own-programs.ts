// The package's own two programs as files: where they lie, and small scripts that run them.
import { existsSync, realpathSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GatewayError } from "../model/errors.ts";

/** Writes a program that only its owner may read and run. */
export async function writeProgram(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await chmod(path, 0o700);
}

/** A shell script that runs one of them by the Node in use now, after `lines`. */
export function launcher(lines: readonly string[], program: string): string {
  return ["#!/bin/sh", ...lines, `exec ${quoted(process.execPath)} ${quoted(program)} "$@"`, ""].join("\n");
}

/** A text as one word of a shell script. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** This program as it was started, and the stand-in that lies beside it, as source or as built. */
export function findPrograms(): { readonly coderclaw: string; readonly standIn: string } {
  const coderclaw = realpathSync(process.argv[1] ?? "");
  const folder = dirname(coderclaw);
  const standIn = [join(folder, "simulator/main.ts"), join(folder, "imsg-sim.js")].find((path) =>
    existsSync(path),
  );
  if (standIn === undefined)
    throw new GatewayError("imsg/not-found", `imsg-sim, the stand-in for imsg, is not beside ${coderclaw}`, {
      hint: "Install the package again: npm install -g coderclaw",
    });
  return { coderclaw, standIn };
}
