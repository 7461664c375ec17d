// `coderclaw gateway`: runs the gateway in the foreground until it is told to stop.
import type { Command } from "commander";
import { examples, type GlobalOptions, type Register } from "./cli.ts";
import { addSessions } from "./gateway-sessions.ts";

/** Adds the command. */
export const register: Register = (program, cli) => {
  const gateway = program
    .command("gateway")
    .summary("run the gateway")
    .description(
      "Runs the gateway in the foreground: watches every account, answers, and says on stderr what it does.\nStop it with Ctrl-C or SIGTERM; whatever is not finished then is picked up at the next start.",
    )
    .option(
      "--log-file <path>",
      "write the log to this file instead of stderr; 10 MB, then a new one, 3 older ones kept",
    )
    .addHelpText(
      "after",
      examples(
        ["coderclaw gateway", "run with the config in ~/.coderclaw"],
        ["coderclaw gateway --config ./work.json", "run with another config"],
      ),
    )
    .action(async (_options: unknown, command: Command) => {
      const { config, logFile } = command.optsWithGlobals<GlobalOptions & { readonly logFile?: string }>();
      const { runGateway } = await import("../gateway/run.ts");
      await runGateway({ configPath: config, version: cli.version, logFile, program: process.argv[1] });
    });
  addSessions(gateway.helpCommand(false), cli);
};
