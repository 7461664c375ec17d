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
    .summary("answers that hold from now on")
    .description("Lists the answers that hold from now on: the agent gets them without asking you again.")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(["coderclaw approvals standing", "what for, which answer, whose, since when"]),
    )
    .action(async (_options, command: Command) => standing(cli, command.optsWithGlobals()));
  approvals
    .command("forget")
    .summary("ask again")
    .description("Forgets an answer that holds from now on; the next time you are asked again.")
    .argument("<number>", "its number in `approvals standing`", parseCount)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw approvals forget 3", "the agent asks again"]))
    .action(async (id: number, _options, command: Command) => forget(cli, id, command.optsWithGlobals()));
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
  if (answers.length === 0) return cli.print("No answer holds from now on.");
  const rows = answers.map(({ id, agentId, turnKind, what, allowed, grantedBy, atMs }) => [
    String(id),
    agentId,
    oneLine(what),
    allowed ? "allowed" : "denied",
    turnKind,
    grantedBy,
    renderTime(atMs),
  ]);
  cli.print(renderTable(["#", "AGENT", "WHAT", "ANSWER", "IN TURNS OF", "BY", "SINCE"], rows));
}

async function forget(cli: Cli, id: number, options: Options): Promise<void> {
  await withState(options, async ({ store }) => forgetStanding(store, id));
  if (options.json) return cli.printJson({ forgotten: id });
  cli.print("Forgotten. The agent asks again before it does that.");
}
