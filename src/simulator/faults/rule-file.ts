// Owns a faults file: reads it again whenever it changed, tells when it did.

import { readFileSync, statSync, watch } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { FaultsError, parseRules } from "./rules.ts";
import type { Rule } from "./rules.ts";

/** A writer that empties a file before it fills it is given this long, in milliseconds. */
const GRACE_MS = 200;
const RETRY_MS = 5;

/** The rules in force. */
export class RuleFile {
  readonly path: string;
  readonly #refuse: (error: FaultsError) => never;
  #version = "";
  #rules: readonly Rule[] = [];

  /** `refuse` is told what is wrong with the file, now or later. */
  constructor(path: string, refuse: (error: FaultsError) => never) {
    this.path = resolve(path);
    this.#refuse = refuse;
    if (versionOf(this.path) === "") refuse(new FaultsError("there is no such file"));
    this.#refresh();
  }

  /** Changes whenever the file is written. */
  get version(): string {
    this.#refresh();
    return this.#version;
  }

  /** The rules as the file has them now. A file that is gone has none. */
  rules(): readonly Rule[] {
    this.#refresh();
    return this.#rules;
  }

  /** Calls back after each change, also when nobody asks for the rules. Does not keep the process alive. */
  onChange(listener: () => void): void {
    let seen = this.#version;
    const name = basename(this.path);
    const watcher = watch(dirname(this.path), { persistent: false }, (_event, file) => {
      if ((file !== null && file !== name) || this.version === seen) return;
      seen = this.#version;
      listener();
    });
    watcher.on("error", () => watcher.close());
  }

  #refresh(): void {
    for (let waitedMs = 0; versionOf(this.path) !== this.#version; waitedMs += RETRY_MS) {
      const version = versionOf(this.path);
      try {
        this.#rules = version === "" ? [] : parseRules(readFileSync(this.path, "utf8"));
        this.#version = version; // asked again by the loop: the file may have changed while it was read
      } catch (error) {
        if (isMissing(error)) continue;
        if (!(error instanceof FaultsError)) throw error;
        if (waitedMs >= GRACE_MS) this.#refuse(error);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
  }
}

function versionOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? "" : `${found.ino}-${found.mtimeNs}-${found.size}`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
