// `agents add|list|test|remove`: who answers, each tried with a real turn.
import { Argument, Option, type Command } from "commander";
import { listAgents } from "../control/agents/list.ts";
import { prepareAgent, withoutSecrets } from "../control/agents/prepare.ts";
import { PRESETS } from "../control/agents/presets.ts";
import { openConfig, openConfigFile, readProxies, readSearchPath } from "../gateway/open-state.ts";
import type { Trial } from "../gateway/agent-trial.ts";
import { GatewayError } from "../model/errors.ts";
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

const PROMPT = "This is a test of the connection. Answer with one short sentence; use no tools.";
const TIMEOUT_SECONDS = 120;
/** How often a test that takes long says so, in ms. */
const STILL_MS = 10_000;

/** Adds `agents`. */
export function register(program: Command, cli: Cli): void {
  const agents = program
    .command("agents")
    .summary("who answers: add, list, test, remove")
    .description(
      "Adds agents to the configuration, and tries them. A running gateway takes a change over at once.",
    )
    .helpCommand(false);
  addAdd(agents, cli);
  addList(agents, cli);
  addTest(agents, cli);
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
      `Looks for the agent on this machine, writes it into the config file (comments stay), and tries it with one turn.\nAgents: ${names}.`,
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
    .option("--default", "it answers what nothing gives to another agent")
    .option("--no-test", "write it, and do not try it")
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

/** Adds an agent of a preset and tries it. Contract: rejects when it cannot be added, or does not answer. */
export async function addAgent(cli: Cli, name: string, options: AddOptions): Promise<void> {
  const { id, workspace, model, baseUrl, permissions } = options;
  const wishes = { id, workspace, model, baseUrl, permissions };
  const { preset, entry } = await prepareAgent(name, wishes, {
    searchPath: await readSearchPath(),
    proxies: await readProxies(),
  });
  const { addAgentEntry } = await openConfigFile();
  const made = await addAgentEntry(entry, options.default === true, { configPath: options.config });
  const { defaultAgentId } = (await openConfig(options)).settings;
  if (!options.json) {
    cli.print(oneLine(`${preset.title} is agent ${entry.id} now, in ${made.file}`));
    cli.print(
      oneLine(
        defaultAgentId === entry.id
          ? `It answers whatever nothing gives to another agent.`
          : `Agent ${defaultAgentId} answers as before; /agent ${entry.id} in chat, or a binding, gives messages to this one.`,
      ),
    );
    for (const { path, message, hint } of made.warnings) cli.note(`Warning: ${path}: ${message}\n${hint}`);
  }
  if (options.test === false) {
    if (options.json) cli.printJson({ agent: withoutSecrets(entry), file: made.file, defaultAgentId });
    return;
  }
  const trial = await runTrial(cli, entry.id, { timeout: TIMEOUT_SECONDS, ...options, prompt: PROMPT });
  if (options.json) cli.printJson({ agent: withoutSecrets(entry), file: made.file, defaultAgentId, trial });
  const stays = `It stays in the config: try it again with \`coderclaw agents test ${entry.id}\`, or take it away with \`coderclaw agents remove ${entry.id}\`.`;
  conclude(cli, entry.id, {
    trial,
    options,
    hint: (reason) => `${isLogin(reason) ? `${preset.login} ` : ""}${stays}`,
  });
}

/** True for a reason that has to do with who is logged in. */
function isLogin(reason: string): boolean {
  return /log ?in|auth|api key|credential/iu.test(reason);
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
  const trial = await runTrial(cli, agentId, options);
  if (options.json) cli.printJson({ agentId, trial });
  const again = `Mend that, then run \`coderclaw agents test ${agentId}\` again.`;
  conclude(cli, agentId, { trial, options, hint: () => again });
}

async function runTrial(cli: Cli, agentId: string, options: Options): Promise<Trial> {
  const { tryAgent } = await import("../gateway/agent-trial.ts");
  if (!options.json) cli.note(oneLine(`Asking ${agentId}: ${options.prompt}`));
  const startedAtMs = Date.now();
  const still = setInterval(() => {
    cli.note(
      oneLine(`Still waiting for ${agentId}, ${Math.round((Date.now() - startedAtMs) / 1000)} s so far`),
    );
  }, STILL_MS);
  try {
    return await tryAgent(options, {
      agentId,
      prompt: options.prompt,
      timeoutMs: options.timeout * 1000,
      version: cli.version,
    });
  } finally {
    clearInterval(still);
  }
}

function conclude(
  cli: Cli,
  agentId: string,
  {
    trial,
    options,
    hint,
  }: {
    readonly trial: Trial;
    readonly options: Pick<Options, "json">;
    readonly hint: (reason: string) => string;
  },
): void {
  if (!trial.ok) {
    if (options.json) return cli.exitWith(1);
    throw new GatewayError(trial.code, `${agentId} did not answer: ${trial.reason}`, {
      hint: hint(trial.reason),
    });
  }
  if (options.json) return;
  cli.print(trial.answer.trim() || "(it ended without a word)");
  for (const asked of trial.denied)
    cli.note(oneLine(`It asked for permission, which a test denies: ${asked}`));
  cli.note(oneLine(`${agentId} answered in ${(trial.durationMs / 1000).toFixed(1)} s.`));
}

async function remove(cli: Cli, id: string, options: Options): Promise<void> {
  const { removeAgentEntry } = await openConfigFile();
  const made = await removeAgentEntry(id, { configPath: options.config });
  if (options.json) return cli.printJson({ removed: id, file: made.file });
  cli.print(oneLine(`Agent ${id} is taken out of ${made.file}`));
  for (const { path, message, hint } of made.warnings) cli.note(`Warning: ${path}: ${message}\n${hint}`);
}
