// Reads the options of the outside world's commands.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { DatabaseSync } from "node:sqlite";
import { MessageWriter } from "../write.ts";
import type { Service } from "../write.ts";
import { failure, usage } from "./failure.ts";

type OptionsConfig = NonNullable<ParseArgsConfig["options"]>;
type Parsed<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowNegative: false }>
>["values"];

/** Values of a command's options. Contract: throws a usage failure for an unknown option and for stray words. */
export function readOptions<Options extends OptionsConfig>(
  name: string,
  argv: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    const args = joinValues(argv, options);
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const message = error instanceof Error ? (error.message.split(/\.\s/u)[0] ?? "") : String(error);
    throw usage(message, `imsg-sim ${name} --help lists the options.`);
  }
}

/**
 * Puts each value into one word with its option: one that begins with a dash (`--at -90m`, `--text "- eggs"`) unless it is an
 * option itself, and all values of an option that may be repeated (`--participants A B`), as imsg takes them.
 */
function joinValues(argv: readonly string[], options: OptionsConfig): string[] {
  const rest = [...argv];
  const out: string[] = [];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const option = word.startsWith("--") ? options[word.slice(2)] : undefined;
    const next = /^--([^=]+)/u.exec(rest[0] ?? "")?.[1];
    if (
      option?.type !== "string" ||
      rest.length === 0 ||
      (next !== undefined && Object.hasOwn(options, next))
    ) {
      out.push(word);
      continue;
    }
    out.push(`${word}=${rest.shift()}`);
    while (option.multiple === true && rest[0]?.startsWith("-") === false)
      out.push(`${word}=${rest.shift()}`);
  }
  return out;
}

/** An option that must be there. */
export function required(value: string | undefined, option: string, remedy: string): string {
  if (value === undefined || value === "") throw usage(`${option} is missing`, remedy);
  return value;
}

/** The path of the database; `~` is the home folder. */
export function databasePath(value: string | undefined): string {
  return expandPath(required(value, "--db", "Say which database: --db PATH."));
}

/** An absolute path; `~` is the home folder. */
export function expandPath(path: string): string {
  const expanded = path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
  return resolve(expanded);
}

/** Opens an existing database to write to it. */
export function openWriter(path: string): MessageWriter {
  if (!existsSync(path)) throw failure(`no database at ${path}`, `Make one: imsg-sim init --db ${path}`);
  return MessageWriter.of(new DatabaseSync(path, { timeout: 10_000 }));
}

const SERVICES: Readonly<Record<string, Service>> = { imessage: "iMessage", sms: "SMS", rcs: "RCS" };

/** A service's name, any case; iMessage when absent. */
export function parseService(value: string | undefined): Service {
  const service = SERVICES[(value ?? "imessage").toLowerCase()];
  if (service === undefined) throw usage(`--service: ${value} is no service`, "Use iMessage, SMS or RCS.");
  return service;
}

/** A whole number from 0 up. */
export function parseCount(value: string, option: string): number {
  if (!/^\d{1,9}$/u.test(value))
    throw usage(`${option}: ${value} is no whole number`, `Write digits: ${option} 10.`);
  return Number(value);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time: ISO 8601, or a span before now such as -90m. In milliseconds since 1970. */
export function parseTime(value: string, nowMs: number): number {
  const [, amount, unit] = /^-(\d+)([smhd])$/u.exec(value) ?? [];
  if (amount !== undefined && unit !== undefined) return nowMs - Number(amount) * (UNIT_MS[unit] ?? 0);
  const ms = /^\d{4}-\d\d-\d\d/u.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw usage(
      `--at: ${value} is no time`,
      "Write 2026-05-01T10:00:00Z, or -90m, -2h, -3d for a time before now.",
    );
  }
  return ms;
}
