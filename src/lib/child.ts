// One child process with a process group of its own, so that ending it ends what it started too.
import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;
const AFTER_KILL_MS = 1000;

/** Why a child is no more. `error` is the operating system's when it could not be started (`ENOENT`, `EACCES`). */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error: NodeJS.ErrnoException | undefined;
}

/** What to start and who listens. */
export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly onStdout: (chunk: Uint8Array) => void;
  readonly onStderr: (chunk: Uint8Array) => void;
  /** Called once, after the last output was handed over. */
  readonly onEnd: (end: ChildEnd) => void;
}

/** A started child. */
export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Writes to its stdin; false when there is nobody to read it. Contract: never throws. */
  write(data: string | Uint8Array): boolean;
  /** Stops and restarts the reading of its stdout; the child blocks once the pipe is full. */
  pauseOutput(): void;
  resumeOutput(): void;
  /** Ends it: closes stdin, after `graceMs` SIGTERM, after `killGraceMs` (default: the same again) SIGKILL, the last two to the group. */
  end(graceMs: number, killGraceMs?: number): Promise<void>;
  /** SIGKILL to the whole group, at once. */
  kill(): void;
}

/** Failures to start that time gets over: the machine, or this process, is short of something. */
const SHORTAGES: ReadonlySet<string> = new Set(["EAGAIN", "ENOMEM", "EMFILE", "ENFILE"]);

/** True for an error of the operating system that says that something is used up for now. */
export function isShortage(error: NodeJS.ErrnoException | undefined): boolean {
  return SHORTAGES.has(error?.code ?? "");
}

/** Starts a child. Contract: never throws; a failure to start arrives as `onEnd` with `error`, after this has returned. */
export function startChild(options: ChildOptions): Child {
  const tried = trySpawn(options);
  if ("error" in tried) {
    process.nextTick(() => options.onEnd({ code: null, signal: null, error: tried.error }));
    return NO_CHILD;
  }
  const { child } = tried;
  let isOver = false;
  let error: NodeJS.ErrnoException | undefined;
  const over = Promise.withResolvers<void>();
  const finish = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (isOver) return;
    isOver = true;
    options.onEnd({ code, signal, error });
    over.resolve();
  };

  // Where not even pipes could be had there are none, whatever the types say.
  const { stdin, stdout, stderr } = child as Pipes;
  stdout?.on("data", options.onStdout);
  stderr?.on("data", options.onStderr);
  // EPIPE says only that the child is gone; `close` tells it better.
  for (const pipe of [stdin, stdout, stderr]) pipe?.on("error", () => {});
  child.on("error", (thrown) => {
    error = thrown;
    if (child.pid === undefined) finish(null, null);
  });
  // A grandchild that inherited stdout can hold `close` back for ever: the rest of the group goes with its leader.
  child.on("exit", (code, signal) => {
    signalGroup(child.pid, "SIGKILL");
    stdout?.resume();
    setTimeout(() => finish(code, signal), AFTER_KILL_MS).unref();
  });
  child.on("close", finish);

  return {
    pid: child.pid,
    write(data) {
      if (isOver || stdin?.writable !== true) return false;
      stdin.write(data);
      return true;
    },
    pauseOutput: () => void stdout?.pause(),
    resumeOutput: () => void stdout?.resume(),
    async end(graceMs, killGraceMs = graceMs) {
      if (isOver) return;
      // Output that nobody reads any more must not keep the child from ending.
      stdout?.resume();
      stdin?.end();
      if (await settledWithin(over.promise, graceMs)) return;
      await endProcessGroup(child.pid ?? 0, killGraceMs);
      await settledWithin(over.promise, AFTER_KILL_MS * 2);
    },
    kill: () => signalGroup(child.pid, "SIGKILL"),
  };
}

type Pipes = Partial<Pick<ChildProcess, "stdin" | "stdout" | "stderr">>;

/** One that could not be started. */
const NO_CHILD: Child = {
  pid: undefined,
  write: () => false,
  pauseOutput: () => {},
  resumeOutput: () => {},
  end: async () => {},
  kill: () => {},
};

/** Some failures to start are thrown, others are told later. */
function trySpawn(
  options: ChildOptions,
): { readonly child: ChildProcess } | { readonly error: NodeJS.ErrnoException } {
  try {
    const child = spawn(options.command, options.args, {
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    return { child };
  } catch (error) {
    return { error: error as NodeJS.ErrnoException };
  }
}

/**
 * Ends a process and everything in its process group: SIGTERM, then SIGKILL once `graceMs` have passed.
 *
 * Contract: `pid` leads its own group (it was started `detached`). Never rejects; settles when the group is gone, or shortly after
 * the SIGKILL. A pid that is no more is no error.
 */
export async function endProcessGroup(pid: number, graceMs: number): Promise<void> {
  signalGroup(pid, "SIGTERM");
  if (await groupGoneWithin(pid, graceMs)) return;
  signalGroup(pid, "SIGKILL");
  await groupGoneWithin(pid, AFTER_KILL_MS);
}

/** Signals the group that `pid` leads; one that is gone, or was never there, is no error. */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  // 0 and 1 would reach our own group, or everybody.
  if (pid === undefined || pid <= 1) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

async function groupGoneWithin(pid: number, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  while (signalGroup(pid, 0)) {
    if (performance.now() >= until) return false;
    await delay(POLL_MS);
  }
  return true;
}

async function settledWithin(promise: Promise<void>, withinMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(withinMs, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([promise.then(() => true), late]);
  timer.abort();
  return inTime;
}
