// Makes copies of attachments in formats models can read, with ffmpeg, kept in a cache folder.

import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { readEnvironment } from "../environment.ts";

/** A converted copy. */
export interface ConvertedCopy {
  readonly path: string;
  readonly mimeType: string;
}

interface Plan {
  readonly extension: string;
  readonly mimeType: string;
  readonly options: readonly string[];
}

const SOUND: Plan = { extension: "m4a", mimeType: "audio/mp4", options: ["-c:a", "aac", "-b:a", "128k"] };
const PICTURE: Plan = { extension: "png", mimeType: "image/png", options: ["-vframes", "1"] };

/** The copy of a CAF or GIF file, made when it is not there yet; undefined for other files or when ffmpeg fails. */
export function convertAttachment(path: string, uti: string, mimeType: string): ConvertedCopy | undefined {
  const plan = planFor(path.toLowerCase(), uti.toLowerCase(), mimeType.toLowerCase());
  if (plan === undefined) return undefined;
  const copy = { path: cachePath(path, plan.extension), mimeType: plan.mimeType };
  if (existsSync(copy.path)) return copy;
  const ffmpeg = findFfmpeg();
  if (ffmpeg === undefined) return undefined;
  // Here and not above: they would be a quarter of every start, and there is hardly ever anything to convert.
  const { execFileSync } = process.getBuiltinModule("node:child_process");
  const { randomUUID } = process.getBuiltinModule("node:crypto");
  const unfinished = join(dirname(copy.path), `.${randomUUID()}.${plan.extension}`);
  try {
    mkdirSync(dirname(copy.path), { recursive: true });
    execFileSync(ffmpeg, ["-nostdin", "-y", "-i", path, ...plan.options, unfinished], {
      stdio: "ignore",
      timeout: 60_000,
    });
    renameSync(unfinished, copy.path);
    return copy;
  } catch {
    rmSync(unfinished, { force: true });
    return undefined;
  }
}

function planFor(path: string, uti: string, mimeType: string): Plan | undefined {
  if (uti === "com.apple.coreaudio-format" || path.endsWith(".caf") || mimeType === "audio/x-caf")
    return SOUND;
  if (uti === "com.compuserve.gif" || path.endsWith(".gif") || mimeType === "image/gif") return PICTURE;
  return undefined;
}

function cachePath(path: string, extension: string): string {
  const { size, mtimeMs } = statSync(path);
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha256")
    .update(`${path}|${size}|${mtimeMs / 1000}`)
    .digest("hex")
    .slice(0, 16);
  const words = basename(path, extname(path))
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join("-");
  const name = `${words.slice(0, 48) || "attachment"}-${digest}.${extension}`;
  return join(readEnvironment().cacheFolder, "imsg", "converted-attachments", name);
}

function findFfmpeg(): string | undefined {
  const folders = [
    ...readEnvironment().searchPath,
    "/opt/homebrew/bin",
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
  ];
  return folders
    .map((folder) => join(folder, "ffmpeg"))
    .find((candidate) => {
      try {
        accessSync(candidate, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
