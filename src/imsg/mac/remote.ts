// The Mac of an account: the one place that knows what is local and what is remote, and how files get from there and to it.
import { createHash, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { SftpGone, SftpRefusal, type SftpSession } from "../../lib/sftp.ts";
import { CODE } from "../../lib/sftp-wire.ts";
import { GatewayError } from "../../model/errors.ts";
import type { FetchLimits, Mac, StagedFile } from "../../model/ports.ts";
import { renderRemoteHost } from "../../model/remote-host.ts";
import type { Reach, RemoteHost } from "../../model/settings.ts";
import { COPY_TIMING, copyFile, givenUp, type CopySource, type CopyTiming } from "./copy.ts";
import { goneFromHere, LocalMac, localFault, safeName, type MacOptions } from "./local-mac.ts";
import { SftpPool } from "./sftp-pool.ts";
import { copyCommand, type CommandLine } from "./ssh-command.ts";
import { bannerNoise, explainSshEnd, sshNotFound } from "./ssh-trouble.ts";

/** Copies of one account at one time. */
const MOST_AT_ONCE = 4;
/** A server that says nothing for so long while it is asked is given up. */
const SILENCE_MS = 20_000;
/** In the home folder of the Mac's user: what is on its way into Messages. */
const STAGING = ".coderclaw-staging";
/** For taking away what was sent, and what an earlier run left. */
const TIDY_MS = 30_000;
const RELEASE_MS = 3000;

/** Makes the Mac of an account; nothing is connected before it is asked for something. */
export function createMac(options: MacOptions): Mac {
  const { reach } = options.transport;
  if (reach.kind === "local") return new LocalMac(options);
  if (reach.kind === "unclear") return new UnknownMac(reach.because);
  return new RemoteMac(options, reach);
}

/** Another machine, by SFTP: names go there as bytes with their length, so that no shell and no pattern ever reads them. */
class RemoteMac implements Mac {
  readonly isRemote = true;
  readonly name: string;
  readonly #remote: RemoteHost;
  readonly #pool: SftpPool;
  readonly #timing: CopyTiming;
  /** In front of the names of our folders there; those of others are left alone. */
  readonly #mark: string;
  readonly #staged = new Set<string>();
  /** Those of them that could not be removed yet. */
  readonly #left = new Set<string>();
  #home: Promise<string> | undefined;

  constructor({ accountId, transport, timing }: MacOptions, reach: Extract<Reach, { remote: RemoteHost }>) {
    this.#remote = reach.remote;
    this.name = renderRemoteHost(reach.remote);
    this.#timing = { ...COPY_TIMING, ...timing };
    const command = copyCommandOf(reach, transport.probeTimeoutMs);
    this.#pool = new SftpPool({ ...command, silenceMs: SILENCE_MS }, MOST_AT_ONCE);
    const owner = JSON.stringify([hostname(), homedir(), accountId]);
    this.#mark = createHash("sha256").update(owner).digest("hex").slice(0, 12);
  }

  async fetch(path: string, to: string, limits: FetchLimits): Promise<{ readonly bytes: number }> {
    const { signal } = limits;
    // A connection for each look: a file that is waited for holds none.
    const source: CopySource = {
      stat: async () =>
        this.#pool.use(signal, async (session) => session.stat(await this.#there(path, session))),
      read: async (offset, onBlock) => {
        let at = offset;
        return this.#pool.use(signal, async (session) =>
          // After a connection was lost the rest is read by the next.
          session.read(await this.#there(path, session), at, async (block) => {
            await onBlock(block);
            at += block.length;
          }),
        );
      },
    };
    try {
      return await copyFile(source, to, { limits, timing: this.#timing });
    } catch (error) {
      throw this.#fault(error, signal);
    }
  }

  async stage(file: string, name: string): Promise<StagedFile> {
    const id = `${this.#mark}-${randomUUID()}`;
    this.#staged.add(id);
    const signal = new AbortController().signal;
    const source = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
      throw goneFromHere(error);
    });
    // Who sends does not wait for a line that is dead: what stays is removed with the next file, or at the next start.
    const release = async (): Promise<void> => {
      const removing = this.#remove(id).then(
        () => this.#staged.delete(id),
        () => this.#left.add(id),
      );
      await Promise.race([removing, delay(RELEASE_MS, undefined, { ref: false })]);
    };
    try {
      const path = await this.#pool.use(signal, async (session) => {
        const root = await this.#there(`~/${STAGING}`, session);
        await makeFolder(session, root);
        for (const left of this.#left) {
          await removeTree(session, `${root}/${left}`);
          this.#left.delete(left);
          this.#staged.delete(left);
        }
        const folder = `${root}/${id}`;
        await removeTree(session, folder);
        await session.makeFolder(folder, 0o700);
        // imsg refuses a path that leads through a link.
        const file = `${await session.realPath(folder)}/${safeName(name)}`;
        await session.write(file, source, signal);
        return file;
      });
      return { path, release };
    } catch (error) {
      void release();
      throw this.#fault(error, signal);
    } finally {
      await source.close();
    }
  }

  /** What an earlier run of this account left there. */
  async tidy(): Promise<void> {
    const signal = AbortSignal.timeout(TIDY_MS);
    const left = await this.#pool
      .use(signal, async (session) => session.list(await this.#there(`~/${STAGING}`, session)))
      .catch(() => []);
    for (const name of left)
      if (name.startsWith(`${this.#mark}-`) && !this.#staged.has(name))
        await this.#remove(name).catch(() => {});
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #remove(id: string): Promise<void> {
    await this.#pool.use(AbortSignal.timeout(TIDY_MS), async (session) =>
      removeTree(session, await this.#there(`~/${STAGING}/${id}`, session)),
    );
  }

  /** A path there, `~` put in: SFTP begins at the home folder, and knows no `~`. */
  async #there(path: string, session: SftpSession): Promise<string> {
    if (path !== "~" && !path.startsWith("~/")) return path;
    this.#home ??= session.realPath(".");
    const home = await this.#home.catch((error: unknown) => {
      this.#home = undefined;
      throw error;
    });
    return `${home}${path.slice(1)}`;
  }

  #fault(error: unknown, signal: AbortSignal): GatewayError {
    if (error instanceof GatewayError) return error;
    if (signal.aborted) return givenUp(error);
    if (error instanceof SftpRefusal) return this.#refused(error);
    if (!(error instanceof SftpGone)) return localFault(error);
    const { message, hint, code } = explainGone(error, this.#remote);
    return new GatewayError("media/unreachable", message, {
      hint,
      details: { code, said: error.said },
      cause: error,
    });
  }

  #refused(refusal: SftpRefusal): GatewayError {
    const { code, message } = refusal;
    if (code === CODE.noSuchFile)
      return new GatewayError("media/missing", "Messages has not downloaded it", {
        hint: "Open the chat in Messages on the Mac and look at the file.",
        cause: refusal,
      });
    const why = code === CODE.permissionDenied ? "it may not be read" : `it cannot be copied (${message})`;
    return new GatewayError("media/failed", `${why} on ${this.name}`, {
      hint: "Allow full disk access for remote users on the Mac: System Settings → General → Sharing → Remote Login.",
      cause: refusal,
    });
  }
}

/** A Mac behind a script that does not say where it goes: text works, files do not. */
class UnknownMac implements Mac {
  readonly isRemote = true;
  readonly name = "the Mac";
  readonly #because: string;

  constructor(because: string) {
    this.#because = because;
  }

  async fetch(): Promise<never> {
    throw this.#fault();
  }

  async stage(): Promise<never> {
    throw this.#fault();
  }

  async tidy(): Promise<void> {}

  async close(): Promise<void> {}

  #fault(): GatewayError {
    return new GatewayError("media/unreachable", "it is not known which Mac it is on", {
      hint: `Set remoteHost of the account: the wrapper script does not say it clearly (${this.#because}).`,
    });
  }
}

/** The command line that copies go by. */
export function copyCommandOf(
  reach: Extract<Reach, { remote: RemoteHost }>,
  probeTimeoutMs: number,
): CommandLine {
  const connectSeconds = (probeTimeoutMs * 0.8) / 1000;
  const more = reach.kind === "wrapper" ? { identityFile: reach.identityFile, options: reach.options } : {};
  return copyCommand({ remote: reach.remote, connectSeconds, ...more });
}

/** Why there is no SFTP connection. */
export function explainGone(gone: SftpGone, remote: RemoteHost): GatewayError {
  const { end, said, noise } = gone;
  if (end?.error?.code === "ENOENT") return sshNotFound();
  if (noise !== undefined) return bannerNoise(remote, noise);
  const explained = end && explainSshEnd({ code: end.code, said, remote, program: undefined });
  if (explained) return explained;
  const last = said.findLast((line) => line.trim() !== "");
  const message = `${renderRemoteHost(remote)} cannot be reached${last === undefined ? "" : `: ${last.trim().slice(0, 200)}`}`;
  return new GatewayError("ssh/unreachable", message, {
    hint: "Run `coderclaw channels status --probe` to see why.",
    cause: gone,
  });
}

async function makeFolder(session: SftpSession, path: string): Promise<void> {
  try {
    await session.makeFolder(path, 0o700);
  } catch (error) {
    // Version 3 has no code for a folder that is there.
    if (!(error instanceof SftpRefusal) || !(await session.stat(path)).isFolder) throw error;
  }
}

/** A folder with the files in it; one that is not there is well. */
async function removeTree(session: SftpSession, folder: string): Promise<void> {
  try {
    for (const name of await session.list(folder)) await session.remove(`${folder}/${name}`);
    await session.removeFolder(folder);
  } catch (error) {
    if (!(error instanceof SftpRefusal) || error.code !== CODE.noSuchFile) throw error;
  }
}
