// How this copy of the program was installed, and the commands that update and remove such a copy.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/** Made by the Dockerfile: a development container with a clone in it is no image of ours. */
const IMAGE_MARK = "/etc/coderclaw-image";

/** One copy of the program on this machine. */
export interface Installation {
  readonly kind: "clone" | "npm" | "homebrew" | "container";
  /** The package's folder. */
  readonly folder: string;
  /** The shell command that brings the newest version. */
  readonly update: string;
  /** The shell command that removes the program; state is not part of it. */
  readonly remove: string;
}

/** Finds out from where the program was started. */
export function readInstallation(scriptPath: string = process.argv[1] ?? ""): Installation {
  const folder = packageFolder(realpathSync(scriptPath));
  if (existsSync(IMAGE_MARK))
    return {
      kind: "container",
      folder,
      update: "docker compose build --pull && docker compose up --detach",
      remove: "docker compose down",
    };
  if (existsSync(join(folder, ".git")))
    return {
      kind: "clone",
      folder,
      update: `cd ${folder} && git pull && npm ci`,
      remove: `npm uninstall --global coderclaw; rm -r ${folder}`,
    };
  if (folder.includes("/Cellar/"))
    return { kind: "homebrew", folder, update: "brew upgrade coderclaw", remove: "brew uninstall coderclaw" };
  return {
    kind: "npm",
    folder,
    update: "npm install --global coderclaw@latest",
    remove: "npm uninstall --global coderclaw",
  };
}

/** The changelog's parts about versions newer than `version`, newest first; empty where the package has none. */
export function changesSince(folder: string, version: string): string {
  const path = join(folder, "CHANGELOG.md");
  if (!existsSync(path)) return "";
  const [, ...parts] = readFileSync(path, "utf8").split(/^## /mu);
  const newer = parts.filter((part) => isNewer(/^\d+\.\d+\.\d+/u.exec(part)?.[0] ?? "0.0.0", version));
  return newer.map((part) => part.trim()).join("\n\n");
}

/** True when `one` is a later version than `other`; both are `major.minor.patch`. */
export function isNewer(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => text.split(/[.-]/u).slice(0, 3).map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function packageFolder(file: string): string {
  let folder = dirname(file);
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
