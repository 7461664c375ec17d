// The paths a service can rely on: the real Node, the real program file, and the folders its agents are found in.
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join } from "node:path";

/** Where every system keeps its programs. */
const SYSTEM_FOLDERS = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"];
const HOMEBREW_FOLDERS = ["/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin"];

/**
 * The path of this Node that survives an update of Homebrew's: `…/Cellar/node/24.1.0/bin/node` goes with the version, the link to it
 * stays. A version manager's own folders (nvm, fnm, asdf) are named as they are: their shims need a shell.
 */
export function stableNode(execPath: string): string {
  const cellar = /^(?<prefix>.*)\/Cellar\/[^/]+\//u.exec(execPath)?.groups?.["prefix"];
  if (cellar === undefined) return execPath;
  const links = [join(cellar, "bin", "node"), join(cellar, "opt", "node", "bin", "node")];
  return links.find((link) => existsSync(link) && realpathSync(link) === realpathSync(execPath)) ?? execPath;
}

/** The file Node runs, links resolved: a link in `bin` may be replaced by a script of a version manager. */
export function stableProgram(scriptPath: string): string {
  return realpathSync(scriptPath);
}

/**
 * A short `PATH` on which every one of `programs` is found as it is found today, Node included (scripts name it by `env`).
 *
 * @param programs bare names or paths; a name that is not found adds nothing
 */
export function servicePath(
  programs: readonly string[],
  { node, searchPath }: { readonly node: string; readonly searchPath: readonly string[] },
): string {
  const found = programs.flatMap((program) => folderOf(program, searchPath) ?? []);
  const brew = HOMEBREW_FOLDERS.filter((folder) => existsSync(folder));
  const all = [...found, dirname(node), ...brew, ...SYSTEM_FOLDERS];
  return [...new Set(all)].join(delimiter);
}

/** The folder a program is found in; undefined when it is nowhere, or named by a path of its own. */
function folderOf(program: string, searchPath: readonly string[]): string | undefined {
  if (program.includes("/")) return isAbsolute(program) ? dirname(program) : undefined;
  return searchPath.find((folder) => isAbsolute(folder) && existsSync(join(folder, program)));
}
