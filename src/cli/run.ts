// One command line from arguments to exit code: loads the file of the command that is named, runs it, reports what goes wrong.
import { Command, CommanderError } from "commander";
import { GatewayError } from "../model/errors.ts";
import { renderJson } from "../model/plain-line.ts";
import { optionsOf, type Cli } from "./cli.ts";
import { exitCodeOf, renderFailure } from "./failure.ts";
import { BRANCHES, FAMILIAR } from "./tree.ts";

/** Runs a command line; the answer is its exit code. Contract: does not reject. */
export async function run(typed: readonly string[], version: string): Promise<number> {
  let exitCode = 0;
  const cli: Cli = {
    version,
    print: (text) => void process.stdout.write(`${text}\n`),
    printJson: (value) => void process.stdout.write(`${renderJson(value, 2)}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    exitWith: (code) => {
      exitCode = code;
    },
    wholeTree: async () => buildProgram(cli, () => true),
  };
  // `coderclaw … | head`: nobody reads on, so there is nobody to tell.
  process.stdout.on("error", () => process.exit(exitCode));
  const argv = withOurName(typed);
  const words = operandsOf(argv);
  const named = words[0] === "help" ? words[1] : words[0];
  try {
    if (argv.includes("--json") && (argv.includes("--version") || argv.includes("-V"))) {
      cli.printJson({ version, node: process.versions.node, platform: process.platform });
      return 0;
    }
    const program = await buildProgram(cli, (name) => name === named);
    await parse(program, argv);
    // Looking where things stand succeeds whatever it shows; asking `status` is a check.
    return typed.length < argv.length && words[0] === "status" ? 0 : exitCode;
  } catch (thrown) {
    return fail(cli, argv, thrown);
  }
}

/** The program with every command loaded, for what is made from the commands: the manual page. */
export async function buildWholeTree(version: string): Promise<Command> {
  const silent = (): void => {};
  const cli: Cli = {
    version,
    print: silent,
    printJson: silent,
    note: silent,
    exitWith: silent,
    wholeTree: async () => buildProgram(cli, () => true),
  };
  return cli.wholeTree();
}

const HELP_OR_VERSION: ReadonlySet<string> = new Set(["--help", "-h", "--version", "-V"]);
const GATEWAY_STATUS = "status";

/** The command line in our own words: nothing at all is `status`, and what other programs call `logs` is `service logs` here. */
function withOurName(typed: readonly string[]): readonly string[] {
  const [first, second] = operandsOf(typed);
  if (first === undefined)
    return typed.some((word) => HELP_OR_VERSION.has(word)) ? typed : [GATEWAY_STATUS, ...typed];
  if (first === "gateway" && second === GATEWAY_STATUS) return typed.toSpliced(typed.indexOf(first), 1);
  const ours = FAMILIAR.get(first);
  return ours === undefined ? typed : typed.toSpliced(typed.indexOf(first), 1, ...ours);
}

async function buildProgram(cli: Cli, isWanted: (name: string) => boolean): Promise<Command> {
  const program = new Command("coderclaw")
    .description("Text your coding agents over Apple Messages.")
    .option("--config <path>", "use this config file")
    .option("--verbose", "with errors, show where they come from")
    .version(cli.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => {} })
    .hook("preAction", async (_program, command) => requireConfig(command))
    .exitOverride();
  for (const branch of BRANCHES) {
    if (isWanted(branch.name)) (await branch.load()).register(program, cli);
    else program.command(branch.name).summary(branch.summary).description(branch.summary);
  }
  return program;
}

/** These may make the file they are told of. */
const CONFIG_MAKERS: ReadonlySet<string> = new Set(["onboard", "restore"]);

/** A config file that is named by hand and is not there is a slip: without it the defaults would be in force. */
async function requireConfig(command: Command): Promise<void> {
  const { config } = optionsOf(command);
  const [, name = ""] = fullName(command).split(" ");
  if (config === undefined || CONFIG_MAKERS.has(name)) return;
  const { requireConfigFile } = await import("../gateway/open-state.ts");
  await requireConfigFile({ config });
}

async function parse(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(withHelpLast(program, argv), { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode !== 0) throw usageError(program, argv, thrown);
  }
}

/**
 * `help a b` as `a b --help`. For a command that is not there no help is asked, so that it is refused by its name: it has nothing
 * that would run.
 */
function withHelpLast(program: Command, argv: readonly string[]): readonly string[] {
  if (argv.length === 0) return ["--help"];
  const named = operandsOf(argv);
  const isWord = named[0] === "help";
  const words = isWord ? named.slice(1) : named;
  const rest = isWord ? argv.toSpliced(argv.indexOf("help"), 1) : argv;
  const command = deepestNamed(program, words);
  const isKnown = fullName(command) === ["coderclaw", ...words].join(" ");
  if (isKnown || command.commands.length === 0) return isWord ? [...rest, "--help"] : argv;
  return rest.filter((word) => word !== "--help" && word !== "-h");
}

/** Commander's words for an argument that is none of a few. */
const CHOICE =
  /^error: command-argument value '(?<value>.*)' is invalid for argument '(?<name>.*)'\. Allowed choices are (?<names>.*)\.$/su;

/** A commander error in the product's words: what is wrong, then what to do. */
function usageError(program: Command, argv: readonly string[], thrown: CommanderError): GatewayError {
  const command = deepestNamed(program, operandsOf(argv));
  const path = fullName(command);
  const help = `Run \`${path} --help\` to see what it takes.`;
  if (thrown.code === "commander.help") {
    const names = command.commands.map((one) => one.name()).join(", ");
    return new GatewayError("cli/usage", `${path} needs one of: ${names}`, { hint: help });
  }
  const choice = CHOICE.exec(thrown.message)?.groups;
  if (choice !== undefined)
    return new GatewayError("cli/usage", `There is no ${choice["name"]} "${choice["value"]}".`, {
      hint: `It can be: ${choice["names"]}. ${help}`,
    });
  const [what = "", suggestion] = thrown.message.replace(/^error: /, "").split("\n");
  const nearest = suggestion === undefined ? "" : `${suggestion.replace(/^\((.*)\)$/, "$1")} `;
  return new GatewayError("cli/usage", what, { hint: `${nearest}${help}` });
}

function fail(cli: Cli, argv: readonly string[], thrown: unknown): number {
  const json = argv.includes("--json");
  const { stdout, stderr } = renderFailure(thrown, { json, verbose: argv.includes("--verbose") });
  if (stdout !== "") cli.print(stdout);
  if (stderr !== "") cli.note(stderr);
  return exitCodeOf(thrown);
}

/** The words of a command line that are no options, as far as that can be told before the command is known. */
function operandsOf(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--config") at += 1;
    else if (!word.startsWith("-")) words.push(word);
  }
  return words;
}

function deepestNamed(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
