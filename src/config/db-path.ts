// Whose home a `~` in dbPath means: ours, or that of a user on another machine behind an SSH wrapper.
import { existsSync, readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { expandHome } from "./places.ts";

/** No wrapper is longer; a longer file is a program. */
const MAX_SCRIPT_BYTES = 256 * 1024;

/**
 * The dbPath to hand to `imsg`: `~` expanded when the program certainly runs here. A text script that mentions ssh, or a
 * program that cannot be read, may run it elsewhere: then the path goes as written, for the home there.
 */
export function resolveDbPath(dbPath: string, cliPath: string, searchPath: readonly string[]): string {
  const expanded = expandHome(dbPath);
  return expanded === dbPath || !isCertainlyLocal(cliPath, searchPath) ? dbPath : expanded;
}

function isCertainlyLocal(cliPath: string, searchPath: readonly string[]): boolean {
  const file = isAbsolute(cliPath)
    ? cliPath
    : searchPath.map((folder) => join(folder, cliPath)).find((candidate) => existsSync(candidate));
  if (file === undefined) return false;
  try {
    const content = readFileSync(file);
    const isText = content.length <= MAX_SCRIPT_BYTES && !content.includes(0);
    return !(isText && /ssh/i.test(content.toString("utf8")));
  } catch {
    return false;
  }
}
