// The one place of the stand-in that reads environment variables.

import { homedir, platform } from "node:os";
import { delimiter, join } from "node:path";

/** What the environment says; every option can also be given on the command line, which wins. */
export interface Environment {
  /** `IMSG_SIM_DIALECT`: legacy or v1. */
  readonly dialect: string | undefined;
  /** `IMSG_SIM_RELEASE`: the release of imsg to play. */
  readonly release: string | undefined;
  /** `IMSG_SIM_FAULTS`: file of faults. */
  readonly faultsPath: string | undefined;
  /** `IMSG_SIM_EVENTS`: file the Mac's deeds are logged to. */
  readonly eventsPath: string | undefined;
  /** `IMSG_SIM_POLL_MS`: time between fallback polls, in milliseconds. */
  readonly pollMs: string | undefined;
  /** `IMSG_SIM_CONFIRM_MS`: how long the row of what was sent is looked for, in milliseconds. */
  readonly confirmMs: string | undefined;
  /** `IMSG_SIM_BRIDGE=1`: the bridge into Messages is running. */
  readonly bridge: boolean;
  /** `IMSG_SIM_LINUX=1`: play imsg's Linux build: no file events, its error texts. */
  readonly linux: boolean;
  /** `IMSG_SIM_EARLY_ROWS=1`: dialect legacy writes a subscription's first row before its answer. */
  readonly earlyRows: boolean;
  /** `IMSG_VERSION`: the version to report, as the real imsg honours it. */
  readonly version: string | undefined;
  /** Folders programs are looked for in. */
  readonly searchPath: readonly string[];
  /** Folder for caches. */
  readonly cacheFolder: string;
}

/** Reads the environment as it is now. */
export function readEnvironment(): Environment {
  const env = process.env;
  const caches = platform() === "darwin" ? join(homedir(), "Library", "Caches") : join(homedir(), ".cache");
  return {
    dialect: env["IMSG_SIM_DIALECT"],
    release: env["IMSG_SIM_RELEASE"],
    faultsPath: env["IMSG_SIM_FAULTS"],
    eventsPath: env["IMSG_SIM_EVENTS"],
    pollMs: env["IMSG_SIM_POLL_MS"],
    confirmMs: env["IMSG_SIM_CONFIRM_MS"],
    bridge: env["IMSG_SIM_BRIDGE"] === "1",
    linux: env["IMSG_SIM_LINUX"] === "1",
    earlyRows: env["IMSG_SIM_EARLY_ROWS"] === "1",
    version: env["IMSG_VERSION"],
    searchPath: (env["PATH"] ?? "").split(delimiter).filter(Boolean),
    cacheFolder: env["XDG_CACHE_HOME"] ?? caches,
  };
}
