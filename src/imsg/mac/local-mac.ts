// The Mac of an account whose imsg runs on this machine: files are copied with what a path leads to, and staged beside the media.
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile as copyLocally, link, mkdir, open, readdir, realpath, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { GatewayError, toGatewayError } from "../../model/errors.ts";
import type { AccountId } from "../../model/ids.ts";
import type { FetchLimits, Mac, StagedFile } from "../../model/ports.ts";
import type { TransportSettings } from "../../model/settings.ts";
import { COPY_TIMING, copyFile, type CopySource, type CopyTiming } from "./copy.ts";
import { plainLine } from "../../model/plain-line.ts";

/** What a Mac is made of. */
export interface MacOptions {
  readonly accountId: AccountId;
  readonly transport: TransportSettings;
  /** A folder of this machine for files on their way into the Messages of this machine; made when it is needed. */
  readonly stagingDir: string;
  readonly timing?: Partial<CopyTiming>;
}

/** This machine. */
export class LocalMac implements Mac {
  readonly isRemote = false;
  readonly name = "this machine";
  readonly #stagingDir: string;
  /** Folders in there that are in use. */
  readonly #staged = new Set<string>();
  readonly #timing: CopyTiming;

  constructor({ stagingDir, timing }: MacOptions) {
    this.#stagingDir = stagingDir;
    this.#timing = { ...COPY_TIMING, ...timing };
  }

  async fetch(path: string, to: string, limits: FetchLimits): Promise<{ readonly bytes: number }> {
    try {
      const here = path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
      // What was checked is what is opened: a link put there since leads nowhere.
      const source = await open(
        await realpath(here),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      try {
        return await copyFile(sourceOf(source), to, { limits, timing: this.#timing });
      } finally {
        await source.close();
      }
    } catch (error) {
      throw localFault(error);
    }
  }

  async stage(file: string, name: string): Promise<StagedFile> {
    const id = randomUUID();
    this.#staged.add(id);
    const folder = join(this.#stagingDir, id);
    const release = async (): Promise<void> => {
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      this.#staged.delete(id);
    };
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // imsg refuses a path that leads through a link.
      const path = join(await realpath(folder), safeName(name));
      // Another name for the same bytes, where the file system can.
      await link(file, path).catch(async () => copyLocally(file, path, constants.COPYFILE_EXCL));
      await chmod(path, 0o600);
      return { path, release };
    } catch (error) {
      await release();
      throw goneFromHere(error);
    }
  }

  async tidy(): Promise<void> {
    const names = await readdir(this.#stagingDir).catch(() => []);
    for (const name of names.filter((one) => !this.#staged.has(one)))
      await rm(join(this.#stagingDir, name), { recursive: true, force: true }).catch(() => {});
  }

  async close(): Promise<void> {}
}

function sourceOf(file: Awaited<ReturnType<typeof open>>): CopySource {
  return {
    async stat() {
      const found = await file.stat();
      return { bytes: found.size, isFile: found.isFile() };
    },
    async read(offset, onBlock) {
      const block = Buffer.alloc(256 * 1024);
      for (let at = offset; ;) {
        const { bytesRead } = await file.read(block, 0, block.length, at);
        if (bytesRead === 0) return at;
        await onBlock(block.subarray(0, bytesRead));
        at += bytesRead;
      }
    },
  };
}

const LONGEST_NAME_BYTES = 200;

/** One name in a folder, whatever was given: nothing that leads elsewhere, hides the file or breaks a line. */
export function safeName(name: string): string {
  const flat = plainLine(name.slice(0, 500).replace(/\//g, " ")).replace(/^[. ]+/u, "");
  const dot = flat.lastIndexOf(".");
  const extension = dot > 0 && flat.length - dot <= 12 ? flat.slice(dot) : "";
  const base = withinBytes(
    extension === "" ? flat : flat.slice(0, dot),
    LONGEST_NAME_BYTES - Buffer.byteLength(extension),
  );
  return base + extension === "" ? "file" : base + extension;
}

/** As many whole characters as are so many bytes. */
function withinBytes(text: string, bytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}

/** A file that was to be sent is not in the media folder any more, or cannot be read there. */
export function goneFromHere(error: unknown): GatewayError {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") return localFault(error);
  return new GatewayError("media/missing", "it is not in the media folder any more", {
    hint: "Send it again.",
    cause: error,
  });
}

/** What the file system of this machine refused, as an error fit for people. */
export function localFault(error: unknown): GatewayError {
  if (error instanceof GatewayError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return toGatewayError(error);
  if (code === "ENOENT" || code === "ENOTDIR")
    return new GatewayError("media/missing", "Messages has not downloaded it", {
      hint: "Open the chat in Messages and look at the file.",
      cause: error,
    });
  return new GatewayError("media/failed", `it cannot be copied (${code})`, {
    hint: "Look at the disk space, and at the rights of the user that runs the gateway.",
    cause: error,
  });
}
