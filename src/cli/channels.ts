// `channels status` and `channels list`: the accounts, their health, and what needs a person.
import type { Command } from "commander";
import { readConfigStatus, type StatusReport } from "../control/status.ts";
import { probeAccounts, type AccountProbe } from "../control/probe.ts";
import { findControl, openConfig, withStoreIfThere, type ControlPlaces } from "../gateway/open-state.ts";
import { toGatewayError } from "../model/errors.ts";
import type { Settings } from "../model/settings.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { askGateway } from "./client.ts";
import { renderProbes, renderStatus } from "./render-status.ts";
import { renderTable } from "./table.ts";

const NOT_REACHABLE = "Gateway not reachable; showing config-only status.";

/** Adds `channels`. */
export function register(program: Command, cli: Cli): void {
  const summary = "accounts, their health and what is wrong with them";
  const channels = program
    .command("channels")
    .summary(summary)
    .description(`Shows ${summary}.`)
    .helpCommand(false);
  channels
    .command("status")
    .summary("what runs, what waits, what needs you")
    .description(
      "Shows each account: whether it is read, watched and can send, what waits, who may write, and warnings.\n" +
        "Without a running gateway it shows the configuration and the figures of the state database.",
    )
    .option("--probe", "also ask every account's imsg whether all it takes is there; exit code 1 if not")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw channels status", "everything that runs"],
        ["coderclaw channels status --probe", "program, RPC, database and watch checked, each with the fix"],
      ),
    )
    .action(async (_options, command: Command) => status(cli, command.optsWithGlobals()));
  channels
    .command("list")
    .summary("the configured accounts")
    .description("Lists the accounts of the configuration, the disabled ones too.")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw channels list --json", "for a script"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
}

interface Options extends GlobalOptions {
  readonly json?: boolean;
  readonly probe?: boolean;
}

/** Every step of every account's probe may take its whole time limit. */
const PROBE_MS = 10 * 60_000;

async function status(cli: Cli, options: Options): Promise<void> {
  const control = await findControl(options);
  const { report, note } = await readReport(control);
  const probes = options.probe ? await probe(control) : undefined;
  if (probes?.some((one) => !one.ok)) cli.exitWith(1);
  if (options.json) return cli.printJson(probes === undefined ? report : { ...report, probes });
  if (note !== undefined) cli.print(`${note}\n`);
  cli.print(renderStatus(report, Date.now()));
  if (probes !== undefined) cli.print(`\n${renderProbes(probes)}`);
}

/** By the gateway if it runs: what macOS permits depends on the process that asks. */
async function probe(control: ControlPlaces): Promise<readonly AccountProbe[]> {
  const asked = await askGateway<{ probes: readonly AccountProbe[] }>(control, {
    method: "POST",
    path: "/api/probe",
    body: {},
    timeoutMs: PROBE_MS,
  });
  if (asked !== undefined) return asked.probes;
  const { probeAccount } = await import("../gateway/ask-imsg.ts");
  return probeAccounts((await control.config()).settings, undefined, probeAccount);
}

/** The gateway's own report, else one made here from configuration and state database. */
async function readReport(
  control: ControlPlaces,
): Promise<{ report: StatusReport; note: string | undefined }> {
  const asked = await askGateway<StatusReport>(control, { method: "GET", path: "/api/status" });
  if (asked !== undefined) return { report: asked, note: undefined };
  const { settings } = await control.config();
  try {
    const report = await withStoreIfThere(settings, async (store) =>
      readConfigStatus(settings, store, Date.now()),
    );
    return { report, note: NOT_REACHABLE };
  } catch (thrown) {
    const { code, message, hint } = toGatewayError(thrown);
    if (!code.startsWith("store/")) throw thrown;
    const report = await readConfigStatus(settings, undefined, Date.now());
    return { report: { ...report, warnings: [{ message, hint }, ...report.warnings] }, note: NOT_REACHABLE };
  }
}

async function list(cli: Cli, options: Options): Promise<void> {
  const { settings } = await openConfig(options);
  const accounts = listAccounts(settings);
  if (options.json) return cli.printJson({ accounts });
  if (accounts.length === 0) return cli.print("No imessage account is configured.");
  const rows = accounts.map((account) => [
    account.id,
    account.name,
    account.enabled ? "yes" : "no",
    account.cliPath ?? "-",
    account.dmPolicy ?? "-",
  ]);
  cli.print(renderTable(["ACCOUNT", "NAME", "ENABLED", "PROGRAM", "DIRECT MESSAGES"], rows));
}

interface ListedAccount {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly cliPath?: string;
  readonly dmPolicy?: string;
}

function listAccounts(settings: Settings): readonly ListedAccount[] {
  const running = settings.accounts.map(({ id, name, transport, dmPolicy }) => ({
    id,
    name,
    enabled: true,
    cliPath: transport.cliPath,
    dmPolicy,
  }));
  return [...running, ...settings.stoppedAccounts.map(({ id, name }) => ({ id, name, enabled: false }))];
}
