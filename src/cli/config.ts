// `config path|get|set|unset|undo|validate|schema`: the config file, its comments and order kept.
import type { Command } from "commander";
import { openConfigFile } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { addImport } from "./config-import.ts";
import { oneLine } from "./table.ts";

interface Options extends GlobalOptions {
  readonly json?: boolean;
  readonly reveal?: boolean;
}

/** Adds `config`. */
export function register(program: Command, cli: Cli): void {
  const config = program
    .command("config")
    .summary("the config file: path, get, set, unset, undo, validate, schema")
    .description("Reads and changes the config file. A running gateway takes a valid change over at once.")
    .helpCommand(false);
  addReading(config, cli);
  addWriting(config, cli);
  addUndo(config, cli);
  addChecking(config, cli);
  addImport(config, cli);
}

function addReading(config: Command, cli: Cli): void {
  config
    .command("path")
    .summary("where the config file is")
    .description("Prints the absolute path of the config file, there or not.")
    .option("--json", "print JSON")
    .addHelpText("after", examples(['$EDITOR "$(coderclaw config path)"', "edit it"]))
    .action(async (_options, command: Command) => printPath(cli, command.optsWithGlobals()));
  config
    .command("get")
    .summary("a value, or the whole file")
    .description(
      "Prints the value at a path; where the file does not say, the default. Secrets are shown as ••••.",
    )
    .argument("[path]", "such as channels.imessage.allowFrom[0]; the whole file without one")
    .option("--reveal", "show secrets")
    .option("--json", "print JSON, and where the value comes from")
    .addHelpText(
      "after",
      examples(
        ["coderclaw config get channels.imessage.dmPolicy", "one value"],
        ["coderclaw config get --json", "everything that is set"],
      ),
    )
    .action(async (path: string | undefined, _options, command: Command) =>
      get(cli, path, command.optsWithGlobals()),
    );
}

function addWriting(config: Command, cli: Cli): void {
  config
    .command("set")
    .summary("change a value")
    .description(
      "Sets the value at a path, what is missing on the way made. The result is checked before it is written;\n" +
        "comments, order and quotes of the rest stay, and the previous file is kept beside it.",
    )
    .argument("<path>", 'such as channels.imessage.accounts["home"].name')
    .argument("<value>", "JSON5, or a bare text")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw config set channels.imessage.dmPolicy allowlist", "a text"],
        [`coderclaw config set channels.imessage.allowFrom '["+15551234567"]'`, "a list"],
      ),
    )
    .action(async (path: string, value: string, _options, command: Command) => {
      const { setConfig } = await openConfigFile();
      await change(cli, command.optsWithGlobals(), async (at) => setConfig(path, value, at));
    });
  config
    .command("unset")
    .summary("remove a value")
    .description("Removes the value at a path; the default is in force then.")
    .argument("<path>", "such as channels.imessage.region")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw config unset channels.imessage.region", "back to US"]))
    .action(async (path: string, _options, command: Command) => {
      const { unsetConfig } = await openConfigFile();
      await change(cli, command.optsWithGlobals(), async (at) => unsetConfig(path, at));
    });
}

function addUndo(config: Command, cli: Cli): void {
  config
    .command("undo")
    .summary("take the last change back")
    .description(
      "Puts the config file back as it was before the last `config set`, `config unset` or `/config` in chat.\n" +
        "Undoing twice brings the change back.",
    )
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw config undo", "as it was before"]))
    .action(async (_options, command: Command) => undo(cli, command.optsWithGlobals()));
}

function addChecking(config: Command, cli: Cli): void {
  config
    .command("validate")
    .summary("check the file")
    .description(
      "Checks the config file, or another one, and lists everything wrong with it. Exit code 3 if anything is.",
    )
    .argument("[file]", "the file to check")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw config validate ./new.json", "before it is put in place"]))
    .action(async (file: string | undefined, _options, command: Command) =>
      validate(cli, file, command.optsWithGlobals()),
    );
  config
    .command("schema")
    .summary("JSON Schema for editors")
    .option("--json", "it is always JSON")
    .description("Prints the JSON Schema of the config file, for editors.")
    .addHelpText("after", examples(["coderclaw config schema > coderclaw.schema.json", "name it in $schema"]))
    .action(async () => {
      const { configJsonSchema } = await openConfigFile();
      cli.printJson(await configJsonSchema());
    });
}

async function printPath(cli: Cli, options: Options): Promise<void> {
  const { configPath } = await openConfigFile();
  const path = configPath({ configPath: options.config });
  if (options.json) cli.printJson({ path });
  else cli.print(path);
}

async function get(cli: Cli, path: string | undefined, options: Options): Promise<void> {
  const { getConfig, renderConfigValue } = await openConfigFile();
  const found = await getConfig(path, { configPath: options.config, reveal: options.reveal === true });
  if (options.json) return cli.printJson(found);
  if (found.value !== undefined) return cli.print(renderConfigValue(found.value));
  const why = found.defaultText === undefined ? "" : ` (default: ${found.defaultText})`;
  cli.note(found.path === "" ? "The config file says nothing." : `${found.path} is not set${why}.`);
}

type Change = Awaited<ReturnType<Awaited<ReturnType<typeof openConfigFile>>["setConfig"]>>;

async function change(
  cli: Cli,
  options: Options,
  make: (at: { configPath: string | undefined }) => Promise<Change>,
): Promise<void> {
  const { renderConfigValue } = await openConfigFile();
  const made = await make({ configPath: options.config });
  if (options.json) return cli.printJson(made);
  if (!made.changed) return cli.print(`${made.path} is as it was; nothing was written.`);
  const now = made.after === undefined ? "is not set any more" : `is ${renderConfigValue(made.after)}`;
  cli.print(`${made.path} ${now}`);
  for (const { path, message, hint } of made.warnings) cli.note(`Warning: ${path}: ${message}\n${hint}`);
}

async function undo(cli: Cli, options: Options): Promise<void> {
  const { undoConfig } = await openConfigFile();
  const made = await undoConfig({ configPath: options.config });
  if (options.json) return cli.printJson(made);
  const what = made.paths.length === 0 ? "only comments and blanks differed" : made.paths.join(", ");
  cli.print(oneLine(`The last change is undone: ${what}`));
  for (const { path, message, hint } of made.warnings) cli.note(`Warning: ${path}: ${message}\n${hint}`);
}

async function validate(cli: Cli, file: string | undefined, options: Options): Promise<void> {
  const { validateConfig } = await openConfigFile();
  const report = await validateConfig(file, { configPath: options.config });
  if (report.problems.length > 0) cli.exitWith(3);
  if (options.json) return cli.printJson({ ok: report.problems.length === 0, ...report });
  for (const { line, column, message, hint } of report.problems) {
    const where = line === 0 ? report.file : `${report.file}:${line}:${column}`;
    cli.note(oneLine(`${where}: ${message}`));
    cli.note(oneLine(hint));
  }
  for (const { path, message, hint } of report.warnings)
    cli.note(oneLine(`Warning: ${path}: ${message}`) + "\n" + oneLine(hint));
  if (report.problems.length > 0) return;
  cli.print(
    report.exists ? `${report.file} is valid.` : `There is no ${report.file}; the defaults are in force.`,
  );
}
