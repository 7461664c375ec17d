// `uninstall`: the service goes; the command that removes the program, and where everything that stays is, are shown.
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { readInstallation } from "../gateway/installation.ts";
import { openConfig } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { uninstallService } from "./service.ts";
import { oneLine } from "./table.ts";

interface Options extends GlobalOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Adds `uninstall`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("uninstall")
    .summary("remove the service, and show how to remove the rest")
    .description(
      "Stops the gateway and removes its service. Then it shows the command that removes the program, and where your messages, config and workspaces are: those stay until you delete them.",
    )
    .option("--yes", "do not ask")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw uninstall", "take it off this machine"]))
    .action(async (_options, command: Command) => uninstall(cli, command.optsWithGlobals()));
}

async function uninstall(cli: Cli, options: Options): Promise<void> {
  // A config that is not valid is no reason to keep the service.
  const config = await openConfig(options).catch(() => undefined);
  const service = await uninstallService(options.json ? { ...cli, printJson: () => {} } : cli, options).catch(
    (thrown: unknown) => {
      if ((thrown as { code?: string }).code !== "service/no-manager") throw thrown;
      return "none" as const;
    },
  );
  if (service === "kept") return;
  const { remove } = readInstallation();
  const places =
    config === undefined
      ? []
      : [
          { what: "messages, pairings, config", path: config.sources.places.stateDir },
          ...config.settings.agents.map(({ id, workspace }) => ({
            what: `workspace of ${id}`,
            path: workspace,
          })),
        ];
  const stays = places.filter(({ path }) => existsSync(path));
  if (options.json) return cli.printJson({ service, remove, stays });
  cli.print(`\nRemove the program:  ${remove}`);
  if (stays.length > 0)
    cli.print(
      `What stays until you delete it:\n${stays.map(({ what, path }) => oneLine(`  ${path}  (${what})`)).join("\n")}`,
    );
}
