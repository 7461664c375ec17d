// SFTP connections to one Mac: a few at once, kept for a while for what comes next, each given up with what it is asked for.
import { SftpGone, SftpSession, type SftpOptions } from "../../lib/sftp.ts";

/** A connection that is not used for so long is closed. */
const IDLE_MS = 30_000;

/** Contract: at most `most` are used at once; who comes later waits. */
export class SftpPool {
  readonly #options: SftpOptions;
  readonly #most: number;
  readonly #idle: SftpSession[] = [];
  readonly #waiters = new Set<() => void>();
  #used = 0;
  #closing: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SftpOptions, most: number) {
    this.#options = options;
    this.#most = most;
  }

  /**
   * Gives a connection to `work`, once more with a new one if one that was kept turns out to be dead. When the signal aborts, the
   * connection is given up: nothing else ends what a server does not answer. Rejects with what `work` and the opening reject with.
   */
  async use<T>(signal: AbortSignal, work: (session: SftpSession) => Promise<T>): Promise<T> {
    await this.#place(signal);
    try {
      for (;;) {
        const kept = this.#takeIdle();
        try {
          return await this.#with(kept, signal, work);
        } catch (error) {
          if (kept === undefined || !(error instanceof SftpGone) || signal.aborted) throw error;
        }
      }
    } finally {
      this.#used -= 1;
      const [next] = this.#waiters;
      next?.();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#closing);
    await Promise.all(this.#idle.splice(0).map(async (session) => session.close()));
  }

  async #with<T>(
    kept: SftpSession | undefined,
    signal: AbortSignal,
    work: (session: SftpSession) => Promise<T>,
  ): Promise<T> {
    const opening = kept ?? SftpSession.open(this.#options);
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => {});
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    let session: SftpSession | undefined;
    try {
      session = await Promise.race([opening, aborted.promise]);
      return await Promise.race([work(session), aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      if (signal.aborted)
        void Promise.resolve(opening)
          .then((late) => late.kill())
          .catch(() => {});
      else if (session !== undefined) this.#keep(session);
    }
  }

  #takeIdle(): SftpSession | undefined {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop())
      if (!session.isOver) return session;
    return undefined;
  }

  #keep(session: SftpSession): void {
    if (session.isOver) return;
    if (this.#isClosed) return void session.close();
    this.#idle.push(session);
    clearTimeout(this.#closing);
    this.#closing = setTimeout(() => {
      for (const idle of this.#idle.splice(0)) void idle.close();
    }, IDLE_MS).unref();
  }

  async #place(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#used >= this.#most) {
      const free = Promise.withResolvers<void>();
      const wake = (): void => free.resolve();
      this.#waiters.add(wake);
      signal.addEventListener("abort", wake);
      await free.promise;
      signal.removeEventListener("abort", wake);
      this.#waiters.delete(wake);
      signal.throwIfAborted();
    }
    this.#used += 1;
  }
}
