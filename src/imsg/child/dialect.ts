// Which generation of imsg answers: `status` is known to v1 (0.14 and later) only.
import type { Link } from "./link.ts";
import { ImsgRefusal, RPC } from "./refusal.ts";

/** What a child can do. */
export interface Dialect {
  readonly kind: "legacy" | "v1";
  /** Undefined for legacy, which does not say. */
  readonly version: string | undefined;
  /** v1's methods that work now. */
  readonly methods: ReadonlySet<string>;
  /** Whether `messages.after` is offered: else what was missed comes by the watch, and checks read histories, as with legacy. */
  readonly hasPages: boolean;
  /** v1: why the Messages database cannot be read; undefined when it can, or when the child does not say. */
  readonly databaseError: string | undefined;
}

/** Requests that v1 serves at one time; legacy answers one after another, so that more than one would only blur the time-outs. */
const READS_IN_FLIGHT = { legacy: 1, v1: 4 } as const;

/** Errors that say nothing but that `status` is not known: v1 never refuses it without parameters. */
const NOT_KNOWN: readonly number[] = [RPC.unknownMethod, RPC.invalidRequest, RPC.invalidParams];

/** v1 asks a live bridge, which may take it 10 s. */
const ASK_AGAIN_MS = 25_000;

/** What a v1 child can do now. A child that does not answer is left alone: it answered before, and may be busy. */
export async function identifyAgain(link: Link): Promise<Dialect> {
  return parseStatus(fieldsOf(await link.call("status", {}, ASK_AGAIN_MS, { spares: true })));
}

/** Asks a new child who it is. Rejects when it does not answer, or answers with an error that says something else. */
export async function identify(link: Link, timeoutMs: number): Promise<Dialect> {
  const dialect = await ask(link, timeoutMs);
  link.limitInFlight(READS_IN_FLIGHT[dialect.kind]);
  return dialect;
}

async function ask(link: Link, timeoutMs: number): Promise<Dialect> {
  try {
    return parseStatus(fieldsOf(await link.call("status", {}, timeoutMs)));
  } catch (error) {
    if (!(error instanceof ImsgRefusal) || !NOT_KNOWN.includes(error.rpcCode)) throw error;
    return {
      kind: "legacy",
      version: undefined,
      methods: new Set(),
      hasPages: false,
      databaseError: undefined,
    };
  }
}

function parseStatus(status: Record<string, unknown>): Dialect {
  const { version, database } = status;
  const methods = namesOf(status["methods"]);
  // While the database cannot be read, `methods` leaves out what needs it. Who lists nothing at all offers what v1 documents.
  const offered = new Set([...methods, ...namesOf(status["supported_methods"])]);
  const kind = typeof status["protocol_version"] === "number" ? "v1" : "legacy";
  const fields = fieldsOf(database);
  const error = typeof fields["error"] === "string" ? fields["error"] : "the Messages database is not ready";
  return {
    // A later protocol keeps what v1 documents, as far as anybody can know.
    kind,
    version: typeof version === "string" ? version : undefined,
    methods: new Set(methods),
    hasPages: kind === "v1" && (offered.size === 0 || offered.has("messages.after")),
    databaseError: fields["ready"] === false ? error : undefined,
  };
}

function namesOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
