// A backup as one file: the state database, the config and what they need, packed; and the way back, which keeps what was there.
import { createReadStream } from "node:fs";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { create, Parser, type ReadEntry } from "tar";
import type { LoadedConfig } from "../config/read/load.ts";
import { GatewayError } from "../model/errors.ts";
import { copyDatabase, forgetPositions, inspectDatabase, type DatabaseFacts } from "../store/backup.ts";
import { takeLease } from "../store/lease.ts";

const FORMAT = 1;
const MANIFEST = "backup.json";
const DATABASE = "state.db";
const CONFIG = "coderclaw.json";
const SECRET_FILES = ["gateway.token", "service.env"] as const;
/** More than any config, token or manifest has; the database has no limit but the disk. */
const MAX_SMALL_BYTES = 16 * 1024 * 1024;

/** What is in a backup. */
export interface BackupManifest extends DatabaseFacts {
  readonly format: number;
  /** Of the product that made it. */
  readonly version: string;
  readonly createdAtMs: number;
  readonly files: readonly string[];
}

/** What a backup is made of. */
export interface BackupRequest {
  readonly file: string;
  readonly version: string;
  readonly nowMs: number;
  /** The control token and the variables of the service go in too. */
  readonly withSecrets: boolean;
  readonly onProgress: (share: number) => void;
}

/** Makes a backup, 0600; the gateway may run. Contract: the file is there whole or not at all; one that is there is not replaced. */
export async function makeBackup(
  { settings, sources }: LoadedConfig,
  request: BackupRequest,
): Promise<BackupManifest> {
  const target = resolve(request.file);
  if (await exists(target))
    throw new GatewayError("backup/file", `"${target}" already exists`, { hint: "Name another file." });
  if (!(await exists(settings.storePath)))
    throw new GatewayError("backup/file", `There is no state database at "${settings.storePath}" yet`, {
      hint: "Start the gateway once, then make the backup.",
    });
  return inTemporaryFolder(dirname(target), async (folder) => {
    await copyDatabase(settings.storePath, join(folder, DATABASE), request.onProgress);
    const facts = inspectDatabase(join(folder, DATABASE));
    const { stateDir, configFile } = sources.places;
    const wanted = [
      [configFile, CONFIG],
      ...(request.withSecrets ? SECRET_FILES.map((name) => [join(stateDir, name), name]) : []),
    ];
    const files = [DATABASE];
    for (const [from = "", name = ""] of wanted) {
      if (!(await exists(from))) continue;
      await copyFile(from, join(folder, name));
      files.push(name);
    }
    const manifest: BackupManifest = {
      format: FORMAT,
      version: request.version,
      createdAtMs: request.nowMs,
      files,
      ...facts,
    };
    await writeFile(join(folder, MANIFEST), JSON.stringify(manifest, null, 2));
    const packed = join(folder, "packed");
    await create({ cwd: folder, file: packed, gzip: true, portable: true }, [MANIFEST, ...files]);
    await chmod(packed, 0o600);
    await rename(packed, target);
    return manifest;
  });
}

/** What a restore did. */
export interface Restored {
  readonly manifest: BackupManifest;
  /** Where the files that were replaced are now. */
  readonly kept: readonly string[];
}

/** What to restore, and how. */
export interface RestoreRequest {
  readonly file: string;
  readonly nowMs: number;
  /** Messages written since the backup are history: none of them is answered. */
  readonly skipMissed: boolean;
}

/**
 * Puts a backup in place of what is there.
 *
 * Contract: everything is read and checked before anything is replaced; rejects with `backup/file` for what is no backup,
 * `store/newer` for one of a newer version, `gateway/already-running` while a gateway runs. Nothing is deleted: what was there
 * gets another name.
 */
export async function restoreBackup(
  places: { readonly storePath: string; readonly stateDir: string; readonly configFile: string },
  { file, nowMs, skipMissed }: RestoreRequest,
): Promise<Restored> {
  await mkdir(places.stateDir, { recursive: true, mode: 0o700 });
  return inTemporaryFolder(places.stateDir, async (folder) => {
    const manifest = await unpack(resolve(file), folder);
    inspectDatabase(join(folder, DATABASE));
    if (skipMissed) forgetPositions(join(folder, DATABASE));
    const lease = takeLease(places.storePath);
    try {
      const suffix = `before-restore-${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[:T]/gu, "-")}`;
      const targets = new Map(manifest.files.map((name) => [name, targetOf(name, places)]));
      const kept: string[] = [];
      // The write-ahead log belongs to the database that goes.
      for (const path of [...targets.values(), `${places.storePath}-wal`, `${places.storePath}-shm`]) {
        if (!(await exists(path))) continue;
        await rename(path, `${path}.${suffix}`);
        kept.push(`${path}.${suffix}`);
      }
      for (const [name, target] of targets) {
        await chmod(join(folder, name), 0o600);
        await rename(join(folder, name), target);
      }
      return { manifest, kept };
    } finally {
      lease.close();
    }
  });
}

function targetOf(
  name: string,
  {
    storePath,
    configFile,
    stateDir,
  }: { readonly storePath: string; readonly configFile: string; readonly stateDir: string },
): string {
  if (name === DATABASE) return storePath;
  return name === CONFIG ? configFile : join(stateDir, name);
}

/** Unpacks the files that a backup may hold and nothing else: names in an archive are somebody's text. */
async function unpack(file: string, folder: string): Promise<BackupManifest> {
  const known = new Set<string>([MANIFEST, DATABASE, CONFIG, ...SECRET_FILES]);
  const writes: Promise<void>[] = [];
  const take = (entry: ReadEntry): void => {
    const isWanted =
      known.has(entry.path) &&
      entry.type === "File" &&
      (entry.path === DATABASE || entry.size <= MAX_SMALL_BYTES);
    if (!isWanted) return entry.resume();
    const chunks: Uint8Array[] = [];
    // A database may be larger than memory; the others are small.
    const write =
      entry.path === DATABASE
        ? streamTo(entry, join(folder, entry.path))
        : collect(entry, chunks, join(folder, entry.path));
    write.catch(() => {});
    writes.push(write);
  };
  try {
    await pipeline(
      createReadStream(file),
      new Parser({ strict: true, onReadEntry: take }) as unknown as NodeJS.WritableStream,
    );
    await Promise.all(writes);
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), "utf8")) as Partial<BackupManifest>;
    const files = (manifest.files ?? []).filter((name) => known.has(name));
    for (const name of [DATABASE, ...files]) await stat(join(folder, name));
    if (manifest.format !== FORMAT) throw new Error(`its format is ${String(manifest.format)}`);
    return { ...manifest, files } as BackupManifest;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError("backup/file", `"${file}" is not a backup that this version can read: ${why}`, {
      hint: "Name a file that `coderclaw backup` made.",
      cause,
    });
  }
}

async function streamTo(entry: ReadEntry, path: string): Promise<void> {
  const { createWriteStream } = await import("node:fs");
  await pipeline(entry as unknown as NodeJS.ReadableStream, createWriteStream(path, { mode: 0o600 }));
}

async function collect(entry: ReadEntry, chunks: Uint8Array[], path: string): Promise<void> {
  entry.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  await new Promise<void>((done, failed) => {
    entry.on("end", done);
    entry.on("error", failed);
  });
  await writeFile(path, Buffer.concat(chunks), { mode: 0o600 });
}

/** Beside the target, so that what is made there is renamed into its place. */
async function inTemporaryFolder<T>(beside: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(beside, ".coderclaw-")).catch((cause: NodeJS.ErrnoException) => {
    throw new GatewayError(
      "backup/file",
      `"${beside}" cannot be written to (${cause.code ?? cause.message})`,
      {
        hint: "Name a file in a folder that exists and that you may write to.",
        cause,
      },
    );
  });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** The name a backup gets when none is given. */
export function backupName(nowMs: number): string {
  return basename(`coderclaw-${new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "")}.tar.gz`);
}
