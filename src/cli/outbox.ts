// `outbox list|retry|drop`: messages on their way out. Works on the state database, whether the gateway runs or not.
import type { Command } from "commander";
import { checkAccountId } from "../control/accounts.ts";
import {
  asLeft,
  describeContent,
  describeNext,
  describeReasons,
  dropPart,
  listHeld,
  listOutbox,
  retryPart,
  type HeldAccount,
} from "../control/messages/outbox.ts";
import { isGatewayUp, withState } from "../gateway/open-state.ts";
import type { OutboxItem } from "../model/journal.ts";
import { renderEntry } from "../model/target.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { brief, oneLine, renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly account?: string;
  readonly all?: boolean;
  readonly limit: number;
  readonly json?: boolean;
}

/** Adds `outbox`. */
export function register(program: Command, cli: Cli): void {
  const outbox = program
    .command("outbox")
    .summary("messages on their way out: list, retry, drop")
    .description("Shows what waits to be sent or is stuck. Works with the gateway stopped too.")
    .helpCommand(false);
  outbox
    .command("list")
    .summary("what waits, is of unknown fate, or is parked")
    .description(
      "Lists messages that are not sent yet: queued, being sent, unknown (they may have arrived), parked (they wait for you).",
    )
    .option("--all", "list those that were sent or dropped too")
    .option("--account <id>", "of this account only")
    .option("--limit <n>", "at most so many, newest first", parseCount, 50)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw outbox list", "anything stuck?"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
  outbox
    .command("retry")
    .summary("send a parked message after all")
    .description("Queues a parked message again; a running gateway sends it at once.")
    .argument("<id>", "its number in the list")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw outbox retry 12", "try message 12 again"]))
    .action(async (id: string, _options, command: Command) =>
      change(cli, id, { ...command.optsWithGlobals(), verb: "retry" }),
    );
  outbox
    .command("drop")
    .summary("give a message up")
    .description(
      "Drops a message that is queued, unknown or parked; it is not sent, and those behind it go on.",
    )
    .argument("<id>", "its number in the list")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw outbox drop 12", "give message 12 up"]))
    .action(async (id: string, _options, command: Command) =>
      change(cli, id, { ...command.optsWithGlobals(), verb: "drop" }),
    );
}

async function list(cli: Cli, options: Options): Promise<void> {
  const { all = false, limit } = options;
  const nowMs = Date.now();
  const isRunning = await isGatewayUp(options);
  const { listed, held } = await withState(options, async ({ settings, store }) => {
    const accountId = checkAccountId(settings, options.account);
    return {
      listed: await listOutbox(store, { all, limit, accountId }),
      held: await listHeld(settings, store, { accountId, nowMs }),
    };
  });
  const heldAccounts = new Set(held.map(({ accountId }) => accountId));
  const messages = listed.map((part) => {
    const isHeld = heldAccounts.has(part.accountId);
    const shown = isRunning ? part : asLeft(part);
    return { ...shown, next: describeNext(shown, { nowMs, isRunning, isHeld }) };
  });
  if (options.json) return cli.printJson({ messages, held });
  if (messages.length === 0) return cli.print(all ? "The outbox is empty." : "Nothing waits to be sent.");
  cli.print(
    renderTable(
      ["ID", "STATE", "TO", "ACCOUNT", "SINCE", "TRIES", "NEXT", "TEXT", "REASON"],
      messages.map(row),
    ),
  );
  for (const one of held) cli.print(oneLine(describeHeld(one)));
}

function describeHeld({ accountId, lastMinute, perMinute, lastHour, perHour }: HeldAccount): string {
  return `Account ${accountId} waits for its send budget: ${lastMinute} of ${perMinute} sends in the last minute, ${lastHour} of ${perHour} in the last hour.`;
}

function row(part: OutboxItem & { readonly next: string }): readonly string[] {
  return [
    `${part.id}`,
    part.state,
    renderEntry(part.target),
    part.accountId,
    renderTime(part.createdAtMs),
    `${part.attempts}`,
    part.next,
    brief(describeContent(part), 30),
    describeReasons(part),
  ];
}

async function change(
  cli: Cli,
  id: string,
  options: GlobalOptions & { readonly json?: boolean; readonly verb: "retry" | "drop" },
): Promise<void> {
  const verb = options.verb === "retry" ? retryPart : dropPart;
  const message = await withState(options, async ({ store }) => verb(store, id, { nowMs: Date.now() }));
  if (options.json) return cli.printJson({ message });
  cli.print(`Message ${message.id} is ${message.state} now.`);
}
