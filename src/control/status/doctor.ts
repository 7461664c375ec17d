// Everything that is wrong, in one list, worst first: the configuration, the status and the probes say it, this only gathers it.
import type { PlaceFault } from "../../config/permissions.ts";
import type { ConfigProblem } from "../../config/read/problem.ts";
import type { ListedAgent } from "../agents/list.ts";
import type { AccountProbe } from "./probe.ts";
import type { AccountStatus, StatusReport } from "./status.ts";
import type { StatusWarning } from "./warnings.ts";

/** One thing to be done. */
export interface Finding {
  /** `broken`: something does not work until it is mended; `warning`: it works, surely not as meant. */
  readonly severity: "broken" | "warning";
  /** The place in the config file, or the account; undefined for the gateway as a whole. */
  readonly where: string | undefined;
  readonly message: string;
  readonly fix: string;
}

/** The findings about a configuration that is not valid: nothing else can be looked at. */
export function findingsOfProblems(file: string, problems: readonly ConfigProblem[]): readonly Finding[] {
  return problems.map(({ line, column, message, hint }) => ({
    severity: "broken",
    where: line === 0 ? file : `${file}:${line}:${column}`,
    message,
    fix: hint,
  }));
}

/** The findings about who else can get at the state folder and the config file. */
export function findingsOfPlaces(faults: readonly PlaceFault[]): readonly Finding[] {
  return faults.map(({ isRefused, message, command }) => ({
    severity: isRefused ? "broken" : "warning",
    where: undefined,
    message,
    fix: isRefused ? `Look at what is in there, then run \`${command}\`.` : `Run \`${command}\`.`,
  }));
}

/** The findings of a status report and of probes, worst first. */
export function findingsOf(report: StatusReport, probes: readonly AccountProbe[]): readonly Finding[] {
  const { gateway, accounts, warnings } = report;
  const configError = gateway.running ? gateway.configError : undefined;
  const findings = [
    ...(configError === undefined ? [] : [notInForce(configError)]),
    ...probes.flatMap(failuresOf),
    ...warnings.map((warning) => findingOf(undefined, warning)),
    ...accounts.flatMap((account) => findingsOfAccount(account, probes)),
    ...(gateway.running ? [] : [NOT_RUNNING]),
  ];
  return worstFirst(findings);
}

/** What is broken before what is only odd. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return [
    ...findings.filter(({ severity }) => severity === "broken"),
    ...findings.filter(({ severity }) => severity === "warning"),
  ];
}

/** The agents that cannot answer, as their programs are not there. */
export function findingsOfAgents(agents: readonly ListedAgent[]): readonly Finding[] {
  return agents
    .filter(({ isThere }) => !isThere)
    .map(({ id, runs }) => ({
      severity: "broken",
      where: `agent ${id}`,
      message: `its program is not there, or may not be executed: ${runs}`,
      fix: `Install it, or correct the command of the agent; then try it with \`coderclaw agents test ${id}\`.`,
    }));
}

/** How the installed service no longer fits this machine. */
export function findingsOfService(
  drifts: readonly { readonly isBroken: boolean; readonly message: string }[],
): readonly Finding[] {
  return drifts.map(({ isBroken, message }) => ({
    severity: isBroken ? "broken" : "warning",
    where: "service",
    message,
    fix: "Run `coderclaw service install` to bring the service up to date.",
  }));
}

const NOT_RUNNING: Finding = {
  severity: "warning",
  where: undefined,
  message: "The gateway does not run: nothing is answered",
  fix: "Start it with `coderclaw gateway`.",
};

function notInForce({ message, hint }: StatusWarning): Finding {
  const text = `The config file is not in force, the gateway goes on with an earlier one: ${message}`;
  return { severity: "broken", where: undefined, message: text, fix: hint };
}

function failuresOf({ accountId, verdicts }: AccountProbe): readonly Finding[] {
  return verdicts
    .filter(({ ok }) => !ok)
    .map(({ check, detail, fix }) => ({
      severity: "broken",
      where: accountId,
      message: `${check}: ${detail}`,
      fix: fix ?? "Run `coderclaw channels status --probe` to see it among the other checks.",
    }));
}

/** What a failed probe says, it says better than the health that suffers from it. */
function findingsOfAccount(
  { id, warnings }: AccountStatus,
  probes: readonly AccountProbe[],
): readonly Finding[] {
  const isExplained = probes.some(({ accountId, ok }) => accountId === id && !ok);
  return warnings
    .filter((warning) => !(isExplained && warning.isBroken))
    .map((warning) => findingOf(id, warning));
}

function findingOf(where: string | undefined, { message, hint, isBroken }: StatusWarning): Finding {
  return { severity: isBroken ? "broken" : "warning", where, message, fix: hint };
}
