// The log: one readable line on stderr, one JSON line in a file if asked for, no secret and no forged line in either.
import { closeSync, fchmodSync, openSync, writeSync } from "node:fs";
import { createScrub, escapeUnsafe, type Scrub } from "./scrub.ts";

/** From the most talkative to the least; `silent` writes nothing. */
export type Threshold = "debug" | "info" | "warn" | "error" | "silent";
type Level = Exclude<Threshold, "silent">;

/** What a line is about, beside its message. `accountId` has a column of its own in the readable line. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Says what happens. Contract: never throws; a line is handed to the operating system before the call returns. */
export interface Log {
  debug(message: string, facts?: LogFacts): void;
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  error(message: string, facts?: LogFacts): void;
  /** A log whose every line has these facts too. */
  child(facts: LogFacts): Log;
}

/** The log as its owner holds it; a change reaches every child. */
export interface RootLog extends Log {
  setThreshold(threshold: Threshold): void;
  /** Takes the texts that no line may hold. Contract: replaces those given before. */
  setSecrets(secrets: readonly string[]): void;
  /** Closes the file; lines go to stderr only from then on. */
  close(): void;
}

/** Where lines go. */
export interface LogOptions {
  readonly threshold: Threshold;
  readonly secrets: readonly string[];
  /** Takes the readable lines; in colour if it has colours. */
  readonly terminal: { write(text: string): unknown; readonly hasColours?: boolean };
  /** JSON lines are appended here; made 0600. */
  readonly filePath?: string;
  /** Epoch ms. */
  readonly now: () => number;
}

interface Line {
  readonly atMs: number;
  readonly level: Level;
  readonly message: string;
  readonly facts: LogFacts;
}

const RANK: Readonly<Record<Threshold, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };
const COLOUR: Readonly<Record<Level, string>> = {
  debug: "\u001b[2m",
  info: "\u001b[36m",
  warn: "\u001b[33m",
  error: "\u001b[31m",
};
const PLAIN = "\u001b[0m";

/** Opens a log. Contract: throws when `filePath` cannot be opened for writing. */
export function openLog(options: LogOptions): RootLog {
  const { terminal, now } = options;
  let { threshold, secrets } = options;
  let scrub: Scrub = createScrub(secrets, threshold === "debug");
  let file = options.filePath === undefined ? undefined : openPrivate(options.filePath);

  const scrubFacts = (facts: LogFacts): LogFacts => {
    const safe = scrub(facts);
    return typeof safe === "object" && safe !== null ? (safe as LogFacts) : { facts: safe };
  };
  const write = (level: Level, message: string, facts: LogFacts): void => {
    if (RANK[level] < RANK[threshold]) return;
    const line: Line = { atMs: now(), level, message: String(scrub(message)), facts: scrubFacts(facts) };
    try {
      terminal.write(renderReadable(line, terminal.hasColours === true));
      if (file !== undefined) writeSync(file, renderJson(line));
    } catch {
      // A full disk or a closed terminal: there is nowhere left to say so.
    }
  };
  const sameScrub = (): void => {
    scrub = createScrub(secrets, threshold === "debug");
  };

  return {
    ...createLog(write, {}),
    setThreshold(next) {
      threshold = next;
      sameScrub();
    },
    setSecrets(next) {
      secrets = next;
      sameScrub();
    },
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

type Write = (level: Level, message: string, facts: LogFacts) => void;

function createLog(write: Write, own: LogFacts): Log {
  const at =
    (level: Level) =>
    (message: string, facts: LogFacts = {}): void =>
      write(level, message, { ...own, ...facts });
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (facts) => createLog(write, { ...own, ...facts }),
  };
}

/** `2026-01-02 03:04:05.678 info  default  message key=value`, by local time. */
function renderReadable(line: Line, withColour: boolean): string {
  const { accountId, ...facts } = line.facts;
  const level = line.level.padEnd(5);
  const account = accountId === undefined ? "" : `[${renderFact(accountId)}] `;
  const rest = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${escapeUnsafe(key)}=${renderFact(value)}`)
    .join("");
  const head = withColour ? `${COLOUR[line.level]}${level}${PLAIN}` : level;
  return `${renderTime(line.atMs)} ${head} ${account}${escapeUnsafe(line.message)}${rest}\n`;
}

function renderFact(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/u.test(value)) return escapeUnsafe(value);
  return escapeUnsafe(JSON.stringify(value) ?? "");
}

function renderTime(atMs: number): string {
  const date = new Date(atMs);
  const local = new Date(atMs - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 23).replace("T", " ");
}

function renderJson(line: Line): string {
  const time = new Date(line.atMs).toISOString();
  const text = JSON.stringify({ ...line.facts, time, level: line.level, message: line.message });
  return `${escapeUnsafe(text)}\n`;
}

function openPrivate(path: string): number {
  const file = openSync(path, "a", 0o600);
  // A file that was there before keeps its old mode otherwise.
  fchmodSync(file, 0o600);
  return file;
}
