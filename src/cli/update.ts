// `update`: which versions there are, what changed, and the command that updates this kind of installation. It changes nothing itself.
import type { Command } from "commander";
import type { StatusReport } from "../control/status/status.ts";
import { changesSince, isNewer, readInstallation } from "../gateway/installation.ts";
import { findControl } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { askGateway } from "./client.ts";
import { runToEnd } from "./demo/programs.ts";

const ASK_MS = 10_000;

interface Options extends GlobalOptions {
  readonly json?: boolean;
}

/** Adds `update`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("update")
    .summary("show the newest version, what changed, and how to get it")
    .description(
      "Shows the installed, the running and the newest version, what changed, and the command that updates this kind of installation. It changes nothing itself.",
    )
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw update", "is there a newer version?"]))
    .action(async (_options, command: Command) => show(cli, command.optsWithGlobals()));
}

async function show(cli: Cli, options: Options): Promise<void> {
  const installation = readInstallation();
  const [newest, running] = await Promise.all([askNewest(), askRunning(options)]);
  const { version: installed } = cli;
  const isRestartDue = running !== undefined && running !== installed;
  const isUpdateDue = newest !== undefined && isNewer(newest, installed);
  const changes = isRestartDue ? changesSince(installation.folder, running) : "";
  if (options.json)
    return cli.printJson({
      installed,
      running,
      newest,
      kind: installation.kind,
      update: installation.update,
      isUpdateDue,
      isRestartDue,
    });
  cli.print(`Installed: ${installed} (${installation.kind})`);
  if (running !== undefined) cli.print(`Running:   ${running}`);
  cli.print(`Newest:    ${newest ?? "unknown: the package registry did not answer"}`);
  if (changes !== "") cli.print(`\n${changes}`);
  if (isRestartDue) cli.print("\nTo use the installed version: coderclaw service restart");
  else if (isUpdateDue || newest === undefined)
    cli.print(
      `\nBack up first:  coderclaw backup\nUpdate:         ${installation.update}\nThen:           coderclaw service restart`,
    );
  else cli.print("\nThis is the newest version.");
}

/** Asked of npm, which knows the registry this machine uses; undefined when it does not answer in time or at all. */
async function askNewest(): Promise<string | undefined> {
  const { code, stdout } = await runToEnd(
    "npm",
    ["view", "coderclaw", "version"],
    AbortSignal.timeout(ASK_MS),
  ).catch(() => ({ code: -1, stdout: "" }));
  const version = stdout.trim();
  return code === 0 && /^\d+\.\d+\.\d+$/u.test(version) ? version : undefined;
}

async function askRunning(options: Options): Promise<string | undefined> {
  const report = await askGateway<StatusReport>(await findControl(options), {
    method: "GET",
    path: "/api/status",
  }).catch(() => undefined);
  return report?.gateway.running === true ? report.gateway.version : undefined;
}
