// Notices commits of other processes: SQLite counts them, so asking is cheap and needs no notification between processes.
import type { Database } from "./sqlite.ts";

const POLL_MS = 200;

/** Listeners for commits of other connections. */
export interface ForeignChanges {
  /** The answer stops it. */
  add(listener: () => void): () => void;
  close(): void;
}

/** Asks only while somebody listens, and never keeps the process alive. */
export function watchForeignChanges(db: Database): ForeignChanges {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let seen: number | undefined;

  const poll = () => {
    const version = db.foreignVersion();
    if (version === undefined || version === seen) return;
    seen = version;
    for (const listener of listeners) listener();
  };
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
  };
  return {
    add(listener) {
      if (!timer) {
        seen = db.foreignVersion();
        timer = setInterval(poll, POLL_MS).unref();
      }
      // An entry of its own: the same function may be given twice and stopped once.
      const heard = () => listener();
      listeners.add(heard);
      return () => {
        listeners.delete(heard);
        if (listeners.size === 0) stop();
      };
    },
    close() {
      listeners.clear();
      stop();
    },
  };
}
