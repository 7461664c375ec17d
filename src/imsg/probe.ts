// Asks an account's imsg, in a child of its own, whether everything it takes is there: one verdict a check, with the fix beside it.
import { SftpGone, SftpSession } from "../lib/sftp.ts";
import { toGatewayError, type GatewayError } from "../model/errors.ts";
import { asId, type AccountId } from "../model/ids.ts";
import { renderRemoteHost } from "../model/remote-host.ts";
import type { TransportSettings } from "../model/settings.ts";
import { identify, type Dialect } from "./child/dialect.ts";
import { Link, programOf } from "./child/link.ts";
import { Queries } from "./read/queries.ts";
import { FULL_DISK_ACCESS, ImsgRefusal, REMOTE_DISK_ACCESS } from "./child/refusal.ts";
import { copyCommandOf, explainGone } from "./mac/remote.ts";
import { bannerNoise, sshOf } from "./mac/ssh-trouble.ts";

/** What can be asked, in this order; `ssh` and `copies` of a Mac that is reached by SSH. */
export type ProbeCheck = "ssh" | "program" | "rpc" | "database" | "watch" | "copies";

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
  const copies = probeCopies(transport);
  try {
    const verdicts = await ask(link, { transport, watchErrors, garbage });
    const first = verdicts[0];
    if (first !== undefined && !first.ok && first.check === "ssh") return verdicts;
    const copied = await copies;
    return copied === undefined ? verdicts : [...verdicts, copied];
  } finally {
    await link.close(END_GRACE_MS);
    await copies;
  }
}

/** Whether files can be copied; undefined where there is nothing to copy by: here, and behind a script whose host is not known. */
async function probeCopies({ reach, probeTimeoutMs }: TransportSettings): Promise<ProbeVerdict | undefined> {
  if (reach.kind === "local" || reach.kind === "unclear") return undefined;
  try {
    const command = copyCommandOf(reach, probeTimeoutMs);
    const session = await SftpSession.open({ ...command, silenceMs: probeTimeoutMs });
    await session.realPath(".");
    await session.close();
    return well("copies", `from and to ${renderRemoteHost(reach.remote)}`);
  } catch (error) {
    const why = error instanceof SftpGone ? explainGone(error, reach.remote) : toGatewayError(error);
    return ill("copies", why);
  }
}

interface Probing {
  readonly transport: TransportSettings;
  /** Filled as notifications come. */
  readonly watchErrors: readonly string[];
  /** The first line on stdout that was no JSON-RPC, once there was one. */
  readonly garbage: readonly string[];
}

async function ask(link: Link, probing: Probing): Promise<ProbeVerdict[]> {
  const { transport, watchErrors, garbage } = probing;
  const greeting = await settled(identify(link, transport.probeTimeoutMs), link);
  const { reach, cliPath } = transport;
  const answer = greeting.error;
  if (answer?.code.startsWith("ssh/") === true) return [ill("ssh", answer)];
  const program = well("program", reach.kind === "ssh" ? reach.program : cliPath);
  const isThere = reach.kind === "ssh" || reach.kind === "wrapper";
  const verdicts = await askImsg(link, { greeting, program, transport, watchErrors, garbage });
  // A wrapper that could not be started says nothing about SSH.
  const isReached = greeting.value !== undefined || answer instanceof ImsgRefusal || reach.kind === "ssh";
  if (!isThere || !isReached || answer?.code === "imsg/timeout") return verdicts;
  return [well("ssh", `${renderRemoteHost(reach.remote)} lets us in without a prompt`), ...verdicts];
}

interface Greeted extends Probing {
  readonly greeting: { value: Dialect; error?: undefined } | { value?: undefined; error: GatewayError };
  readonly program: ProbeVerdict;
}

async function askImsg(
  link: Link,
  { greeting, program, transport, watchErrors, garbage }: Greeted,
): Promise<ProbeVerdict[]> {
  const timeoutMs = transport.probeTimeoutMs;
  const answer = greeting.error;
  if (answer?.code === "imsg/not-found" || answer?.code === "imsg/not-executable")
    return [ill("program", answer)];
  // An error is an answer: legacy answers everything with one when it cannot open its database.
  if (answer !== undefined && !(answer instanceof ImsgRefusal))
    return [program, unanswered(answer, transport, garbage[0])];
  const rpc = well("rpc", greeting.value === undefined ? "answers" : describe(greeting.value));
  const queries = new Queries(link, { accountId: asId<AccountId>("probe"), timeoutMs, onBroken: () => {} });
  const unready = greeting.value?.databaseError;
  if (unready !== undefined)
    return [program, rpc, { check: "database", ok: false, detail: unready, fix: databaseFix(transport) }];
  const chats = answer === undefined ? await settled(queries.chats(1), link) : { error: answer };
  if (chats.error !== undefined)
    return [program, rpc, { ...ill("database", chats.error), fix: databaseFix(transport) }];
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

function unanswered(
  error: GatewayError,
  { cliPath, reach }: TransportSettings,
  garbage: string | undefined,
): ProbeVerdict {
  const verdict = ill("rpc", error);
  if (error.code === "imsg/gone") {
    const command = reach.kind === "ssh" ? `${sshOf(reach.remote)} ${reach.program} rpc` : `${cliPath} rpc`;
    return { ...verdict, fix: `Run \`${command}\` by hand: it should wait for requests on stdin.` };
  }
  if (error.code !== "imsg/timeout") return verdict;
  if (garbage === undefined) return { ...verdict, fix: SLOW };
  if (reach.kind === "ssh") return ill("rpc", bannerNoise(reach.remote, garbage));
  const detail = `${error.message}; what it wrote is no JSON-RPC: ${JSON.stringify(garbage)}`;
  return { ...verdict, detail, fix: "Keep everything but imsg's own lines off the stdout of cliPath." };
}

function databaseFix({ reach }: TransportSettings): string {
  return `${reach.kind === "local" ? FULL_DISK_ACCESS : REMOTE_DISK_ACCESS} ${WRONG_PATH}`;
}

function well(check: ProbeCheck, detail: string): ProbeVerdict {
  return { check, ok: true, detail, fix: undefined };
}

function ill(check: ProbeCheck, error: GatewayError): ProbeVerdict {
  return { check, ok: false, detail: error.message, fix: error.hint };
}
