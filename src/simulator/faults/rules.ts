// The grammar of a faults file: JSON → rules, or what is wrong with it.

/** What stands in a faults file is wrong. */
export class FaultsError extends Error {}

/** Which processes a rule is for: one that has a subscription, one that was asked to send, all. */
export type Role = "watching" | "sending" | "any";

/** The kinds of garbage that can stand between answers. */
export const GARBAGE_KINDS = ["text", "half-json", "invalid-utf8", "long-line"] as const;
/** How a `send` can go wrong. */
export const SEND_OUTCOMES = [
  "deliver-no-answer",
  "deliver-exit",
  "error-before",
  "error-after",
  "no-guid",
  "ghost-row",
  "no-row-yet",
  "deliver-late",
] as const;
const DISPOSITIONS = ["not_started", "may_have_completed", "still_in_flight"] as const;
const SIGNALS = ["SIGKILL", "SIGTERM", "SIGSEGV", "SIGTRAP", "SIGABRT"] as const;

/** One rule. Which fields are read depends on the fault. */
export interface Rule {
  readonly fault: FaultName;
  /** Its place in the file. */
  readonly index: number;
  readonly process: Role;
  /** How often it strikes, over all processes; counting starts anew when the file is written. */
  readonly times: number;
  /** How many occasions pass before it strikes. */
  readonly after: number;
  /** Only requests of this method. */
  readonly method: string | undefined;
  readonly ms: number | undefined;
  readonly code: number | undefined;
  readonly signal: (typeof SIGNALS)[number] | undefined;
  readonly freeze: boolean;
  readonly text: string | undefined;
  readonly kind: (typeof GARBAGE_KINDS)[number] | undefined;
  readonly number: number | undefined;
  readonly bytes: number | undefined;
  readonly message: string | undefined;
  readonly outcome: (typeof SEND_OUTCOMES)[number] | undefined;
  readonly disposition: (typeof DISPOSITIONS)[number] | undefined;
  readonly with: string | undefined;
}

type Field = Exclude<keyof Rule, "fault" | "index" | "process">;

/** The fields each fault takes beside `fault` and `process`; those in `needs` must be there. */
export const FAULTS = {
  exit: { fields: ["times", "after", "method", "code", "signal"], needs: [] },
  "exit-at-start": { fields: ["times", "after", "code"], needs: [] },
  hang: { fields: ["times", "after", "method", "freeze"], needs: [] },
  delay: { fields: ["times", "after", "method", "ms"], needs: ["ms"] },
  banner: { fields: ["times", "after", "text"], needs: ["text"] },
  garbage: { fields: ["times", "after", "kind", "bytes"], needs: [] },
  duplicate: { fields: ["times", "after"], needs: [] },
  reorder: { fields: ["times", "after"], needs: [] },
  "silent-watch": { fields: [], needs: [] },
  "watch-error": { fields: ["times", "after", "message"], needs: [] },
  unjoined: { fields: ["times", "after", "ms"], needs: ["ms"] },
  send: {
    fields: ["times", "after", "outcome", "disposition", "message", "number", "ms", "text"],
    needs: ["outcome"],
  },
  "bridge-gone": { fields: [], needs: [] },
  "database-replaced": { fields: ["times", "after", "method", "with"], needs: [] },
} as const satisfies Record<string, { fields: readonly Field[]; needs: readonly Field[] }>;

/** The name of a fault. */
export type FaultName = keyof typeof FAULTS;

/** What a process does not know of itself when it starts. */
const ROLELESS: readonly FaultName[] = ["exit-at-start", "banner"];

/** Reads the text of a faults file. Contract: throws FaultsError, its message one sentence. */
export function parseRules(text: string): Rule[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FaultsError(`not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  const rules = isObject(value) ? value["rules"] : undefined;
  if (!Array.isArray(rules)) throw new FaultsError("no list of rules");
  return rules.map((rule: unknown, index) => {
    if (!isObject(rule)) throw new FaultsError(`rules[${index}] is no object`);
    return parseRule(rule, index);
  });
}

function parseRule(rule: Record<string, unknown>, index: number): Rule {
  const fault = choice(rule["fault"], Object.keys(FAULTS) as FaultName[], `rules[${index}].fault`);
  if (fault === undefined) throw new FaultsError(`rules[${index}].fault is missing`);
  const { fields, needs } = FAULTS[fault];
  const allowed = new Set<string>(["fault", "process", ...fields]);
  const unknown = Object.keys(rule).find((key) => !allowed.has(key));
  const at = (key: string): string => `rules[${index}].${key}`;
  if (unknown !== undefined) {
    throw new FaultsError(`${at(unknown)}: ${fault} takes ${[...allowed].join(", ")}`);
  }
  const missing = needs.find((key) => rule[key] === undefined);
  if (missing !== undefined) throw new FaultsError(`${at(missing)} is missing`);
  const role = choice(rule["process"], ["watching", "sending", "any"] as const, at("process")) ?? "any";
  if (role !== "any" && ROLELESS.includes(fault)) {
    throw new FaultsError(`${at("process")}: a process that starts has no part yet; leave it out`);
  }
  return {
    fault,
    index,
    process: role,
    times: count(rule["times"], at("times")) ?? (fault === "database-replaced" ? 1 : Infinity),
    after: count(rule["after"], at("after")) ?? 0,
    method: string(rule["method"], at("method")),
    ms: count(rule["ms"], at("ms")),
    code: count(rule["code"], at("code")),
    signal: choice(rule["signal"], SIGNALS, at("signal")),
    freeze: boolean(rule["freeze"], at("freeze")) ?? false,
    text: string(rule["text"], at("text")),
    kind: choice(rule["kind"], GARBAGE_KINDS, at("kind")),
    number: whole(rule["number"], at("number")),
    bytes: count(rule["bytes"], at("bytes")),
    message: string(rule["message"], at("message")),
    outcome: choice(rule["outcome"], SEND_OUTCOMES, at("outcome")),
    disposition: choice(rule["disposition"], DISPOSITIONS, at("disposition")),
    with: string(rule["with"], at("with")),
  };
}

function choice<Name extends string>(value: unknown, names: readonly Name[], at: string): Name | undefined {
  if (value === undefined) return undefined;
  const found = names.find((name) => name === value);
  if (found === undefined)
    throw new FaultsError(`${at}: ${JSON.stringify(value)} is none of ${names.join(", ")}`);
  return found;
}

function count(value: unknown, at: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FaultsError(`${at}: ${JSON.stringify(value)} is no whole number from 0 up`);
}

function whole(value: unknown, at: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new FaultsError(`${at}: ${JSON.stringify(value)} is not a whole number`);
}

function string(value: unknown, at: string): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw new FaultsError(`${at}: ${JSON.stringify(value)} is no text`);
}

function boolean(value: unknown, at: string): boolean | undefined {
  if (value === undefined || typeof value === "boolean") return value;
  throw new FaultsError(`${at}: ${JSON.stringify(value)} is neither true nor false`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
