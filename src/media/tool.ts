// Runs one program of the machine on one file: no shell, a process group of its own, bounded in time, memory and output.
import { access, constants, readdir, lstat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { startChild, type ChildEnd } from "../lib/child.ts";
import { watchMemory } from "../lib/group-memory.ts";

/** How often memory and output are measured, in ms. */
const LOOK_MS = 250;
/** Kept of what a program says on stderr, in characters. */
const SAID = 300;

/** One run. */
export interface ToolRun {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  /** Where it writes. */
  readonly folder: string;
  readonly searchPath: readonly string[];
  readonly timeoutMs: number;
  /** More than that in the folder ends it. */
  readonly maxBytes: number;
  /** More memory than that, in all its processes, ends it. */
  readonly memoryBytes: number;
  readonly signal: AbortSignal;
}

/** The program's absolute path; undefined when no folder of the search path has one that may be executed. */
export async function findTool(name: string, searchPath: readonly string[]): Promise<string | undefined> {
  for (const folder of searchPath.filter((one) => isAbsolute(one))) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

/**
 * Runs a program to its end. The answer is why it came to nothing, in a few words; undefined when it exited with 0.
 *
 * Contract: never rejects. Its process group is gone when this settles.
 */
export async function runTool(run: ToolRun): Promise<string | undefined> {
  if (run.signal.aborted) return "it was stopped";
  const ended = Promise.withResolvers<ChildEnd>();
  let said = "";
  const child = startChild({
    command: run.program,
    args: run.args,
    cwd: run.folder,
    // Nothing of the gateway's own environment is a converter's business.
    env: { PATH: run.searchPath.join(":"), LC_ALL: "C" },
    onStdout: () => {},
    onStderr: (chunk) => {
      said = (said + Buffer.from(chunk).toString("utf8")).slice(-SAID);
    },
    onEnd: ended.resolve,
  });
  let reason: string | undefined;
  const giveUp = (because: string): void => {
    reason ??= because;
    child.kill();
  };
  const onAbort = (): void => giveUp("it was stopped");
  run.signal.addEventListener("abort", onAbort);
  const late = setTimeout(() => giveUp(`it took more than ${run.timeoutMs / 1000} s`), run.timeoutMs);
  const measure = async (): Promise<void> => {
    if ((await sizeOf(run.folder)) > run.maxBytes) giveUp("its output is too large");
  };
  const look = setInterval(() => void measure(), LOOK_MS);
  const unwatch = watchMemory(
    child.pid ?? 0,
    run.memoryBytes,
    () => giveUp(`it took more than ${Math.floor(run.memoryBytes / 1024 / 1024)} MB of memory`),
    LOOK_MS,
  );
  const end = await ended.promise;
  unwatch();
  clearTimeout(late);
  clearInterval(look);
  run.signal.removeEventListener("abort", onAbort);
  return reason ?? describe(end, said);
}

function describe({ code, signal, error }: ChildEnd, said: string): string | undefined {
  if (error) return `it could not be started (${error.code ?? error.message})`;
  if (code === 0) return undefined;
  const last = said.trim().split("\n").at(-1) ?? "";
  const how = signal === null ? `exit code ${code}` : `ended by ${signal}`;
  return last === "" ? how : `${how}: ${last}`;
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await lstat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
