// Runs one program once: input on stdin, bounded output, a time limit, and an end to its process group with it.
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { endProcessGroup } from "../lib/child.ts";
import { createLineSplitter } from "../lib/jsonl.ts";
import { watchMemory } from "../lib/group-memory.ts";

/** A longer line of stderr is dropped. */
const MAX_LINE_BYTES = 64 * 1024;

/** How long pipes may stay open after the group's end: a process that left the group can hold them for ever. */
const PIPE_GRACE_MS = 500;

/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What to run. */
export interface Program {
  readonly command: readonly [string, ...string[]];
  /** Contract: is there. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly input: string;
  readonly limits: ProgramLimits;
  /** Told each line of stderr. */
  readonly onErrorLine: (line: string) => void;
  /** Told of the process before it is given its input; what it answers is called when the process and its group are gone. Must not reject. */
  readonly onStarted: (pid: number) => Promise<() => Promise<void>>;
}

/** How long and how much. */
export interface ProgramLimits {
  readonly timeoutMs: number;
  /** Between SIGTERM and SIGKILL. */
  readonly killGraceMs: number;
  readonly maxOutputBytes: number;
  /** Of all in its group together; undefined: no limit. */
  readonly memoryBytes: number | undefined;
}

/** What a program wrote to stdout. */
interface Output {
  readonly output: Uint8Array;
  /** It wrote more than was kept. */
  readonly wasCut: boolean;
}

const NO_OUTPUT: Output = { output: new Uint8Array(), wasCut: false };

/** How a program ended. */
export type ProgramEnd =
  | ({ readonly kind: "exited"; readonly code: number } & Output)
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  | { readonly kind: "not-started"; readonly error: NodeJS.ErrnoException }
  | ({ readonly kind: "timed-out" } & Output)
  | { readonly kind: "too-large" }
  | { readonly kind: "aborted" };

/**
 * Runs a program to its end.
 *
 * Contract: never rejects. When it settles, the program and everything in its process group is gone; what is to outlive it must
 * leave the group. Output past `maxOutputBytes` is read and dropped, so that the program can end by itself.
 */
export async function runProgram(program: Program, signal: AbortSignal): Promise<ProgramEnd> {
  if (signal.aborted) return { kind: "aborted" };
  let child: ChildProcessWithoutNullStreams;
  try {
    child = start(program);
  } catch (error) {
    return { kind: "not-started", error: error as NodeJS.ErrnoException };
  }
  const exit = exitOf(child);
  const { pid } = child;
  // Then it may have no pipes either.
  if (pid === undefined) return toEnd(await exit);
  const output = collect(child, program.limits.maxOutputBytes);
  passErrorLines(child, program.onErrorLine);
  // A program need not read its input.
  child.stdin.on("error", () => {});
  const onGone = await program.onStarted(pid);
  child.stdin.end(program.input);

  const early = await firstOf(exit, { pid, limits: program.limits, signal });
  await endProcessGroup(pid, program.limits.killGraceMs);
  await closePipes(child);
  await onGone();
  if (early === "exit") return toEnd(await exit, output());
  return early === "timed-out" ? { kind: early, ...output() } : { kind: early };
}

function toEnd(exit: Exit, output: Output = NO_OUTPUT): ProgramEnd {
  if ("error" in exit) return { kind: "not-started", error: exit.error };
  if (exit.signal !== null) return { kind: "killed", signal: exit.signal };
  return { kind: "exited", code: exit.code ?? 0, ...output };
}

function start({ command, folder, environment }: Program): ChildProcessWithoutNullStreams {
  const [file, ...args] = command;
  return spawn(file, args, { cwd: folder, env: environment, detached: true, stdio: "pipe" });
}

type Exit =
  | { readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly error: NodeJS.ErrnoException };

async function exitOf(child: ChildProcessWithoutNullStreams): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  child.once("exit", (code, signal) => resolve({ code, signal }));
  child.on("error", (error) => {
    if (child.pid === undefined) resolve({ error });
  });
  return promise;
}

/** What comes first: its own end, one of the limits, or the abortion. */
async function firstOf(
  exit: Promise<Exit>,
  { pid, limits, signal }: { pid: number; limits: ProgramLimits; signal: AbortSignal },
): Promise<"exit" | "timed-out" | "too-large" | "aborted"> {
  const over = new AbortController();
  const cut = Promise.withResolvers<"too-large" | "aborted">();
  if (signal.aborted) return "aborted";
  signal.addEventListener("abort", () => cut.resolve("aborted"), { signal: over.signal });
  const late = delay(Math.min(limits.timeoutMs, LONGEST_TIMER_MS), "timed-out" as const, {
    signal: over.signal,
  });
  late.catch(() => {});
  const { memoryBytes } = limits;
  const unwatch =
    memoryBytes === undefined ? undefined : watchMemory(pid, memoryBytes, () => cut.resolve("too-large"));
  try {
    return await Promise.race([exit.then(() => "exit" as const), late, cut.promise]);
  } finally {
    over.abort();
    unwatch?.();
  }
}

function collect(child: ChildProcessWithoutNullStreams, maxBytes: number): () => Output {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  child.stdout.on("error", () => {});
  child.stdout.on("data", (chunk: Uint8Array) => {
    const room = maxBytes - Math.min(bytes, maxBytes);
    if (room > 0) chunks.push(chunk.subarray(0, room));
    bytes += chunk.length;
  });
  return () => ({ output: Buffer.concat(chunks), wasCut: bytes > maxBytes });
}

function passErrorLines(child: ChildProcessWithoutNullStreams, onLine: (line: string) => void): void {
  const splitter = createLineSplitter(onLine, MAX_LINE_BYTES);
  child.stderr.on("error", () => {});
  child.stderr.on("data", (chunk: Uint8Array) => splitter.push(chunk));
  child.stderr.on("end", () => splitter.end());
}

/** Waits until everything written is read; gives up on pipes that somebody outside the group holds open. */
async function closePipes(child: ChildProcessWithoutNullStreams): Promise<void> {
  const pipes = [child.stdout, child.stderr];
  const closed = pipes.map(async (pipe) => {
    if (pipe.closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    pipe.once("close", resolve);
    await promise;
  });
  const timer = setTimeout(() => {
    for (const pipe of pipes) pipe.destroy();
  }, PIPE_GRACE_MS);
  await Promise.all(closed);
  clearTimeout(timer);
}
