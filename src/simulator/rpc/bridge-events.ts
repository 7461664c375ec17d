// A subscription to what the bridge sees: somebody types, or stops. It begins at the end of the log and resumes nothing.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { bridgeLogPath } from "../bridge-log.ts";

const LOOK_MS = 50;

/** Reads the log as it grows. */
export class BridgeEvents {
  readonly #path: string;
  readonly #tell: (event: unknown) => void;
  #at: number;
  #rest = "";
  #timer: NodeJS.Timeout | undefined;

  /** Fixes the place: what is written from now on is told. */
  constructor(dbPath: string, tell: (event: unknown) => void) {
    this.#path = bridgeLogPath(dbPath);
    this.#tell = tell;
    this.#at = this.#size();
  }

  /** Begins to look. */
  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Ends without a word. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const size = this.#size();
    if (size <= this.#at) return;
    const bytes = Buffer.alloc(size - this.#at);
    const file = openSync(this.#path, "r");
    try {
      this.#at += readSync(file, bytes, 0, bytes.length, this.#at);
    } finally {
      closeSync(file);
    }
    const lines = `${this.#rest}${bytes.toString("utf8")}`.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#tell(JSON.parse(line));
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
