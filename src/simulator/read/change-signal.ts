// Tells when a database file was written to by anyone, from the events of its folder.

import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/** Told that the database may have changed. */
export type ChangeListener = () => void;

/** One watch on the database's folder, shared by all who listen; it lasts while there are listeners. */
export class ChangeSignal {
  readonly #path: string;
  readonly #listeners = new Set<ChangeListener>();
  #watcher: FSWatcher | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Adds a listener. Returns what removes it. */
  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    this.#watcher ??= this.#open();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#watcher?.close();
      this.#watcher = undefined;
    };
  }

  /** The folder is watched, not the files: they come, go and are replaced. */
  #open(): FSWatcher | undefined {
    const name = basename(this.#path);
    const names = new Set([name, `${name}-wal`, `${name}-journal`]);
    try {
      const watcher = watch(dirname(this.#path), (_event, file) => {
        if (file !== null && !names.has(file)) return;
        for (const listener of this.#listeners) listener();
      });
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      return undefined; // the fallback poll remains
    }
  }
}
