// The simulator's real executable as a child, its stdout as a queue of lines.

import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { join } from "node:path";
import { createLineSplitter } from "../../src/lib/jsonl.ts";

const MAIN = join(import.meta.dirname, "..", "..", "src", "simulator", "main.ts");

/** How to start it. */
export interface ChildOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid?: number;
}

/** How it ended: an exit code, or minus the number of the signal, as the recorder wrote it. */
const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: -1, SIGINT: -2, SIGPIPE: -13, SIGTERM: -15 };

/** A running simulator. */
export class Child {
  readonly process: ChildProcessWithoutNullStreams;
  /** Lines not taken yet. */
  readonly lines: string[] = [];
  readonly ended: Promise<number>;
  stderr = "";
  #wake: () => void = () => {};

  constructor(argv: readonly string[], options: ChildOptions) {
    this.process = spawn(process.execPath, [MAIN, ...argv], {
      cwd: options.cwd,
      env: { PATH: process.env["PATH"] ?? "", NODE_NO_WARNINGS: "1", ...options.env },
      stdio: "pipe",
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
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
        resolve(code ?? SIGNALS[signal ?? ""] ?? -1);
      });
    });
  }

  /** Takes that many lines, waiting for them; fewer when the time is up. */
  async take(count: number, timeoutMs: number): Promise<string[]> {
    const deadline = Date.now() + timeoutMs;
    while (this.lines.length < count && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, Math.max(1, deadline - Date.now()));
      });
    }
    return this.lines.splice(0, count);
  }
}
