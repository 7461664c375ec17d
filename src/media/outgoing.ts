// Files on their way out: checked, copied into the media folder as they are at that moment, and told by what is in them.
import { constants, type Stats } from "node:fs";
import { lstat, open, realpath, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, isAbsolute, relative, resolve, sep } from "node:path";
import type { Media, OutboundFile } from "../model/media.ts";
import { isKeptName, type MediaFolder } from "./folder.ts";
import { identify } from "./identify.ts";
import { nameForSending } from "./outgoing-name.ts";
import { refuse, Sink, tooLarge } from "./outgoing-sink.ts";
import type { WebFiles } from "./outgoing-web.ts";

type Bounds = Parameters<Media["outgoing"]>[1];

/** What copying from somewhere gives. */
interface Copied {
  readonly hash: string;
  readonly bytes: number;
  /** As it is called where it came from. */
  readonly name: string;
}

/** Takes files that are to be sent. */
export class OutgoingFiles {
  readonly #folder: MediaFolder;
  readonly #web: WebFiles;

  constructor(folder: MediaFolder, web: WebFiles) {
    this.#folder = folder;
    this.#web = web;
  }

  /** See `Media.outgoing`. */
  async take(source: string, by: Bounds): Promise<OutboundFile> {
    const part = await this.#folder.newPart();
    try {
      const copied = await this.#copy(source, part, by);
      if (copied.bytes === 0) throw refuse("media/not-a-file", `${source} is empty`);
      const kind = await identify(part, copied.name);
      const path = this.#folder.pathOf(copied.hash, kind.extension);
      await this.#folder.keep(part, path);
      // It is the newest of the folder, and the oldest are dropped first: it is sent long before its turn comes.
      this.#folder.release(path);
      const isUnnamed = by.title !== undefined && by.title !== "" && isKeptName(copied.name);
      const name = nameForSending(isUnnamed ? by.title : copied.name, kind);
      return { path, name, mimeType: kind.mimeType, bytes: copied.bytes };
    } finally {
      await rm(part, { force: true });
    }
  }

  async #copy(source: string, part: string, by: Bounds): Promise<Copied> {
    const target = await open(part, "wx", 0o600);
    try {
      if (/^https:/iu.test(source)) return await this.#web.download(source, target, by);
      return await this.#copyLocal(source, target, by);
    } finally {
      await target.close();
    }
  }

  async #copyLocal(source: string, target: FileHandle, by: Bounds): Promise<Copied> {
    const { path, file } = await this.#openInside(source, by);
    try {
      const { size } = await file.stat();
      if (size > by.maxBytes) throw tooLarge(source, by.maxBytes);
      const sink = new Sink(target, { source, maxBytes: by.maxBytes });
      for await (const chunk of file.createReadStream({ autoClose: false, signal: by.signal }))
        await sink.write(chunk as Uint8Array);
      return { ...sink.end(), name: basename(path) };
    } finally {
      await file.close();
    }
  }

  /** Opens a plain file inside of one of the folders, links resolved. What is opened is what was checked. */
  async #openInside(
    source: string,
    { roots, isByHand }: Bounds,
  ): Promise<{ path: string; file: FileHandle }> {
    const [first = "/"] = roots;
    const path = resolve(first, source);
    const real = await resolved(source, path);
    await this.#requireAllowed(source, real, roots);
    // Told before it is opened: opening a device may do something.
    if (!(await look(source, real)).isFile()) throw refuse("media/not-a-file", `${source} is no plain file`);
    const file = await openPlain(source, real);
    try {
      const found = await file.stat();
      const now = await look(source, await resolved(source, path));
      const isSame = found.isFile() && found.dev === now.dev && found.ino === now.ino;
      if (!isSame || (await resolved(source, path)) !== real)
        throw refuse("media/outside", `${source} was changed while it was looked at`);
      // Its other name may be that of a key, or of another conversation's picture.
      if (found.nlink > 1 && isByHand !== true)
        throw refuse(
          "media/outside",
          `${source} has another name elsewhere (a hard link); a copy of it can be sent`,
        );
      return { path, file };
    } catch (cause) {
      await file.close();
      throw cause;
    }
  }

  /** The state folder has the token and everybody's messages: only its media folder, and a root within it, are for sending. */
  async #requireAllowed(source: string, real: string, roots: readonly string[]): Promise<void> {
    const media = await realpath(this.#folder.path);
    const state = dirname(media);
    const all = await Promise.all(roots.map(async (root) => realpath(root).catch(() => root)));
    const within = all.filter((root) => isInside(real, root));
    if (within.length === 0)
      throw refuse("media/outside", `${source} is not in a folder that files are sent from`);
    const isPrivate =
      isInside(real, state) && !within.some((root) => root === media || isInside(root, state));
    if (isPrivate) throw refuse("media/outside", `${source} is in the gateway's own folder`);
  }
}

async function resolved(source: string, path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw refuse("media/missing", `${source} is not there`, cause);
  }
}

async function look(source: string, real: string): Promise<Stats> {
  try {
    return await lstat(real);
  } catch (cause) {
    throw refuse("media/missing", `${source} is not there`, cause);
  }
}

async function openPlain(source: string, real: string): Promise<FileHandle> {
  try {
    return await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT")
      throw refuse("media/missing", `${source} is not there`, cause);
    throw refuse("media/failed", `${source} cannot be read by the gateway`, cause);
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
