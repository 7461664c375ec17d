// `activity`: who allowed what, config changes, sign-ins, failures.
import type { Command } from "commander";
import { ACTIVITY_KINDS, exportActivity, listActivity } from "../control/activity/activity.ts";
import { withState } from "../gateway/open-state.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { oneLine, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly kind?: string;
  readonly before?: string;
  readonly limit: number;
  readonly export?: boolean;
  readonly json?: boolean;
}

/** Adds `activity`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("activity")
    .summary("who allowed what, config changes, sign-ins, failures")
    .description("Lists what people did with the gateway and what went wrong, newest first.")
    .option("--kind <kind>", `only this: ${ACTIVITY_KINDS.join(", ")}`)
    .option("--before <place>", "go on after the last one of the list before")
    .option("--limit <n>", "at most so many, up to 200", parseCount, 50)
    .option("--export", "print all of it as JSON lines")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ["coderclaw activity --kind sign-in", "who signed in to the control page"],
        ["coderclaw activity --export > activity.jsonl", "keep all of it"],
      ),
    )
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
}

async function list(cli: Cli, options: Options): Promise<void> {
  const { kind, before, limit } = options;
  if (options.export === true)
    return withState(options, async ({ store }) => {
      for await (const lines of exportActivity(store, kind)) cli.print(lines.trimEnd());
    });
  const page = await withState(options, async ({ store }) =>
    listActivity(store, { kind, before, limit: Math.min(limit, 200) }),
  );
  if (options.json) return cli.printJson({ activity: page.items, next: page.next });
  if (page.items.length === 0) return cli.print("Nothing happened yet.");
  for (const { atMs, actor, text } of page.items)
    cli.print(oneLine(`${renderTime(atMs)}  ${actor}: ${text}`));
  if (page.next !== undefined) cli.print(`\nThere is more: add --before ${page.next}`);
}
