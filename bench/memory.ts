// What the gateway's own process keeps in memory, and what it does while nothing happens.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { atMost, type Figure } from "./figure.ts";
import { answered, writeAll, type Load } from "./load.ts";
import { Place } from "./place.ts";

const BURST = 10_000;
const IDLE_MS = 10_000;
/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

/** Resident memory of the gateway's own process, idle and after 10,000 messages; its work while idle. */
export async function measureMemory(): Promise<Figure[]> {
  using place = await Place.make();
  const gateway = place.startGateway();
  await gateway.watching();
  await delay(2000);
  const cpuBefore = cpuMsOf(gateway.pid);
  await delay(IDLE_MS);
  const cpuMs = cpuMsOf(gateway.pid) - cpuBefore;
  const idle = residentMb(gateway.pid);
  const load: Load = { first: 1, count: BURST, chats: 100 };
  await writeAll(place, load);
  await answered(place, load);
  await delay(2000);
  const after = residentMb(gateway.pid);
  await gateway.stop();
  const floor = { name: "empty Node", value: await emptyNodeMb() };
  const unit = "MB";
  const measurement = "memory";
  return [
    { measurement, name: "resident memory, idle", value: idle, unit, floor, target: atMost(120) },
    { measurement, name: "resident memory after 10,000 messages", value: after, unit, floor },
    { measurement, name: "processor time, idle", value: (cpuMs / IDLE_MS) * 1000, unit: "ms a second" },
  ];
}

async function emptyNodeMb(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], { stdio: "ignore" });
  await delay(500);
  const mb = residentMb(child.pid ?? 0);
  child.kill();
  return mb;
}

function residentMb(pid: number): number {
  return Number(ps(pid, "rss")) / 1024;
}

function cpuMsOf(pid: number): number {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return readClock(ps(pid, "time"));
  const fields = readFileSync(file, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** `[[days-]hours:]minutes:seconds.hundredths`, as macOS says it. */
function readClock(text: string): number {
  const parts = text.split(/[-:]/u).map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0) * 1000;
}

function ps(pid: number, column: string): string {
  return execFileSync("ps", ["-o", `${column}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
}
