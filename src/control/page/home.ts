// What the page shows first: how every account is, what the last day was like, what waits for the owner.
import type { HourCount } from "../../model/views.ts";
import { readStatus, type StatusReport } from "../status/status.ts";
import type { RunningGateway } from "../status/running.ts";

/** One hour of the strip. */
export interface StripHour {
  /** Epoch ms of its beginning. */
  readonly hourMs: number;
  /** Messages people wrote. */
  readonly received: number;
  /** Those that were given to an agent, or were a command or an answer. */
  readonly answered: number;
  /** Those that were not answered because of who wrote, where, or when. */
  readonly refused: number;
}

/** An agent, in short. */
export interface HomeAgent {
  readonly id: string;
  readonly name: string;
  readonly runtime: string;
  readonly isDefault: boolean;
  /** Turns it runs now. */
  readonly running: number;
}

/** All of it. */
export interface Home {
  readonly status: StatusReport;
  /** 24 hours, oldest first, the one under way last. */
  readonly strip: readonly StripHour[];
  readonly agents: readonly HomeAgent[];
  /** How much waits for the owner's decision. */
  readonly waiting: number;
  readonly nowMs: number;
}

const HOUR_MS = 60 * 60_000;
const HOURS = 24;

const ANSWERED = new Set(["turn", "command", "answer"]);
/** Rows that nobody wrote to us, or that are there to be remembered only. */
const NOT_COUNTED = new Set(["own.row", "own.echo", "reaction", "event.empty"]);
const REMEMBERED = new Set(["group.not-mentioned", "catchup.before-first-start"]);

/** Reads it. */
export async function readHome(running: RunningGateway, nowMs: number): Promise<Home> {
  const settings = running.settings();
  const firstHourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS - (HOURS - 1) * HOUR_MS;
  const { views } = running.store;
  const [status, waiting, turns, ...counts] = await Promise.all([
    readStatus(running, nowMs),
    views.countWaiting(nowMs),
    views.runningTurns(),
    ...settings.accounts.map(async ({ id }) => views.decisionsByHour(id, firstHourMs)),
  ]);
  return {
    status,
    strip: stripOf(counts.flat(), firstHourMs),
    agents: settings.agents.map(({ id, name, runtime }) => ({
      id,
      name,
      runtime: runtime.type,
      isDefault: id === settings.defaultAgentId,
      running: turns.filter(({ agentId }) => agentId === id).length,
    })),
    waiting,
    nowMs,
  };
}

function stripOf(counts: readonly HourCount[], firstHourMs: number): readonly StripHour[] {
  const strip = Array.from({ length: HOURS }, (_, index) => ({
    hourMs: firstHourMs + index * HOUR_MS,
    received: 0,
    answered: 0,
    refused: 0,
  }));
  for (const { hourMs, code, count } of counts) {
    const hour = strip[(hourMs - firstHourMs) / HOUR_MS];
    if (hour === undefined || NOT_COUNTED.has(code)) continue;
    hour.received += count;
    if (ANSWERED.has(code)) hour.answered += count;
    else if (!REMEMBERED.has(code)) hour.refused += count;
  }
  return strip;
}
