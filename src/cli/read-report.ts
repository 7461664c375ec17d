// The status report and the probes: from the gateway if it runs, else made here.
import { probeAccounts, type AccountProbe } from "../control/status/probe.ts";
import { readConfigStatus, type StatusReport } from "../control/status/status.ts";
import { withStoreIfThere, type ControlPlaces } from "../gateway/open-state.ts";
import { GatewayError, toGatewayError } from "../model/errors.ts";
import type { Store } from "../model/store.ts";
import { askGateway } from "./client.ts";

const NOT_REACHABLE = "Gateway not reachable; showing config-only status.";

/** Every step of every account's probe may take its whole time limit. */
const PROBE_MS = 10 * 60_000;

/** A report, and a line to be shown before it. */
export interface ReadReport {
  readonly report: StatusReport;
  readonly note: string | undefined;
}

/** The gateway's own report, else one made here from configuration and state database. Throws `account/unknown`. */
export async function readReport(control: ControlPlaces, accountId: string | undefined): Promise<ReadReport> {
  const asked = await ifOurs(askGateway<StatusReport>(control, { method: "GET", path: "/api/status" }));
  if (asked.answer !== undefined) return { report: only(asked.answer, accountId), note: undefined };
  const troubles = asked.other === undefined ? [] : [asked.other];
  const note =
    asked.other === undefined ? NOT_REACHABLE : `${asked.other.message} Showing config-only status.`;
  const { settings } = await control.config();
  const read = async (store: Store | undefined): Promise<StatusReport> =>
    readConfigStatus(settings, store, Date.now());
  let report: StatusReport;
  try {
    report = await withStoreIfThere(settings, read);
  } catch (thrown) {
    const error = toGatewayError(thrown);
    if (!error.code.startsWith("store/")) throw thrown;
    troubles.push(error);
    report = await read(undefined);
  }
  const broken = troubles.map(({ message, hint }) => ({ message, hint, isBroken: true }) as const);
  return { report: { ...only(report, accountId), warnings: [...broken, ...report.warnings] }, note };
}

/** What the gateway of this state folder answers; `other`: one of another folder has its port, so that it cannot run. */
async function ifOurs<T>(
  asking: Promise<T | undefined>,
): Promise<{ readonly answer?: T | undefined; readonly other?: GatewayError }> {
  try {
    return { answer: await asking };
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.details["isOther"] === true) return { other: thrown };
    throw thrown;
  }
}

function only(report: StatusReport, accountId: string | undefined): StatusReport {
  if (accountId === undefined) return report;
  const accounts = report.accounts.filter(({ id }) => id === accountId);
  if (accounts.length > 0) return { ...report, accounts };
  const names = report.accounts.map(({ id }) => id).join(", ");
  throw new GatewayError("account/unknown", `There is no account ${accountId}.`, {
    hint: names === "" ? "Add channels.imessage to the configuration." : `Name one with --account: ${names}.`,
  });
}

/** Probes by the gateway if it runs: what macOS permits depends on the process that asks. Throws `account/unknown`. */
export async function probe(
  control: ControlPlaces,
  accountId: string | undefined,
): Promise<readonly AccountProbe[]> {
  const { answer } = await ifOurs(
    askGateway<{ probes: readonly AccountProbe[] }>(control, {
      method: "POST",
      path: "/api/probe",
      body: accountId === undefined ? {} : { account: accountId },
      timeoutMs: PROBE_MS,
    }),
  );
  if (answer !== undefined) return answer.probes;
  const { probeAccount } = await import("../gateway/ask-imsg.ts");
  return probeAccounts((await control.config()).settings, accountId, probeAccount);
}
