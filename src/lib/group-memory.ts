// Ends a program that takes more memory than it may: looks, every now and then, at all processes of its group.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

const LOOK_MS = 2000;

/**
 * Watches a group until the answer is called, or it takes more than `maxBytes`: then `onExcess` is told, once.
 *
 * What a process shares with another counts for both. A look that cannot be had is no excess.
 */
export function watchMemory(
  pid: number,
  maxBytes: number,
  onExcess: () => void,
  everyMs = LOOK_MS,
): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    const bytes = await readGroupBytes(pid).catch(() => 0);
    isLooking = false;
    if (isOver || bytes <= maxBytes) return;
    stop();
    onExcess();
  };
  let isOver = false;
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  const stop = (): void => {
    isOver = true;
    clearInterval(timer);
  };
  return stop;
}

/** Memory in use (resident) of all processes in the group that `pid` leads, in bytes. */
export async function readGroupBytes(pid: number, platform = process.platform): Promise<number> {
  return platform === "linux" ? readFromProc(pid) : readByPs(pid);
}

async function readFromProc(group: number): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const bytes = await Promise.all(pids.map(async (pid) => bytesOf(pid, group)));
  return bytes.reduce((sum, one) => sum + one, 0);
}

/** 0 for a process of another group, and for one that ended meanwhile. */
async function bytesOf(pid: string, group: number): Promise<number> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The program's name stands in brackets and may hold anything: the fields are counted from behind its last bracket.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (Number(fields[2]) !== group) return 0;
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function readByPs(group: number): Promise<number> {
  return new Promise((resolve, reject) => {
    execFile("ps", ["-axo", "pgid=,rss="], (error, stdout) => {
      if (error) return reject(error);
      const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/u).map(Number));
      resolve(rows.reduce((sum, [pgid, kib]) => sum + (pgid === group ? (kib ?? 0) * 1024 : 0), 0));
    });
  });
}
