// The floors: what an empty Node, a bare pipe and one durable commit cost on this machine now.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import type { Figure } from "./figure.ts";
import { median } from "./figure.ts";
import { timeNode } from "./programs.ts";

const ECHOES = 500;
const COMMITS = 500;
const STARTS = 15;
const ECHO = "process.stdin.on('data', (chunk) => process.stdout.write(chunk))";

/** The floors of one run. */
export interface Floors {
  /** Start to end of a Node that has nothing to do, in ms. */
  readonly emptyNodeMs: number;
  /** A line to a Node child and back, in ms. */
  readonly pipeEchoMs: number;
  /** One insertion with `synchronous = FULL` on the disk of the temporary folder, in ms. */
  readonly commitMs: number;
}

/** Measures them. */
export async function measureFloors(): Promise<Floors> {
  const dir = mkdtempSync(join(tmpdir(), "coderclaw-bench-floor-"));
  try {
    const startTimes: number[] = [];
    const empty = emptyProgram(dir);
    for (let round = 0; round < STARTS; round += 1) startTimes.push(await timeNode([empty]));
    return {
      emptyNodeMs: median(startTimes),
      pipeEchoMs: median(await echoTimes()),
      commitMs: median(commitTimes(join(dir, "floor.db"))),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Writes a program that does nothing; the answer is its path. */
export function emptyProgram(dir: string): string {
  const path = join(dir, "empty.js");
  writeFileSync(path, "");
  return path;
}

/** The floors as rows of the table. */
export function floorFigures(floors: Floors): readonly Figure[] {
  const measurement = "floors";
  return [
    { measurement, name: "floor: empty Node start", value: floors.emptyNodeMs, unit: "ms" },
    { measurement, name: "floor: pipe echo", value: floors.pipeEchoMs, unit: "ms" },
    { measurement, name: "floor: one SQLite commit", value: floors.commitMs, unit: "ms" },
  ];
}

async function echoTimes(): Promise<number[]> {
  const child = spawn(process.execPath, ["-e", ECHO], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const times: number[] = [];
  for (let round = 0; round <= ECHOES; round += 1) {
    const beganMs = performance.now();
    child.stdin.write('{"jsonrpc":"2.0","id":1}\n');
    await lines.next();
    // The first one waits for the child's start.
    if (round > 0) times.push(performance.now() - beganMs);
  }
  child.kill();
  return times;
}

function commitTimes(path: string): number[] {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE floor (value TEXT)");
  const insert = db.prepare("INSERT INTO floor VALUES (?)");
  const times = Array.from({ length: COMMITS }, () => {
    const beganMs = performance.now();
    insert.run("x".repeat(1000));
    return performance.now() - beganMs;
  });
  db.close();
  return times;
}
