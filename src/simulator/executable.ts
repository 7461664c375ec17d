// Runs the stand-in's executable as a child and talks to it, for tests and measurements.

import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLineSplitter } from "../lib/jsonl.ts";

const MAIN = join(import.meta.dirname, "main.ts");
/** Signals by the number a shell knows them by. */
const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGTRAP: 5,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** Node keeps stripped sources here: without it a start from source takes twice as long. */
const COMPILE_CACHE = join(tmpdir(), "imsg-sim-compile-cache");

/** How to start it. */
export interface ExecutableOptions {
  /** Besides PATH nothing else is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
}

/** A line of JSON-RPC as it came. */
export interface RpcLine {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data: unknown };
  readonly params?: Record<string, unknown>;
}

/** A running stand-in; what it wrote waits in a queue of lines. */
export class Executable {
  readonly process: ChildProcessWithoutNullStreams;
  /** Lines not taken yet. */
  readonly lines: string[] = [];
  /** The exit code, or minus the number of the signal that ended it. */
  readonly ended: Promise<number>;
  stderr = "";
  #lastId = 0;
  #wake: () => void = () => {};

  constructor(argv: readonly string[], { env = {}, cwd, uid }: ExecutableOptions = {}) {
    this.process = spawn(process.execPath, [MAIN, ...argv], {
      env: { PATH: "/usr/bin:/bin", NODE_NO_WARNINGS: "1", NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
      stdio: "pipe",
      ...(cwd === undefined ? {} : { cwd }),
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const splitter = createLineSplitter((line) => {
      this.lines.push(line);
      this.#wake();
    });
    this.process.stdout.on("data", (chunk: Buffer) => splitter.push(chunk));
    this.process.stderr.on("data", (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.process.stdin.on("error", () => {}); // it may be gone already
    this.ended = new Promise((resolve) => {
      this.process.on("close", (code, signal) => {
        splitter.end();
        this.#wake();
        resolve(code ?? -(SIGNALS[signal ?? ""] ?? 0));
      });
    });
  }

  /** Takes that many lines, waiting for them; fewer when the time is up. */
  async take(count: number, timeoutMs = 5000): Promise<string[]> {
    const deadline = Date.now() + timeoutMs;
    while (this.lines.length < count && Date.now() < deadline) {
      await this.#change(deadline - Date.now());
    }
    return this.lines.splice(0, count);
  }

  /** Takes the first line that fits, leaving the others. Contract: throws when none comes in time. */
  async find(fits: (line: RpcLine) => boolean, timeoutMs = 5000): Promise<RpcLine> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (const [index, line] of this.lines.entries()) {
        const parsed = JSON.parse(line) as RpcLine;
        if (!fits(parsed)) continue;
        this.lines.splice(index, 1);
        return parsed;
      }
      if (Date.now() >= deadline) throw new Error(`no such line; there are: ${this.lines.join("\n")}`);
      await this.#change(deadline - Date.now());
    }
  }

  /** Calls a method and waits for its answer. */
  async call(method: string, params?: object): Promise<RpcLine> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.write({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) });
    return this.find((line) => line.id === id);
  }

  /** Writes one JSON line. */
  write(value: unknown): void {
    this.process.stdin.write(`${JSON.stringify(value)}\n`);
  }

  /** Closes stdin and waits for the end. */
  async close(): Promise<number> {
    this.process.stdin.end();
    return this.ended;
  }

  /** Settles at the next line, at the end, or when the time is up. */
  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, timeoutMs));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
