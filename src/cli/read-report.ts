// The status report and the probes: from the gateway if it runs, else made here.
import { probeAccounts, type AccountProbe } from "../control/status/probe.ts";
import { readConfigStatus, type StatusReport } from "../control/status/status.ts";
import { withStoreIfThere, type ControlPlaces } from "../gateway/open-state.ts";
import { GatewayError, toGatewayError } from "../model/errors.ts";
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
  const asked = await askGateway<StatusReport>(control, { method: "GET", path: "/api/status" });
  if (asked !== undefined) return { report: only(asked, accountId), note: undefined };
  const { settings } = await control.config();
  try {
    const report = await withStoreIfThere(settings, async (store) =>
      readConfigStatus(settings, store, Date.now()),
    );
    return { report: only(report, accountId), note: NOT_REACHABLE };
  } catch (thrown) {
    const { code, message, hint } = toGatewayError(thrown);
    if (!code.startsWith("store/")) throw thrown;
    const { warnings, ...rest } = only(await readConfigStatus(settings, undefined, Date.now()), accountId);
    const trouble = { message, hint, isBroken: true } as const;
    return { report: { ...rest, warnings: [trouble, ...warnings] }, note: NOT_REACHABLE };
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
  const asked = await askGateway<{ probes: readonly AccountProbe[] }>(control, {
    method: "POST",
    path: "/api/probe",
    body: accountId === undefined ? {} : { account: accountId },
    timeoutMs: PROBE_MS,
  });
  if (asked !== undefined) return asked.probes;
  const { probeAccount } = await import("../gateway/ask-imsg.ts");
  return probeAccounts((await control.config()).settings, accountId, probeAccount);
}
