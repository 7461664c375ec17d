// `service install|uninstall|start|stop|restart|status|logs`: the gateway in the background, by launchd or systemd.
import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "commander";
import { findControl, openConfig } from "../gateway/open-state.ts";
import {
  missingVariables,
  openServiceManager,
  planService,
  type ServiceManager,
  type ServiceStep,
} from "../gateway/open-service.ts";
import { GatewayError } from "../model/errors.ts";
import { confirm, isTerminal } from "./ask.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { askGateway } from "./client.ts";

/** A gateway on a slow disk takes a few seconds to answer; a failing start shows in the log by then. */
const START_MS = 15_000;
const POLL_MS = 200;

interface Options extends GlobalOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly follow?: boolean;
}

/** What an installation will do, for a person to look at. */
interface Change {
  readonly manager: ServiceManager;
  readonly text: string;
  readonly steps: readonly ServiceStep[];
  readonly notes: readonly string[];
}

/** Adds `service`. */
export function register(program: Command, cli: Cli): void {
  const service = program
    .command("service")
    .summary("keep the gateway running in the background: install, start, stop, status, logs")
    .description(
      "Runs the gateway in the background and starts it again after a crash or a reboot: as a LaunchAgent on macOS, as a systemd user unit on Linux. Never needs root.",
    )
    .helpCommand(false);
  service
    .command("install")
    .summary("write the service's file and start it")
    .description(
      "Shows the file and the commands it will run, asks, then installs and starts the service. Run it again after an update that moved Node or CoderClaw.",
    )
    .option("--yes", "do not ask")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw service install --dry-run", "look first"],
        ["coderclaw service install", "install and start"],
      ),
    )
    .action(async (_options, command: Command) => installService(cli, command.optsWithGlobals()));
  service
    .command("uninstall")
    .summary("stop the service and remove its file")
    .description("Stops the service and removes its file. Config, messages and pairings stay where they are.")
    .option("--yes", "do not ask")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw service uninstall", "stop it for good"]))
    .action(
      async (_options, command: Command) => void (await uninstallService(cli, command.optsWithGlobals())),
    );
  for (const [verb, summary] of [
    ["start", "start the installed service"],
    ["stop", "stop it until the next start or login"],
    ["restart", "stop and start it again, such as after an update"],
  ] as const)
    service
      .command(verb)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .option("--json", "print JSON")
      .addHelpText("after", examples([`coderclaw service ${verb}`, summary]))
      .action(async (_options, command: Command) => control(cli, verb, command.optsWithGlobals()));
  service
    .command("status")
    .summary("show whether it is installed, enabled and running")
    .description(
      "Shows whether the service is installed, starts by itself, and runs. Exit code 1 when it does not run.",
    )
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw service status", "is it running?"]))
    .action(async (_options, command: Command) => status(cli, command.optsWithGlobals()));
  service
    .command("logs")
    .summary("show the gateway's log")
    .description(
      "Shows the last 200 lines of the log: from the journal on Linux, from the state folder on macOS.",
    )
    .option("--follow", "go on with new lines until Ctrl-C")
    .addHelpText("after", examples(["coderclaw service logs --follow", "watch it work"]))
    .action(async (_options, command: Command) => logs(cli, command.optsWithGlobals()));
}

/** Installs and starts the service. Contract: rejects with `service/…` when that is not possible here. */
export async function installService(cli: Cli, options: Options): Promise<void> {
  const manager = openServiceManager(options);
  const config = await openConfig(options);
  const plan = planService(options, config);
  const text = manager.render(plan);
  const steps = options.dryRun ? await manager.install(text).catch(() => []) : await manager.install(text);
  const missing = missingVariables(config, plan);
  const notes = [
    ...(missing.length === 0
      ? []
      : [
          `The config takes ${missing.join(", ")} from the environment. A service has none of your shell's variables: write them as NAME=value lines to ${plan.environmentFile} (chmod 600).`,
        ]),
    ...(await manager.advice()),
  ];
  if (options.dryRun) {
    if (options.json)
      return cli.printJson({ file: manager.file, text, steps: steps.map(({ words }) => words), notes });
    return show(cli, { manager, text, steps, notes });
  }
  if (!options.json) show(cli, { manager, text, steps, notes });
  if (!options.yes && !(await confirm("Install it and start it now?", "--yes")))
    return cli.print("Nothing was changed.");
  await take(cli, options, steps);
  const state = await untilRunning(manager, options);
  if (options.json) return cli.printJson({ installed: manager.file, ...state, notes });
  cli.print(
    `The gateway runs in the background (process ${state.pid ?? "unknown"}). Its log: coderclaw service logs`,
  );
}

function show(cli: Cli, { manager, text, steps, notes }: Change): void {
  cli.print(`${manager.file}\n\n${text.trimEnd().replaceAll(/^/gmu, "  ")}\n`);
  if (steps.length > 0) cli.print(`Steps:\n${steps.map(({ words }) => `  ${words}`).join("\n")}\n`);
  for (const note of notes) cli.print(`Note: ${note}`);
}

/** Stops and removes the service; the answer is what became of it. */
export async function uninstallService(cli: Cli, options: Options): Promise<"removed" | "none" | "kept"> {
  const manager = openServiceManager(options);
  const { isInstalled } = await manager.state();
  if (!isInstalled) {
    if (options.json) cli.printJson({ removed: false });
    else cli.print(`The service is not installed: there is no ${manager.file}.`);
    return "none";
  }
  const steps = await manager.uninstall();
  if (!options.json || options.dryRun)
    cli.print(`Steps:\n${steps.map(({ words }) => `  ${words}`).join("\n")}`);
  if (options.dryRun) return "kept";
  if (!options.yes && !(await confirm("Stop the gateway and remove the service?", "--yes"))) {
    cli.print("Nothing was changed.");
    return "kept";
  }
  await take(cli, options, steps);
  if (options.json) cli.printJson({ removed: true });
  else cli.print("The service is removed. Your config, messages and pairings are still in the state folder.");
  return "removed";
}

async function control(cli: Cli, verb: "start" | "stop" | "restart", options: Options): Promise<void> {
  const manager = openServiceManager(options);
  if (!(await manager.state()).isInstalled)
    throw new GatewayError(
      "service/not-installed",
      `The service is not installed: there is no "${manager.file}"`,
      {
        hint: "Install it with `coderclaw service install`, or run the gateway here with `coderclaw gateway`.",
      },
    );
  await take(cli, options, await manager[verb]());
  if (verb === "stop") {
    if (options.json) return cli.printJson({ running: false });
    return cli.print(
      "The gateway is stopped. Messages that arrive meanwhile are answered after the next start.",
    );
  }
  const state = await untilRunning(manager, options);
  if (options.json) return cli.printJson(state);
  cli.print(`The gateway runs (process ${state.pid ?? "unknown"}).`);
}

async function take(cli: Cli, { json }: Options, steps: readonly ServiceStep[]): Promise<void> {
  for (const step of steps) {
    if (!json) cli.note(`… ${step.words}`);
    await step.run();
  }
}

/** Contract: rejects with `service/failed` when the gateway does not answer in time. */
async function untilRunning(manager: ServiceManager, options: Options): Promise<{ pid: number | undefined }> {
  for (const end = Date.now() + START_MS; Date.now() < end; await delay(POLL_MS)) {
    const state = await manager.state();
    if (!state.isRunning) continue;
    const answer = await askGateway(await findControl(options), {
      method: "GET",
      path: "/api/status",
      timeoutMs: 2000,
    }).catch(() => undefined);
    if (answer !== undefined) return { pid: state.pid };
  }
  const { detail } = await manager.state();
  throw new GatewayError(
    "service/failed",
    `The service did not come up within ${START_MS / 1000} s: ${detail}`,
    {
      hint: "Read why with `coderclaw service logs`. If a gateway runs in a terminal, stop it: the service takes over by itself.",
      effect: "maybe",
    },
  );
}

async function status(cli: Cli, options: Options): Promise<void> {
  const manager = openServiceManager(options);
  const state = await manager.state();
  if (!state.isRunning) cli.exitWith(1);
  if (options.json) return cli.printJson({ manager: manager.name, file: manager.file, ...state });
  if (!state.isInstalled)
    return cli.print("The service is not installed. Install it with `coderclaw service install`.");
  const enabled = state.isEnabled
    ? "starts by itself"
    : "does not start by itself (run `coderclaw service install`)";
  const running = state.isRunning ? `running, process ${state.pid ?? "unknown"}` : "not running";
  cli.print(`${running}; ${enabled}\n${manager.name}: ${state.detail}\nfile: ${manager.file}`);
}

async function logs(cli: Cli, options: Options): Promise<void> {
  const manager = openServiceManager(options);
  const [program, ...words] = manager.logCommand;
  const follow = options.follow ? [manager.name === "launchd" ? "-F" : "--follow"] : [];
  const child = spawn(program, [...follow, ...words], { stdio: "inherit" });
  const interrupt = (): void => {}; // Ctrl-C goes to the child too; its end is ours
  process.on("SIGINT", interrupt);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("exit", (code) => resolve(code ?? 0));
  const code = await promise
    .catch((cause: unknown) => {
      throw new GatewayError("service/failed", `"${program}" could not be started`, {
        hint: isTerminal()
          ? "Run `coderclaw gateway` in this terminal to see its log here."
          : "Run `coderclaw gateway` in the foreground to see its log.",
        cause,
      });
    })
    .finally(() => process.off("SIGINT", interrupt));
  if (code !== 0) cli.exitWith(1);
}
