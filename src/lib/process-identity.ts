// Tells one process from a later one that was given its number again, by when it started.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { endProcessGroup } from "./child.ts";

/** A process, for ever. */
export interface Identity {
  readonly pid: number;
  /** When it started, as the operating system words it: clock ticks since boot on Linux, a date elsewhere. */
  readonly started: string;
}

/**
 * The identity of the process that has this number now; undefined when there is none (a zombie is none). Contract: rejects where that
 * cannot be told, such as when no file can be opened.
 */
export async function readIdentity(pid: number): Promise<Identity | undefined> {
  const started = process.platform === "linux" ? await startedOnLinux(pid) : await startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

/** Whether that very process still lives. */
export async function isAlive(identity: Identity): Promise<boolean> {
  return (await readIdentity(identity.pid))?.started === identity.started;
}

/**
 * Ends that very process and its group, if it still lives, or what is left of the group without it.
 *
 * Contract: never signals a later process of the same number: as long as a group is there, no process is given its number.
 */
export async function endIdentified(identity: Identity, graceMs: number): Promise<void> {
  // Where it cannot be told whose number that is, nobody is signalled.
  const now = await readIdentity(identity.pid).catch(() => ({ started: "cannot be told" }));
  if (now === undefined || now.started === identity.started) await endProcessGroup(identity.pid, graceMs);
}

async function startedOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ESRCH") return undefined;
    throw cause;
  });
  if (stat === undefined) return undefined;
  // The program's name stands in brackets and may hold anything: the fields are counted from behind its last bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19];
}

function startedByPs(pid: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    // The date is compared as text: every reader must have it in one language.
    const command = ["LC_ALL=C", "ps", "-o", "stat=,lstart=", "-p", String(pid)];
    execFile("/usr/bin/env", command, (error, stdout) => {
      // A number is the exit code of `ps`, which found nothing; a word says that it could not be run.
      if (typeof error?.code === "string") return reject(error);
      const [stat, ...started] = stdout.trim().split(/\s+/u);
      const gone = error !== null || stat === undefined || stat.startsWith("Z") || started.length === 0;
      resolve(gone ? undefined : started.join(" "));
    });
  });
}
