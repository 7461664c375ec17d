// The built programs, and processes timed from their start to their end.
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The package's root folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** `coderclaw`, built. */
export const CODERCLAW = `${ROOT}dist/coderclaw.js`;
/** `imsg-sim`, built. */
export const IMSG_SIM = `${ROOT}dist/imsg-sim.js`;

/** Now, on the clock of the stand-in's event log: epoch ms with fraction. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Starts a Node program. */
export function startNode(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, [...args], { stdio: "ignore", ...options });
}

/** Runs a Node program to its end; the answer is the time it took in ms. Contract: rejects unless it ends with `exitCode`. */
export async function timeNode(
  args: readonly string[],
  options: SpawnOptions = {},
  exitCode = 0,
): Promise<number> {
  const beganMs = nowMs();
  const code = await ended(startNode(args, options));
  const tookMs = nowMs() - beganMs;
  if (code !== exitCode) throw new Error(`${args.join(" ")} ended with ${code}`);
  return tookMs;
}

/** Settles when the process is gone, with its exit code; -1 for a signal. */
export async function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? -1));
  });
}
