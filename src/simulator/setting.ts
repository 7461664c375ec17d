// How the stand-in is to play: the command line over the environment over the defaults.

import { resolve } from "node:path";
import { ArgumentError } from "./arguments.ts";
import type { Values } from "./arguments.ts";
import { readEnvironment } from "./environment.ts";
import { expandHome } from "./read/attachments.ts";
import { releaseOf } from "./release.ts";
import type { Dialect, Release } from "./release.ts";

/** How to play. */
export interface Setting {
  /** Absolute path of the database. */
  readonly dbPath: string;
  readonly dialect: Dialect;
  readonly release: Release;
  readonly bridge: boolean;
  readonly linux: boolean;
  /** Dialect legacy: a subscription's first row is written before its answer, as now and then by the real imsg. */
  readonly earlyRows: boolean;
  /** Time between polls that no event caused, in milliseconds. */
  readonly pollMs: number;
  /** How long imsg looks for the row of what it sent, in milliseconds. */
  readonly confirmMs: number;
  readonly eventsPath: string | undefined;
  readonly faultsPath: string | undefined;
  /** The version to report. */
  readonly version: string;
}

const DEFAULT_POLL_MS = 5000;
const DEFAULT_CONFIRM_MS: Readonly<Record<Dialect, number>> = { legacy: 2000, v1: 8000 };

/** Reads the setting. Contract: throws ArgumentError on a value that is none. */
export function readSetting(values: Values): Setting {
  const env = readEnvironment();
  const dialect = values.option("--dialect") ?? env.dialect ?? "v1";
  if (dialect !== "legacy" && dialect !== "v1")
    throw new ArgumentError("Invalid value for option: --dialect");
  const release = releaseOf(dialect, values.option("--release") ?? env.release);
  if (release === undefined) throw new ArgumentError("Invalid value for option: --release");
  const pollMs = Number(values.option("--poll-ms") ?? env.pollMs ?? DEFAULT_POLL_MS);
  if (!Number.isInteger(pollMs) || pollMs < 1) throw new ArgumentError("Invalid value for option: --poll-ms");
  const confirmMs = Number(values.option("--confirm-ms") ?? env.confirmMs ?? DEFAULT_CONFIRM_MS[dialect]);
  if (!Number.isInteger(confirmMs) || confirmMs < 1) {
    throw new ArgumentError("Invalid value for option: --confirm-ms");
  }
  const dbPath = resolve(expandHome(values.option("--db") ?? "~/Library/Messages/chat.db"));
  const events = values.option("--events") ?? env.eventsPath;
  return {
    dbPath,
    dialect,
    release,
    bridge: values.flag("--bridge") || env.bridge,
    linux: values.flag("--linux") || env.linux,
    earlyRows: values.flag("--early-rows") || env.earlyRows,
    pollMs,
    confirmMs,
    eventsPath: events === undefined ? undefined : resolve(expandHome(events)),
    faultsPath: values.option("--faults") ?? env.faultsPath,
    version: env.version ?? release.version,
  };
}
