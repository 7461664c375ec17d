// `agents add|list|test|default|remove`: who answers, each tried with a real turn.
import { Argument, Option, type Command } from "commander";
import { listAgents } from "../control/agents/list.ts";
import { prepareAgent, withoutSecrets } from "../control/agents/prepare.ts";
import { PRESETS } from "../control/agents/presets.ts";
import { openConfig, openConfigFile, readProxies, readSearchPath } from "../gateway/open-state.ts";
import { GatewayError } from "../model/errors.ts";
import { chooseWorkspace } from "./agents/workspace.ts";
import { conclude, presetOfAgent, PROMPT, runTrial, TIMEOUT_SECONDS } from "./agents/trial.ts";
import { examples, parseSeconds, type Cli, type GlobalOptions } from "./cli.ts";
import { oneLine, renderTable } from "./table.ts";

interface Options extends GlobalOptions {
  readonly json?: boolean;
  readonly id?: string;
  readonly workspace?: string;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly permissions?: string;
  readonly default?: boolean;
  readonly test?: boolean;
  readonly prompt: string;
  readonly timeout: number;
}

/** Adds `agents`. */
export function register(program: Command, cli: Cli): void {
  const agents = program
    .command("agents")
    .summary("who answers: add, list, test, default, remove")
    .description(
      "Adds agents to the configuration, and tries them. A running gateway takes a change over at once.",
    )
    .helpCommand(false);
  addAdd(agents, cli);
  addList(agents, cli);
  addTest(agents, cli);
  agents
    .command("default")
    .summary("make an agent the one that answers")
    .description("Makes an agent the one that answers whatever nothing gives to another.")
    .argument("<id>", "the agent")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw agents default claude", "it answers from now on"]))
    .action(async (id: string, _options, command: Command) =>
      makeDefault(cli, id, command.optsWithGlobals()),
    );
  agents
    .command("remove")
    .summary("take an agent away")
    .description("Takes an agent out of the config file. Its workspace and what was said to it stay.")
    .argument("<id>", "the agent")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw agents remove gemini", "it answers no more"]))
    .action(async (id: string, _options, command: Command) => remove(cli, id, command.optsWithGlobals()));
}

function addAdd(agents: Command, cli: Cli): void {
  const names = PRESETS.map(({ name, title }) => `${name} (${title})`).join(", ");
  agents
    .command("add")
    .summary("add a well-known agent, and try it")
    .description(
      `Looks for the agent on this machine, tries it with one turn, and writes it into the config file (comments stay).\nThe first agent becomes the default one, and so does one with --default, once it has answered.\nAgents: ${names}.`,
    )
    .addArgument(new Argument("<preset>", "which one").choices(PRESETS.map(({ name }) => name)))
    .option("--id <id>", "its id; the preset's name without it")
    .option("--workspace <folder>", "the folder it works in")
    .option("--model <model>", "the model it begins with")
    .option("--base-url <url>", "where the API of a model is")
    .addOption(
      new Option("--permissions <how>", "what it may do: the owner is asked, all, nothing").choices([
        "ask",
        "allow",
        "deny",
      ]),
    )
    .option("--default", "once it has answered, it answers what nothing gives to another agent")
    .option("--no-test", "write it, and do not try it first")
    .option("--timeout <seconds>", "longest the test may take", parseSeconds, TIMEOUT_SECONDS)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw agents add opencode", "OpenCode, in the default workspace"],
        ["coderclaw agents add claude --workspace ~/code/shop --default", "Claude Code for one project"],
      ),
    )
    .action(async (preset: string, _options, command: Command) =>
      addAgent(cli, preset, command.optsWithGlobals()),
    );
}

function addList(agents: Command, cli: Cli): void {
  agents
    .command("list")
    .summary("the agents of the configuration")
    .description("Lists the agents; the one marked * answers what nothing gives to another.")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw agents list", "ids, programs, workspaces"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
}

function addTest(agents: Command, cli: Cli): void {
  agents
    .command("test")
    .summary("try an agent with one turn")
    .description(
      "Runs one turn of an agent, beside the gateway and without Messages: everything it asks to do is denied,\nand nothing of it is remembered.",
    )
    .argument("[id]", "the agent; the default one without it")
    .option("--prompt <text>", "what it is asked", PROMPT)
    .option("--timeout <seconds>", "longest the test may take", parseSeconds, TIMEOUT_SECONDS)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw agents test claude", "does it answer?"]))
    .action(async (id: string | undefined, _options, command: Command) =>
      tryOne(cli, id, command.optsWithGlobals()),
    );
}

/** What `agents add` is told. */
type AddOptions = Omit<Options, "prompt" | "timeout"> & { readonly timeout?: number };

/**
 * Adds an agent of a preset and tries it before. One that does not answer is added all the same, and answers nobody.
 *
 * Contract: rejects when it cannot be added, or does not answer.
 */
export async function addAgent(cli: Cli, name: string, options: AddOptions): Promise<void> {
  const { id, model, baseUrl, permissions, json } = options;
  const where = { configPath: options.config };
  const prepared = await prepareAgent(
    name,
    { id, workspace: undefined, model, baseUrl, permissions },
    { searchPath: await readSearchPath(), proxies: await readProxies() },
  );
  const { preset } = prepared;
  const settings = async () => (await openConfig(options)).settings;
  const workspace = await chooseWorkspace(cli, preset, { workspace: options.workspace, json, settings });
  const entry = { ...prepared.entry, ...(workspace !== undefined && { workspace }) };
  const { addAgentEntry, previewAgentEntry } = await openConfigFile();
  const loaded = await previewAgentEntry(entry, where);
  const trial =
    options.test === false ? undefined : await runTrial(cli, entry.id, { ...options, preset, loaded });
  const isGood = trial === undefined || trial.ok;
  if (!isGood && loaded.settings.defaultAgentId === entry.id) {
    if (json) cli.printJson({ agent: withoutSecrets(entry), file: null, trial });
    return conclude(cli, entry.id, {
      trial,
      json,
      preset,
      hint: "Nothing was written: it would answer at once.",
    });
  }
  const made = await addAgentEntry(
    entry,
    !isGood ? "beside" : options.default === true ? "default" : "next",
    where,
  );
  const { defaultAgentId } = (await openConfig(options)).settings;
  if (json)
    cli.printJson({ agent: withoutSecrets(entry), file: made.file, defaultAgentId, ...(trial && { trial }) });
  else {
    cli.print(oneLine(`${preset.title} is agent ${entry.id} now, in ${made.file}`));
    cli.print(oneLine(describePlace(entry.id, defaultAgentId, isGood)));
    for (const { path, message, hint } of made.warnings) cli.note(`Warning: ${path}: ${message}\n${hint}`);
  }
  const hint = `Try it again with \`coderclaw agents test ${entry.id}\`. Once it answers, \`coderclaw agents default ${entry.id}\` makes it the one that answers; \`coderclaw agents remove ${entry.id}\` takes it away.`;
  if (trial) conclude(cli, entry.id, { trial, json, preset, hint });
}

/** Tries an agent of the config, and makes it the default one when it answers. Contract: rejects when it does not. */
export async function adoptAgent(cli: Cli, id: string, options: GlobalOptions): Promise<void> {
  const { settings } = await openConfig(options);
  const preset = presetOfAgent(settings.agents.find((agent) => agent.id === id));
  const trial = await runTrial(cli, id, { ...options, preset });
  conclude(cli, id, { trial, json: false, preset, hint: "Then run the same command again." });
  const { makeDefaultAgent } = await openConfigFile();
  if (settings.defaultAgentId !== id) await makeDefaultAgent(id, { configPath: options.config });
}

function describePlace(id: string, defaultAgentId: string, isGood: boolean): string {
  if (defaultAgentId === id) return "It answers whatever nothing gives to another agent.";
  const still = `Agent ${defaultAgentId} answers as before`;
  return isGood ? `${still}; /agent ${id} in chat, or a binding, gives messages to this one.` : `${still}.`;
}

async function makeDefault(cli: Cli, id: string, options: Options): Promise<void> {
  const { makeDefaultAgent } = await openConfigFile();
  const made = await makeDefaultAgent(id, { configPath: options.config });
  if (options.json) return cli.printJson({ defaultAgentId: id, file: made.file });
  cli.print(oneLine(`Agent ${id} answers whatever nothing gives to another agent, by ${made.file}`));
  for (const { path, message, hint } of made.warnings) cli.note(`Warning: ${path}: ${message}\n${hint}`);
}

async function list(cli: Cli, options: Options): Promise<void> {
  const { settings } = await openConfig(options);
  const agents = await listAgents(settings, await readSearchPath());
  if (options.json) return cli.printJson({ agents });
  const rows = agents.map(({ id, isDefault, runtime, runs, isThere, workspace }) => [
    `${isDefault ? "*" : " "} ${id}`,
    runtime,
    isThere ? runs : `${runs} (not on this machine)`,
    workspace,
  ]);
  cli.print(renderTable(["  AGENT", "RUNTIME", "RUNS", "WORKSPACE"], rows));
}

async function tryOne(cli: Cli, id: string | undefined, options: Options): Promise<void> {
  const { settings } = await openConfig(options);
  const agentId = id ?? settings.defaultAgentId;
  const ids: readonly string[] = settings.agents.map((agent) => agent.id);
  if (!ids.includes(agentId))
    throw new GatewayError("cli/usage", `There is no agent ${agentId}`, {
      hint: `${ids.length === 1 ? "The only agent is" : "The agents are"} ${ids.join(", ")}.`,
    });
  const preset = presetOfAgent(settings.agents.find((agent) => agent.id === agentId));
  const trial = await runTrial(cli, agentId, { ...options, preset });
  if (options.json) cli.printJson({ agentId, trial });
  const hint = `Fix that, then run \`coderclaw agents test ${agentId}\` again.`;
  conclude(cli, agentId, { trial, json: options.json, preset, hint });
  const standard = settings.agents.find((agent) => agent.id === settings.defaultAgentId);
  if (!options.json && standard?.runtime.type === "echo" && agentId !== settings.defaultAgentId)
    cli.note(
      oneLine(
        `So far only an echo answers: \`coderclaw agents default ${agentId}\` makes ${agentId} the one that answers.`,
      ),
    );
}

async function remove(cli: Cli, id: string, options: Options): Promise<void> {
  const { removeAgentEntry } = await openConfigFile();
  const made = await removeAgentEntry(id, { configPath: options.config });
  if (options.json) return cli.printJson({ removed: id, file: made.file });
  cli.print(oneLine(`Agent ${id} is taken out of ${made.file}`));
  for (const { path, message, hint } of made.warnings) cli.note(`Warning: ${path}: ${message}\n${hint}`);
}
