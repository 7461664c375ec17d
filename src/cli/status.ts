// `coderclaw` alone and `coderclaw status`: where things stand on one screen, and the next step.
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { isOpening } from "../control/status/opening.ts";
import { renderSpan } from "../control/span.ts";
import type { AccountStatus, StatusReport } from "../control/status/status.ts";
import { openServiceManager } from "../gateway/open-service.ts";
import { findControl, type ControlPlaces } from "../gateway/open-state.ts";
import type { Settings } from "../model/settings.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { readReport } from "./read-report.ts";
import { oneLine } from "./table.ts";

interface Options extends GlobalOptions {
  readonly json?: boolean;
}

/** Where things stand, for a program. */
interface Standing {
  readonly configured: boolean;
  readonly running: boolean;
  readonly pid: number | undefined;
  readonly accounts: readonly {
    readonly id: string;
    readonly ok: boolean;
    readonly problem: string | undefined;
    readonly lastReceivedAtMs: number | undefined;
    readonly parked: number;
  }[];
  readonly agent: string;
  readonly warnings: number;
  /** The command that helps most now. */
  readonly next: string | undefined;
}

/** Adds `status`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("status")
    .summary("show where things stand, and the next step")
    .description(
      "Shows on one screen whether the gateway runs, how its accounts are, and what to do next.\nExit code 0 when the gateway runs, else 1. `coderclaw channels status` has every detail.",
    )
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw status", "is it running, and well?"]))
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      await show(cli, options);
    });
}

async function show(cli: Cli, options: Options): Promise<void> {
  const control = await findControl(options);
  const { report } = await readReport(control, undefined);
  const standing = await standingOf(report, control, options);
  if (options.json) cli.printJson(standing);
  else cli.print(render(standing, report, Date.now()));
  if (!standing.running) cli.exitWith(1);
}

async function standingOf(report: StatusReport, control: ControlPlaces, options: Options): Promise<Standing> {
  const { settings, sources } = await control.config();
  const { gateway, accounts } = report;
  const configured = sources.fileExists && settings.accounts.length > 0;
  const warnings = report.warnings.length + accounts.reduce((sum, one) => sum + one.warnings.length, 0);
  return {
    configured,
    running: gateway.running,
    pid: gateway.running ? gateway.pid : undefined,
    accounts: accounts
      .filter(({ state }) => state !== "disabled")
      .map((account) => ({
        id: account.id,
        ok: problemOf(account) === undefined,
        problem: problemOf(account),
        lastReceivedAtMs: account.figures?.lastReceivedAtMs,
        parked: account.figures?.parked ?? 0,
      })),
    agent: describeAgent(settings),
    warnings,
    next: nextStep(report, { configured, warnings, installed: isServiceInstalled(options) }),
  };
}

/** A machine without a service manager has none installed. */
function isServiceInstalled(options: Options): boolean {
  try {
    return existsSync(openServiceManager(options).file);
  } catch {
    return false;
  }
}

function describeAgent({ agents, defaultAgentId }: Settings): string {
  const agent = agents.find(({ id }) => id === defaultAgentId);
  if (agent === undefined) return "nobody";
  return agent.runtime.type === "echo" ? "an echo, until you add an agent" : agent.name;
}

/** Why an account does not do its work; undefined while it does, or while nothing runs. */
function problemOf({ health }: AccountStatus): string | undefined {
  if (health === undefined) return undefined;
  if (isOpening(health)) return "starting";
  const { reading, watching, sending } = health;
  const trouble = [
    ...(reading.state === "ready" ? [] : [`cannot read: ${reading.reason ?? reading.state}`]),
    ...(watching.ok ? [] : [`is not watching: ${watching.reason ?? "reason unknown"}`]),
    ...(sending.state === "ready" ? [] : [`cannot send: ${sending.reason ?? sending.state}`]),
  ];
  return trouble.at(0);
}

function nextStep(
  { gateway, accounts }: StatusReport,
  {
    configured,
    warnings,
    installed,
  }: { readonly configured: boolean; readonly warnings: number; readonly installed: boolean },
): string | undefined {
  if (!configured) return "coderclaw onboard";
  if (!gateway.running)
    return installed
      ? "coderclaw service start"
      : "coderclaw service install (or `coderclaw gateway` in this terminal)";
  if (accounts.some(({ figures }) => (figures?.parked ?? 0) > 0)) return "coderclaw outbox list";
  return warnings > 0 || accounts.some((account) => problemOf(account) !== undefined)
    ? "coderclaw doctor"
    : undefined;
}

function render(
  { configured, running, accounts, agent, next }: Standing,
  { gateway }: StatusReport,
  nowMs: number,
): string {
  const head = gateway.running
    ? `CoderClaw ${gateway.version} is running (process ${gateway.pid}, for ${renderSpan(nowMs - gateway.startedAtMs)}).`
    : configured
      ? "The gateway is not running, so nothing is answered."
      : "Nothing is set up yet.";
  const lines = accounts.map(({ id, problem, lastReceivedAtMs, parked }) => {
    const health = !running ? "waiting for the gateway" : (problem ?? "reading, watching and sending");
    const last =
      lastReceivedAtMs === undefined
        ? "no message yet"
        : `last message ${renderSpan(nowMs - lastReceivedAtMs)} ago`;
    return oneLine(`  ${id}: ${health}; ${last}${parked > 0 ? `; ${parked} parked` : ""}`);
  });
  const answers = configured ? [oneLine(`Answered by ${agent}.`)] : [];
  return [
    head,
    ...lines,
    ...answers,
    ...(next === undefined ? [] : [`Next: ${next}`]),
    "All commands: coderclaw --help",
  ].join("\n");
}
