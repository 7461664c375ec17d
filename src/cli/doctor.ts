// `doctor`: everything that is wrong, worst first, each with its fix.
import type { Command } from "commander";
import { listAgents } from "../control/agents/list.ts";
import {
  findingsOf,
  findingsOfAgents,
  findingsOfPlaces,
  findingsOfProblems,
  findingsOfService,
  worstFirst,
  type Finding,
} from "../control/status/doctor.ts";
import type { StatusReport } from "../control/status/status.ts";
import { findControl, openConfigFile, readPlaceFaults, readSearchPath } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { probe, readReport } from "./read-report.ts";
import { oneLine } from "./table.ts";

interface Options extends GlobalOptions {
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Adds `doctor`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("doctor")
    .summary("everything that is wrong, worst first, each with its fix")
    .description(
      "Looks at the configuration, the state, and every account's imsg, and lists what is wrong, worst first.\n" +
        "Exit code 1 when something is broken, 0 when there are warnings at most.",
    )
    .option("--fix", "repair what can be repaired, one thing at a time")
    .option("--yes", "with --fix: carry out every safe repair without asking")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw doctor", "is everything well?"],
        ["coderclaw doctor --fix", "repair it, after a backup"],
      ),
    )
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      if (!options.fix) return examine(cli, options);
      const { fix } = await import("./doctor-fix.ts");
      if (!(await fix(cli, options))) cli.exitWith(1);
    });
}

async function examine(cli: Cli, options: Options): Promise<void> {
  const findings = await gather(options);
  const isBroken = findings.some(({ severity }) => severity === "broken");
  if (isBroken) cli.exitWith(1);
  if (options.json) return cli.printJson({ ok: !isBroken, findings });
  cli.print(findings.length === 0 ? "Everything is well." : findings.map(render).join("\n"));
}

/** A configuration that is not valid is all there is to be said, unless a gateway goes on with an earlier one. */
async function gather(options: Options): Promise<readonly Finding[]> {
  const places = await readPlaceFaults(options);
  const findings = findingsOfPlaces(places);
  // What others may have written is not even read.
  if (places.some(({ isRefused }) => isRefused)) return worstFirst(findings);
  return worstFirst([...findings, ...(await gatherInside(options))]);
}

async function gatherInside(options: Options): Promise<readonly Finding[]> {
  const control = await findControl(options);
  const { validateConfig } = await openConfigFile();
  const { file, problems } = await validateConfig(undefined, { configPath: options.config });
  if (problems.length === 0) {
    const { report } = await readReport(control, undefined);
    const config = await control.config();
    const agents = findingsOfAgents(await listAgents(config.settings, await readSearchPath()));
    const { readServiceDrift } = await import("../gateway/open-service.ts");
    const service = findingsOfService(await readServiceDrift(options, config).catch(() => []));
    return [...agents, ...service, ...findingsOf(report, await probe(control, undefined))];
  }
  const faults = findingsOfProblems(file, problems);
  const running = await readReport(control, undefined).catch(() => undefined);
  if (running === undefined) return faults;
  return [...faults, ...findingsOf(withoutConfigError(running.report), await probe(control, undefined))];
}

/** The faults themselves are listed. */
function withoutConfigError({ gateway, ...rest }: StatusReport): StatusReport {
  return { ...rest, gateway: gateway.running ? { ...gateway, configError: undefined } : gateway };
}

function render({ severity, where, message, fix }: Finding): string {
  const place = where === undefined ? "" : `${where}: `;
  return `${severity === "broken" ? "BROKEN " : "warning"} ${oneLine(`${place}${message}`)}\n        ${oneLine(`Fix: ${fix}`)}`;
}
