// Asks an account's imsg, in a child of its own, whether everything it takes is there: one verdict a check, with the fix beside it.
import { toGatewayError, type GatewayError } from "../model/errors.ts";
import { asId, type AccountId } from "../model/ids.ts";
import type { TransportSettings } from "../model/settings.ts";
import { identify, type Dialect } from "./dialect.ts";
import { Link, programOf } from "./link.ts";
import { Queries } from "./queries.ts";
import { FULL_DISK_ACCESS, ImsgRefusal } from "./refusal.ts";

/** What can be asked, in this order. */
export type ProbeCheck = "program" | "rpc" | "database" | "watch";

/** One answer. */
export interface ProbeVerdict {
  readonly check: ProbeCheck;
  readonly ok: boolean;
  /** What was seen, one line. */
  readonly detail: string;
  /** What to do; undefined when it is well. */
  readonly fix: string | undefined;
}

const END_GRACE_MS = 500;
const SLOW = "Look for a dialog or a password prompt on the Mac, or raise channels.imessage.probeTimeoutMs.";
const WRONG_PATH = "Check channels.imessage.dbPath.";

/**
 * Probes. Each step has the transport's `probeTimeoutMs`.
 *
 * Contract: never rejects. Checks behind one that failed are left out: they would fail for its reason. `imsg rpc --help` is not
 * asked: it prints the root help and exits 0 whatever imsg can do.
 */
export async function probe(transport: TransportSettings): Promise<readonly ProbeVerdict[]> {
  const watchErrors: string[] = [];
  const garbage: string[] = [];
  const link = new Link({
    ...programOf(transport),
    onNoise: (stream, line) => {
      if (stream === "stdout" && garbage.length === 0) garbage.push(line.slice(0, 80));
    },
    onNotification: (method, params) => {
      if (method === "error") watchErrors.push(JSON.stringify(params["error"] ?? params));
    },
  });
  try {
    return await ask(link, { transport, watchErrors, garbage });
  } finally {
    await link.close(END_GRACE_MS);
  }
}

interface Probing {
  readonly transport: TransportSettings;
  /** Filled as notifications come. */
  readonly watchErrors: readonly string[];
  /** The first line on stdout that was no JSON-RPC, once there was one. */
  readonly garbage: readonly string[];
}

async function ask(link: Link, { transport, watchErrors, garbage }: Probing): Promise<ProbeVerdict[]> {
  const timeoutMs = transport.probeTimeoutMs;
  const greeting = await settled(identify(link, timeoutMs), link);
  const program = well("program", transport.cliPath);
  const answer = greeting.error;
  if (answer?.code === "imsg/not-found" || answer?.code === "imsg/not-executable")
    return [ill("program", answer)];
  // An error is an answer: legacy answers everything with one when it cannot open its database.
  if (answer !== undefined && !(answer instanceof ImsgRefusal))
    return [program, unanswered(answer, transport.cliPath, garbage[0])];
  const rpc = well("rpc", greeting.value === undefined ? "answers" : describe(greeting.value));
  const queries = new Queries(link, { accountId: asId<AccountId>("probe"), timeoutMs, onBroken: () => {} });
  const unready = greeting.value?.databaseError;
  if (unready !== undefined)
    return [
      program,
      rpc,
      { check: "database", ok: false, detail: unready, fix: `${FULL_DISK_ACCESS} ${WRONG_PATH}` },
    ];
  const chats = answer === undefined ? await settled(queries.chats(1), link) : { error: answer };
  if (chats.error !== undefined) return [program, rpc, unreadable(chats.error)];
  const database = well("database", "readable");
  // No position: from now on, so that nothing is read for a question.
  const watch = await settled(subscribeOnce(link, timeoutMs), link);
  if (watch.error !== undefined) return [program, rpc, database, ill("watch", watch.error)];
  const [ended] = watchErrors;
  if (ended === undefined) return [program, rpc, database, well("watch", "accepted")];
  return [program, rpc, database, { check: "watch", ok: false, detail: ended, fix: "Read what imsg says." }];
}

async function subscribeOnce(link: Link, timeoutMs: number): Promise<void> {
  const answer = await link.call("watch.subscribe", {}, timeoutMs);
  const { subscription } = answer as { subscription?: unknown };
  await link.call("watch.unsubscribe", { subscription }, timeoutMs);
}

/** A child that ended knows better why than the call that was cut off. */
async function settled<T>(
  promise: Promise<T>,
  link: Link,
): Promise<{ value: T; error?: undefined } | { value?: undefined; error: GatewayError }> {
  try {
    return { value: await promise };
  } catch (thrown) {
    const error = toGatewayError(thrown);
    return { error: error.code === "imsg/gone" ? await link.ended : error };
  }
}

function describe({ kind, version }: Dialect): string {
  return kind === "legacy" ? "imsg up to 0.13" : `imsg ${version ?? "0.14 or later"}`;
}

function unanswered(error: GatewayError, cliPath: string, garbage: string | undefined): ProbeVerdict {
  const verdict = ill("rpc", error);
  if (error.code === "imsg/gone")
    return { ...verdict, fix: `Run \`${cliPath} rpc\` by hand: it should wait for requests on stdin.` };
  if (error.code !== "imsg/timeout") return verdict;
  if (garbage === undefined) return { ...verdict, fix: SLOW };
  const detail = `${error.message}; what it wrote is no JSON-RPC: ${JSON.stringify(garbage)}`;
  return { ...verdict, detail, fix: "Keep everything but imsg's own lines off the stdout of cliPath." };
}

function unreadable(error: GatewayError): ProbeVerdict {
  return { ...ill("database", error), fix: `${FULL_DISK_ACCESS} ${WRONG_PATH}` };
}

function well(check: ProbeCheck, detail: string): ProbeVerdict {
  return { check, ok: true, detail, fix: undefined };
}

function ill(check: ProbeCheck, error: GatewayError): ProbeVerdict {
  return { check, ok: false, detail: error.message, fix: error.hint };
}
