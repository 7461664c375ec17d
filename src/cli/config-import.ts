// `config import FILE`: the config of OpenClaw or its kin taken over, each key with what became of it.
import type { Command } from "commander";
import { openConfigFile } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { oneLine } from "./table.ts";

interface Options extends GlobalOptions {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Adds `config import`. */
export function addImport(config: Command, cli: Cli): void {
  config
    .command("import")
    .summary("take over the config of OpenClaw, Moltbot or Clawdbot")
    .description(
      "Reads the config of another gateway and adds to this one what has a meaning here. Each key is listed: taken, translated, or left out with the reason. What this config says already stays.",
    )
    .argument("<file>", "such as ~/.openclaw/openclaw.json")
    .option("--dry-run", "show what would change, and change nothing")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(["coderclaw config import ~/.openclaw/openclaw.json --dry-run", "look first"]),
    )
    .action(async (file: string, _options, command: Command) => take(cli, file, command.optsWithGlobals()));
}

async function take(cli: Cli, file: string, options: Options): Promise<void> {
  const { importConfig } = await openConfigFile();
  const done = await importConfig(file, options.dryRun === true, { configPath: options.config });
  if (options.json) return cli.printJson(done);
  const list = (
    title: string,
    keys: typeof done.taken,
    render: (key: (typeof done.taken)[number]) => string,
  ): void => {
    if (keys.length > 0)
      cli.print(`${title}\n${keys.map((key) => oneLine(`  ${render(key)}`)).join("\n")}\n`);
  };
  list("Taken:", done.taken, ({ from }) => from);
  list(
    "Translated:",
    done.translated,
    ({ from, to, note }) => `${from} → ${to ?? ""}${note === "" ? "" : ` (${note})`}`,
  );
  list("Set here already, not touched:", done.kept, ({ from }) => from);
  list("Left out:", done.left, ({ from, note }) => `${from}: ${note}`);
  if (options.dryRun) return cli.print("Nothing was changed. Run it without --dry-run to write this.");
  if (!done.changed) return cli.print("There was nothing to add.");
  cli.print(
    oneLine(
      `Written to ${done.file}${done.backup === undefined ? "" : `; the previous file is ${done.backup}`}`,
    ),
  );
  cli.print("Next: coderclaw onboard");
}
