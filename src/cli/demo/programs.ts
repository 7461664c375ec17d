// Running the demo's programs: to their end, or for as long as the demo lasts; none of them outlives it.
import { startChild, type Child } from "../../lib/child.ts";

const GRACE_MS = 3000;

/** What a finished program printed. */
export interface Finished {
  /** -1 when a signal ended it or it could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs on. */
export interface Running {
  readonly pid: number;
  readonly isOver: () => boolean;
  /** Settles when it has ended. */
  readonly over: Promise<void>;
  write(text: string): void;
  /** SIGTERM, then SIGKILL for what does not listen. */
  end(): Promise<void>;
  /** SIGKILL, given before this returns. */
  kill(): Promise<void>;
}

/** Runs a program to its end. Contract: rejects only when `signal` aborts; the program is ended then. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Finished> {
  signal.throwIfAborted();
  const output = { stdout: "", stderr: "" };
  const decoder = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const ended = Promise.withResolvers<number>();
  const take = (stream: "stdout" | "stderr") => (chunk: Uint8Array) => {
    output[stream] += decoder[stream].decode(chunk, { stream: true });
  };
  const child = startChild({
    command,
    args,
    onStdout: take("stdout"),
    onStderr: take("stderr"),
    onEnd: ({ code }) => ended.resolve(code ?? -1),
  });
  const stop = (): void => child.kill();
  signal.addEventListener("abort", stop);
  try {
    const code = await ended.promise;
    signal.throwIfAborted();
    return { code, ...output };
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Starts a program that runs on; what it prints is handed over as it comes. */
export function startProgram(
  command: string,
  args: readonly string[],
  on: { readonly stdout?: (chunk: Uint8Array) => void; readonly stderr?: (chunk: Uint8Array) => void },
): Running {
  const ended = Promise.withResolvers<void>();
  let isOver = false;
  const child: Child = startChild({
    command,
    args,
    onStdout: on.stdout ?? (() => {}),
    onStderr: on.stderr ?? (() => {}),
    onEnd: () => {
      isOver = true;
      ended.resolve();
    },
  });
  return {
    pid: child.pid ?? 0,
    isOver: () => isOver,
    over: ended.promise,
    write: (text) => void child.write(text),
    end: async () => {
      if (isOver) return;
      terminate(child.pid);
      await child.end(GRACE_MS);
    },
    kill: async () => {
      child.kill();
      await ended.promise;
    },
  };
}

/** A gateway reads nothing from stdin, so closing that (as `Child.end` does first) would only cost time. */
function terminate(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, "SIGTERM");
  } catch {
    // It ended by itself just now.
  }
}
