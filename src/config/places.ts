// Where things are on this machine: state folder, config file and what lies in the state folder.
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { readEnvironment, type Environment } from "./env.ts";

/** Absolute paths of everything the product keeps. Nothing here is created by naming it. */
export interface Places {
  /** 0700. */
  readonly stateDir: string;
  /** JSON5, 0600. */
  readonly configFile: string;
  /** The state database when `store.url` names no other. */
  readonly defaultStore: string;
  readonly mediaDir: string;
  /** The generated control token, 0600. */
  readonly tokenFile: string;
}

/** The places for this environment; `configPath` is the command line's `--config` and outranks the environment. */
export function findPlaces(configPath?: string, environment: Environment = readEnvironment()): Places {
  const cwd = process.cwd();
  const stateDir = expandPath(environment.stateDir ?? "~/.coderclaw", cwd);
  return {
    stateDir,
    configFile: expandPath(configPath ?? environment.configPath ?? join(stateDir, "coderclaw.json"), cwd),
    defaultStore: join(stateDir, "state.db"),
    mediaDir: join(stateDir, "media"),
    tokenFile: join(stateDir, "gateway.token"),
  };
}

/** `~` and `~/…` become the home folder's; anything else stays as written (`~bob` too). */
export function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

/** An absolute path: `~` expanded, what is relative taken from `base`. */
export function expandPath(path: string, base: string): string {
  return resolve(base, expandHome(path));
}
