// `approvals list|standing|forget`: what agents asked for, who decided, and what was decided once for all.
import type { Command } from "commander";
import { forgetStanding } from "../control/approvals/approvals.ts";
import { describeApprovalDecision, describeApproval } from "../control/approvals/approval-words.ts";
import { withState } from "../gateway/open-state.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { brief, oneLine, renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** Adds `approvals`. */
export function register(program: Command, cli: Cli): void {
  const approvals = program
    .command("approvals")
    .summary("what agents asked for: list, standing, forget")
    .description(
      "Shows what agents asked permission for and who decided. Works with the gateway stopped too.",
    )
    .helpCommand(false);
  approvals
    .command("list")
    .summary("questions and decisions, newest first")
    .description("Lists what agents asked permission for, and what was decided, newest first.")
    .option("--limit <n>", "at most so many", parseCount, 20)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw approvals list", "the last twenty"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
  approvals
    .command("standing")
    .summary("what was decided once for all")
    .description(
      "Lists the answers that hold from now on: an agent that asks for the same is not put through to you.",
    )
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw approvals standing", "agents, tools, who said so"]))
    .action(async (_options, command: Command) => standing(cli, command.optsWithGlobals()));
  approvals
    .command("forget")
    .summary("ask again")
    .description("Forgets an answer that held from now on; the next time you are asked again.")
    .argument("<agent>", "the agent's id")
    .argument("<tool>", "the tool, as `approvals standing` lists it")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw approvals forget work edit", "it asks before it edits again"]))
    .action(async (agent: string, tool: string, _options, command: Command) =>
      forget(cli, { agent, tool }, command.optsWithGlobals()),
    );
}

async function list(cli: Cli, options: Options): Promise<void> {
  const approvals = await withState(options, async ({ store }) => store.approvals.list(options.limit));
  if (options.json) return cli.printJson({ approvals });
  if (approvals.length === 0) return cli.print("No agent has asked for anything yet.");
  const rows = approvals.map((one) => [
    renderTime(one.askedAtMs),
    one.agentId,
    brief(describeApproval(one.request), 60),
    oneLine(describeApprovalDecision(one)),
  ]);
  cli.print(renderTable(["ASKED", "AGENT", "FOR", "DECISION"], rows));
}

async function standing(cli: Cli, options: Options): Promise<void> {
  const answers = await withState(options, async ({ store }) => store.approvals.allStanding());
  if (options.json) return cli.printJson({ standing: answers });
  if (answers.length === 0) return cli.print("Nothing was decided once for all.");
  const rows = answers.map(({ agentId, tool, allowed, grantedBy, atMs }) => [
    agentId,
    oneLine(tool),
    allowed ? "allowed" : "denied",
    grantedBy,
    renderTime(atMs),
  ]);
  cli.print(renderTable(["AGENT", "TOOL", "ANSWER", "BY", "SINCE"], rows));
}

async function forget(
  cli: Cli,
  { agent, tool }: { readonly agent: string; readonly tool: string },
  options: Options,
): Promise<void> {
  await withState(options, async ({ store }) => forgetStanding(store, agent, tool));
  if (options.json) return cli.printJson({ forgotten: { agent, tool } });
  cli.print(oneLine(`Agent ${agent} asks again for ${tool}.`));
}
