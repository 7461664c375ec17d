// `explain GUID|ROWID`: why a message was or was not answered, from the journal.
import type { Command } from "commander";
import { checkAccountId } from "../control/accounts.ts";
import { explain, type Explanation } from "../control/explain/explain.ts";
import { isGatewayUp, withState } from "../gateway/open-state.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { brief, oneLine, renderTime } from "./table.ts";

/** Adds `explain`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("explain")
    .summary("why a message was or was not answered")
    .description(
      "Tells the story of one message step by step, from the journal: when it came, each check and what it saw,\n" +
        "the turn, each message of the answer, and how it ended. Works with the gateway stopped too.",
    )
    .argument("<message>", "guid or row id of the message")
    .option("--account <id>", "of this account only")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw explain 4711", "by the row id that the log shows"],
        ["coderclaw explain 9E2B63F4-…-5D1C --json", "by its guid, for a script"],
      ),
    )
    .action(async (reference: string, _options, command: Command) =>
      tell(cli, reference, command.optsWithGlobals()),
    );
}

async function tell(
  cli: Cli,
  reference: string,
  options: GlobalOptions & { readonly json?: boolean; readonly account?: string },
): Promise<void> {
  const isRunning = await isGatewayUp(options);
  const explanations = await withState(options, async ({ settings, store }) =>
    explain(store, reference, { accountId: checkAccountId(settings, options.account), isRunning }),
  );
  if (options.json) return cli.printJson({ messages: explanations });
  cli.print(explanations.map(render).join("\n\n"));
}

function render({ steps, conclusion, story }: Explanation): string {
  const { message } = story.entry;
  const text = message.text === "" ? "(no text)" : `“${brief(message.text, 60)}”`;
  const head = `Message ${message.rowId} of account ${message.accountId} (${message.guid}): ${text}`;
  const lines = steps.map(
    ({ kind, atMs, text }) => `  ${(kind === "check" ? "" : renderTime(atMs)).padEnd(19)}  ${oneLine(text)}`,
  );
  return [oneLine(head), ...lines, oneLine(renderConclusion(conclusion, story))].join("\n");
}

function renderConclusion(
  { verdict, because, fix, answeredAtMs }: Explanation["conclusion"],
  { decisions }: Explanation["story"],
): string {
  if (verdict === "answered") return `Answered at ${renderTime(answeredAtMs)}.`;
  if (verdict === "done" && decisions.at(-1)?.outcome.kind === "answer")
    return "Taken as the answer to an agent's question.";
  if (verdict === "done") return "Carried out; the command has no reply of its own.";
  const start = verdict === "pending" ? "Not answered yet because" : "Not answered because";
  return fix === undefined ? `${start} ${because}.` : `${start} ${because}. Fix: ${fix}`;
}
