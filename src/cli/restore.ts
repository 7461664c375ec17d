// `restore FILE`: a backup put in place of what is there, which is kept under another name.
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { openConfig } from "../gateway/open-state.ts";
import { confirm } from "./ask.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { oneLine, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly skipMissed?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Adds `restore`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("restore")
    .summary("bring a backup back")
    .description(
      "Puts a backup in place of the current state and config. Nothing is deleted: what is there now is kept under another name. Stop the gateway first.\nMessages of the last two hours that the backup does not know are answered at the next start, also those that were answered after it was made; with --skip-missed none of them is.",
    )
    .argument("<file>", "a file that `coderclaw backup` made")
    .option("--skip-missed", "do not answer what was written before the next start")
    .option("--yes", "do not ask")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(["coderclaw restore coderclaw-2026-11-28T103000.tar.gz", "on this machine or a new one"]),
    )
    .action(async (file: string, _options, command: Command) =>
      bringBack(cli, file, command.optsWithGlobals()),
    );
}

async function bringBack(cli: Cli, file: string, options: Options): Promise<void> {
  const { settings, sources } = await openConfig(options);
  const { restoreBackup } = await import("../gateway/backup.ts");
  const { stateDir, configFile } = sources.places;
  const places = { storePath: settings.storePath, stateDir, configFile };
  const isReplacing = existsSync(places.storePath) || existsSync(configFile);
  if (
    isReplacing &&
    !options.yes &&
    !(await confirm("Replace the current state and config? They are kept under another name.", "--yes"))
  )
    return cli.print("Nothing was changed.");
  const { manifest, kept } = await restoreBackup(places, {
    file,
    nowMs: Date.now(),
    skipMissed: options.skipMissed === true,
  });
  if (options.json) return cli.printJson({ ...manifest, kept });
  cli.print(
    oneLine(
      `Restored ${manifest.messages} messages and ${manifest.pairings} pairings of ${renderTime(manifest.createdAtMs)}.`,
    ),
  );
  if (kept.length > 0)
    cli.print(`What was there is kept:\n${kept.map((path) => oneLine(`  ${path}`)).join("\n")}`);
  cli.print("Next: coderclaw doctor, then start the gateway.");
}
