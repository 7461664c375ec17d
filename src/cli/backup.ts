// `backup [FILE]`: the state in one file, made while the gateway runs.
import type { Command } from "commander";
import { openConfig } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { oneLine } from "./table.ts";

/** A small database is copied before anybody wonders. */
const PROGRESS_STEP = 0.1;

interface Options extends GlobalOptions {
  readonly secrets?: boolean;
  readonly json?: boolean;
}

/** Adds `backup`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("backup")
    .summary("save messages, pairings and config to one file")
    .description(
      "Saves the state database and the config to one compressed file that only you can read. The gateway may run meanwhile.\nThe folders your agents work in are not part of it.",
    )
    .argument("[file]", "where to; in the current folder without it")
    .option("--secrets", "include the control token and service.env")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw backup", "a file with today's date"],
        ["coderclaw backup ~/safe/coderclaw.tar.gz --secrets", "to move to another machine"],
      ),
    )
    .action(async (file: string | undefined, _options, command: Command) =>
      save(cli, file, command.optsWithGlobals()),
    );
}

async function save(cli: Cli, file: string | undefined, options: Options): Promise<void> {
  const config = await openConfig(options);
  const { backupName, makeBackup } = await import("../gateway/backup.ts");
  const nowMs = Date.now();
  const target = file ?? backupName(nowMs);
  let next = PROGRESS_STEP;
  const manifest = await makeBackup(config, {
    file: target,
    version: cli.version,
    nowMs,
    withSecrets: options.secrets === true,
    onProgress: (share) => {
      if (share < next || share >= 1) return;
      cli.note(`… ${Math.floor(share * 100)} %`);
      next = share + PROGRESS_STEP;
    },
  });
  if (options.json) return cli.printJson({ file: target, ...manifest });
  cli.print(oneLine(`Saved ${manifest.messages} messages and ${manifest.pairings} pairings to ${target}`));
  if (manifest.files.includes("coderclaw.json") && config.sources.secrets.length > 0)
    cli.note("The config in it contains secrets: keep the file where only you can read it.");
}
