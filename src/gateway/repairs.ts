// What `doctor --fix` can repair on this machine: each repair says what is wrong and exactly what it changes, before it changes anything.
import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LoadedConfig } from "../config/read/load.ts";
import { findDamage, recoverDatabase } from "../store/recover.ts";
import { takeLease } from "../store/lease.ts";
import { readServiceDrift } from "./open-service.ts";
import type { Where } from "./open-state.ts";

/** One repair. */
export interface Repair {
  /** One sentence. */
  readonly problem: string;
  /** What is changed, as commands or as a diff. */
  readonly change: string;
  /** Nothing that people wrote or decided is touched: `--yes` does it without asking. */
  readonly isSafe: boolean;
  /** `service`: the caller installs the service; it talks to the person. */
  readonly by: "us" | "service";
  run(): Promise<string>;
}

/** Whether a gateway answers; nothing that it has open is touched then. */
export interface RepairFacts {
  readonly isRunning: boolean;
  readonly nowMs: number;
}

const PRIVATE = 0o077;

/** Finds everything that can be repaired, in the order in which it should be. */
export async function findRepairs(
  where: Where,
  config: LoadedConfig,
  facts: RepairFacts,
): Promise<readonly Repair[]> {
  return [
    ...folders(config),
    ...modes(config),
    ...(facts.isRunning ? [] : [...staleAddress(config), ...damage(config, facts.nowMs)]),
    ...(await service(where, config)),
  ];
}

function folders({ settings, sources }: LoadedConfig): readonly Repair[] {
  const wanted = [
    sources.places.stateDir,
    dirname(settings.storePath),
    ...settings.agents.map(({ workspace }) => workspace),
  ];
  return [...new Set(wanted)]
    .filter((folder) => !existsSync(folder))
    .map((folder) => ({
      problem: `The folder "${folder}" is missing`,
      change: `mkdir -p '${folder}'`,
      isSafe: true,
      by: "us" as const,
      run: async () => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        return `Made ${folder}`;
      },
    }));
}

/** Files that hold messages or secrets, readable by others. */
function modes({ settings, sources }: LoadedConfig): readonly Repair[] {
  const { stateDir, configFile, tokenFile } = sources.places;
  const files = [
    configFile,
    `${configFile}.bak`,
    tokenFile,
    join(stateDir, "service.env"),
    settings.storePath,
    `${settings.storePath}-wal`,
    `${settings.storePath}-shm`,
  ];
  const wanted: readonly (readonly [path: string, mode: number])[] = [
    [stateDir, 0o700],
    ...files.map((file) => [file, 0o600] as const),
  ];
  return wanted.flatMap(([path, mode]) => {
    const present = statSync(path, { throwIfNoEntry: false });
    if (present === undefined || (present.mode & PRIVATE) === 0 || present.uid !== process.getuid?.())
      return [];
    return [
      {
        problem: `Others can read "${path}" (mode ${(present.mode & 0o777).toString(8)})`,
        change: `chmod ${mode.toString(8)} '${path}'`,
        isSafe: true,
        by: "us" as const,
        run: async () => {
          chmodSync(path, mode);
          // Made meanwhile, with the mode that the database had.
          for (const beside of path === settings.storePath ? [`${path}-wal`, `${path}-shm`] : [])
            if (existsSync(beside)) chmodSync(beside, mode);
          return `Only you can read ${path} now`;
        },
      },
    ];
  });
}

/** The address of a gateway that was killed: commands would ask there first. */
function staleAddress({ sources }: LoadedConfig): readonly Repair[] {
  const { stateDir } = sources.places;
  const file = join(stateDir, "gateway.address");
  if (!existsSync(file)) return [];
  return [
    {
      problem: "A gateway that no longer runs left its address behind",
      change: `rm '${file}'`,
      isSafe: true,
      by: "us",
      run: async () => {
        rmSync(file, { force: true });
        return `Removed ${file}`;
      },
    },
  ];
}

function damage({ settings }: LoadedConfig, nowMs: number): readonly Repair[] {
  const { storePath } = settings;
  if (!existsSync(storePath)) return [];
  const found = findDamage(storePath);
  if (found === undefined) return [];
  const kept = `${storePath}.damaged-${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[:T]/gu, "-")}`;
  return [
    {
      problem: `The state database is damaged: ${found}`,
      change: `- ${storePath}\n+ ${storePath} (every row that can be read)\n+ ${kept} (the damaged file, kept)`,
      isSafe: false,
      by: "us",
      run: async () => {
        const lease = takeLease(storePath);
        try {
          return recover(storePath, kept);
        } finally {
          lease.close();
        }
      },
    },
  ];
}

function recover(storePath: string, kept: string): string {
  const fresh = `${storePath}.recovered`;
  // With its write-ahead log: what is only there can be read, too.
  for (const suffix of ["", "-wal", "-shm"])
    if (existsSync(storePath + suffix)) copyFileSync(storePath + suffix, kept + suffix);
  const { rows, damaged } = recoverDatabase(kept, fresh);
  for (const suffix of ["-wal", "-shm"]) rmSync(storePath + suffix, { force: true });
  renameSync(fresh, storePath);
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  const lost = damaged.length === 0 ? "all of it" : `rows of ${damaged.join(", ")} are missing`;
  return `Saved ${total} rows (${lost}); the damaged file is ${kept}`;
}

async function service(where: Where, config: LoadedConfig): Promise<readonly Repair[]> {
  const drifts = await readServiceDrift(where, config).catch(() => []);
  if (drifts.length === 0) return [];
  return [
    {
      problem: drifts.map(({ message }) => message).join("; "),
      change: "coderclaw service install",
      isSafe: true,
      by: "service",
      run: async () => "",
    },
  ];
}
