// The media folder: files under the hash of what is in them, bounded in all, the oldest dropped first.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, lstat, mkdir, readdir, rename, rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ConversationId } from "../model/ids.ts";
import { conversationFolder } from "../model/media.ts";

/** What the taken files may fill together, in bytes. */
export const MOST_BYTES = 2 * 1024 * 1024 * 1024;

/** A taken file: SHA-256 of what came, and an extension. Other names in the folder are somebody else's. */
const KEPT = /^[0-9a-f]{64}\.[a-z0-9]+$/u;
/** The part of a conversation. */
const CONVERSATION = /^c\d+$/u;
/** A file on its way in. */
const PART = ".part-";
/** No part is on its way for longer, in ms. */
const LONGEST_PART_MS = 60 * 60_000;

/** True for the name that a file has in the folder, which says nothing of what it was called. */
export function isKeptName(name: string): boolean {
  return KEPT.test(name);
}

/** Holds the files that agents are given. */
export class MediaFolder {
  readonly path: string;
  readonly #maxBytes: number;
  /** How often each file is in use. */
  readonly #held = new Map<string, number>();
  #opening: Promise<void> | undefined;
  /** No less than what is there: scanned when that would be too much. */
  #bytes = 0;
  #dropping: Promise<void> | undefined;

  constructor(path: string, maxBytes = MOST_BYTES) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /** A new path in the folder, for a file or a folder on its way in. */
  async newPart(): Promise<string> {
    this.#opening ??= this.#open();
    try {
      await this.#opening;
    } catch (cause) {
      this.#opening = undefined;
      throw cause;
    }
    return join(this.path, `${PART}${randomBytes(12).toString("hex")}`);
  }

  /** The path that a file with this hash and extension has; in the part of a conversation, if it is one's. */
  pathOf(hash: string, extension: string, conversationId?: ConversationId): string {
    const folder = conversationId === undefined ? this.path : conversationFolder(this.path, conversationId);
    return join(folder, `${hash}.${extension}`);
  }

  /**
   * Puts a part into its place and holds it there; older files are dropped if there is no more room.
   *
   * Contract: the part is gone. What lay there under the same name is replaced, by the same content.
   */
  async keep(part: string, place: string): Promise<void> {
    await chmod(part, 0o600);
    // However it was copied, it is new here.
    const now = new Date();
    await utimes(part, now, now);
    const { size } = await lstat(part);
    this.hold(place);
    try {
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await rename(part, place);
    } catch (cause) {
      this.release(place);
      throw cause;
    }
    this.#bytes += size;
    if (this.#bytes > this.#maxBytes) await this.#drop();
  }

  /** Size of the plain file that lies there, which counts as new then; undefined when there is none, or an empty one. */
  async find(place: string): Promise<number | undefined> {
    const found = await lstat(place).catch(() => undefined);
    if (!found?.isFile() || found.size === 0) return undefined;
    const now = new Date();
    await utimes(place, now, now);
    return found.size;
  }

  /** A file is in use: it is not dropped until it is released as often as it was held. */
  hold(place: string): void {
    this.#held.set(place, (this.#held.get(place) ?? 0) + 1);
  }

  release(place: string): void {
    const left = (this.#held.get(place) ?? 0) - 1;
    if (left > 0) this.#held.set(place, left);
    else this.#held.delete(place);
  }

  async #open(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await chmod(this.path, 0o700);
    for (const name of await readdir(this.path)) if (name.startsWith(PART)) await this.#removeLeft(name);
    await this.#drop();
  }

  /** What a process that was killed left behind. A young part may be another process's, such as the command line's. */
  async #removeLeft(name: string): Promise<void> {
    const path = join(this.path, name);
    const found = await lstat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > LONGEST_PART_MS)
      await rm(path, { recursive: true, force: true });
  }

  async #drop(): Promise<void> {
    const dropping = (this.#dropping ??= this.#dropOldest());
    try {
      await dropping;
    } finally {
      this.#dropping = undefined;
    }
  }

  async #dropOldest(): Promise<void> {
    const files = await this.#list();
    this.#bytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of files.toSorted((one, other) => one.usedAtMs - other.usedAtMs)) {
      if (this.#bytes <= this.#maxBytes) return;
      if (this.#held.has(path)) continue;
      await rm(path, { force: true });
      this.#bytes -= bytes;
    }
  }

  async #list(): Promise<readonly KeptFile[]> {
    const names = await readdir(this.path);
    const folders = names.filter((name) => CONVERSATION.test(name)).map((name) => join(this.path, name));
    return (await Promise.all([this.path, ...folders].map(listKept))).flat();
  }
}

interface KeptFile {
  readonly path: string;
  readonly bytes: number;
  readonly usedAtMs: number;
}

async function listKept(folder: string): Promise<readonly KeptFile[]> {
  // A folder that somebody else put a file, or a link, in the place of has nothing of ours.
  const isFolder = await lstat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const names = isFolder ? (await readdir(folder)).filter((name) => KEPT.test(name)) : [];
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const found = await lstat(path).catch(() => undefined);
      return found ? [{ path, bytes: found.size, usedAtMs: found.mtimeMs }] : [];
    }),
  );
  return files.flat();
}

/** SHA-256 of a file, in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
