// Load: numbered messages from many people, all at once or so many a second, and what became of each.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { until, type SimEvent } from "./event-log.ts";
import type { Place } from "./place.ts";
import { nowMs } from "./programs.ts";

const TICK_MS = 5;

/** Messages to be written: `count` of them, their numbers from `first` on, from so many chats in turn. */
export interface Load {
  readonly first: number;
  readonly count: number;
  readonly chats: number;
}

/** Writes a load at once; settles when all rows are in the database. */
export async function writeAll(place: Place, load: Load): Promise<void> {
  const receiver = place.startReceiving();
  for (let at = 0; at < load.count; at += 1) receiver.stdin?.write(line(load, at));
  await finish(receiver);
}

/** Writes a load at a pace; settles when all rows are in the database. */
export async function writePaced(place: Place, load: Load, perSecond: number): Promise<void> {
  const receiver = place.startReceiving();
  // One more ahead of the others, so that the pace begins with a receiver that is under way.
  receiver.stdin?.write(line({ ...load, first: load.first - 1 }, 0));
  await answered(place, { ...load, first: load.first - 1, count: 1 });
  const beganMs = nowMs();
  for (let written = 0; written < load.count;) {
    const due = Math.min(load.count, Math.floor(((nowMs() - beganMs) * perSecond) / 1000) + 1);
    for (; written < due; written += 1) receiver.stdin?.write(line(load, written));
    await delay(TICK_MS);
  }
  await finish(receiver);
}

/** Waits until every message of a load has been answered; the answer is the last answer's moment. */
export async function answered(place: Place, load: Load, timeoutMs = 120_000): Promise<number> {
  const missing = new Set(Array.from({ length: load.count }, (_, at) => load.first + at));
  let next = 0;
  return until(
    "answers to all",
    () => {
      const events = place.events.read();
      for (; next < events.length; next += 1) {
        const event = events[next];
        if (event?.event !== "sent") continue;
        for (const number of numbersIn(event.text)) missing.delete(number);
        if (missing.size === 0) return event.at;
      }
      return undefined;
    },
    timeoutMs,
  );
}

/** The numbers of the messages that a text answers. */
export function numbersIn(text = ""): number[] {
  return [...text.matchAll(/\bm(\d+)\b/gu)].map((match) => Number(match[1]));
}

/** Of each message: from the line that told of it to the request that answers it, in ms. */
export function latencies(place: Place, load: Load, from: number): number[] {
  const events = place.events.read().slice(from);
  const toldAt = toldTimes(place, events);
  return events.flatMap((event) => {
    if (event.event !== "request" || event.params?.text === undefined) return [];
    return numbersIn(event.params.text)
      .filter((number) => number >= load.first && number < load.first + load.count)
      .map((number) => event.at - (toldAt.get(number) ?? Number.NaN));
  });
}

/** How many requests to send answered a load. */
export function repliesTo(place: Place, load: Load, from: number): number {
  const isOf = (number: number): boolean => number >= load.first && number < load.first + load.count;
  const texts = place.events
    .read()
    .slice(from)
    .filter((event) => event.event === "request")
    .map((event) => event.params?.text);
  return texts.filter((text) => numbersIn(text).some(isOf)).length;
}

/** When each numbered message was written to the gateway. */
function toldTimes(place: Place, events: readonly SimEvent[]): Map<number, number> {
  const db = new DatabaseSync(place.messages, { readOnly: true, timeout: 5000 });
  const rows = db.prepare("SELECT ROWID AS id, text FROM message WHERE is_from_me = 0").all();
  db.close();
  const numberOf = new Map(rows.map((row) => [Number(row["id"]), numbersIn(String(row["text"]))[0]]));
  return new Map(
    events.flatMap((event) => {
      const number = event.event === "notified" ? numberOf.get(event.rowid ?? 0) : undefined;
      return number === undefined ? [] : [[number, event.at] as const];
    }),
  );
}

function line({ first, chats }: Load, at: number): string {
  const from = `+1415555${1000 + (at % chats)}`;
  return `${JSON.stringify({ from, text: `m${first + at}` })}\n`;
}

async function finish(receiver: ChildProcess): Promise<void> {
  receiver.stdin?.end();
  if (receiver.exitCode === null) await once(receiver, "exit");
}
