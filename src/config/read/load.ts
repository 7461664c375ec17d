// Loading the config file: its text to Settings, or one error that holds every problem. No file means the defaults.
import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { GatewayError } from "../../model/errors.ts";
import type { Settings } from "../../model/settings.ts";
import { compileConfig } from "./compile.ts";
import { readEnvironment, type Environment } from "../env.ts";
import { requirePrivate } from "../permissions.ts";
import { findPlaces, type Places } from "../places.ts";
import { configError } from "./problem.ts";

/** Where the settings came from. */
export interface ConfigSources {
  readonly places: Places;
  /** False: there is no file and the defaults are in force. */
  readonly fileExists: boolean;
  /** Texts that no log may hold. */
  readonly secrets: readonly string[];
  /** Names of the environment variables that the file takes by `${NAME}`: they are the gateway's, and no agent's. */
  readonly interpolated: readonly string[];
}

/** Settings and their origin. */
export interface LoadedConfig {
  readonly settings: Settings;
  readonly sources: ConfigSources;
}

/** What a load may be told; both default to the process's own. */
export interface LoadOptions {
  /** The command line's `--config`. */
  readonly configPath?: string | undefined;
  readonly environment?: Environment | undefined;
}

/**
 * Reads the config file. Contract: throws `config/invalid` (or `config/unsupported` when nothing else is wrong) with
 * `details.problems: ConfigProblem[]`, `config/unreadable`, or `state/unsafe`; a missing file is no error.
 */
export async function loadConfig(options: LoadOptions = {}): Promise<LoadedConfig> {
  const environment = options.environment ?? readEnvironment();
  const places = findPlaces(options.configPath, environment);
  requirePrivate(places);
  return loadText(await readConfigText(places.configFile), { ...options, environment });
}

/** What `loadConfig` makes of a file's text (undefined: no file); throws as it does. */
export async function loadText(text: string | undefined, options: LoadOptions = {}): Promise<LoadedConfig> {
  const environment = options.environment ?? readEnvironment();
  const places = findPlaces(options.configPath, environment);
  const compiled = await compileConfig(text ?? "", places, environment);
  if (!compiled.ok) throw configError(places.configFile, compiled.problems);
  return {
    settings: compiled.settings,
    sources: {
      places,
      fileExists: text !== undefined,
      secrets: compiled.secrets,
      interpolated: compiled.interpolated,
    },
  };
}

/** The text of a config file; undefined when there is none. Throws `config/unreadable`. */
export async function readConfigText(file: string): Promise<string | undefined> {
  try {
    // A pipe would be waited for, for ever.
    if (isOther(await stat(file))) throw notRegular(file);
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT") return undefined;
    const why = code === "EISDIR" ? "is a folder" : `could not be read (${code})`;
    throw new GatewayError("config/unreadable", `${file} ${why}`, {
      hint:
        code === "EACCES" || code === "EPERM"
          ? `Give yourself access to it: chmod 600 ${file}`
          : "Check that the config path names a readable file.",
      details: { file },
      cause: error,
    });
  }
}

/** A folder is told by the attempt to read it; a device such as /dev/null has an end. */
function isOther(found: Stats): boolean {
  return found.isFIFO() || found.isSocket();
}

function notRegular(file: string): GatewayError {
  return new GatewayError("config/unreadable", `${file} is no regular file`, {
    hint: "Name a regular file as the config.",
    details: { file },
  });
}
