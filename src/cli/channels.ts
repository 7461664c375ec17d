// `channels status` and `channels list`: the accounts, their health, and what needs a person.
import type { Command } from "commander";
import { findControl, openConfig } from "../gateway/open-state.ts";
import type { Settings } from "../model/settings.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { probe, readReport } from "./read-report.ts";
import { renderProbes, renderStatus } from "./render-status.ts";
import { renderTable } from "./table.ts";

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
    .option("--account <id>", "of this account only")
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
  readonly account?: string;
  readonly probe?: boolean;
}

async function status(cli: Cli, options: Options): Promise<void> {
  const control = await findControl(options);
  const { report, note } = await readReport(control, options.account);
  const probes = options.probe ? await probe(control, options.account) : undefined;
  if (probes?.some((one) => !one.ok)) cli.exitWith(1);
  if (options.json) return cli.printJson(probes === undefined ? report : { ...report, probes });
  if (note !== undefined) cli.print(`${note}\n`);
  cli.print(renderStatus(report, Date.now()));
  if (probes !== undefined) cli.print(`\n${renderProbes(probes)}`);
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
