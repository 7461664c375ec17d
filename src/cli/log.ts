// `log`: every message of the journal with what was decided about it; `--follow` goes on as they come.
import type { Command } from "commander";
import { readLog, type LogItem } from "../control/conversations/log.ts";
import { findControl, withState, type OpenState } from "../gateway/open-state.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { followEvents } from "./follow-events.ts";
import { brief, oneLine, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly account?: string;
  readonly before?: string;
  readonly limit: number;
  readonly follow?: boolean;
  readonly refused?: boolean;
  readonly json?: boolean;
}

const MOST = 100;
/** Pieces that are looked through for messages that were refused. */
const MOST_PIECES = 50;
/** A message that is not decided by then is shown as it is. */
const PATIENCE_MS = 3000;

/** Adds `log`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("log")
    .summary("every message with what was decided about it; --follow goes on")
    .description(
      "Shows the newest messages of the journal with what was decided about each, the newest last.\n" +
        "With --follow it goes on as they come; that needs the running gateway. `coderclaw explain ROW` says more about one of them.",
    )
    .option("--follow", "go on as messages come, until Ctrl-C")
    .option("--account <id>", "of this account only")
    .option("--refused", "only what was not answered")
    .option("--before <place>", "those before the first one of the piece before")
    .option("--limit <n>", "at most so many, up to 100", parseCount, 20)
    .option("--json", "print JSON; with --follow a line a message")
    .addHelpText(
      "after",
      examples(
        ["coderclaw log --follow", "watch what happens"],
        ["coderclaw log --refused", "who was not answered, and why"],
      ),
    )
    .action(async (_options, command: Command) => log(cli, command.optsWithGlobals()));
}

async function log(cli: Cli, options: Options): Promise<void> {
  if (options.follow === true) return follow(cli, options);
  const { items, next } = await withState(options, async (state) => newest(state, options));
  if (options.json) return cli.printJson({ messages: items, next });
  if (items.length === 0) return cli.print("No message.");
  for (const item of items.toReversed()) cli.print(renderItem(item));
  if (next !== undefined) cli.note(`There are earlier ones: add --before ${next}`);
}

/** Newest first. */
async function newest(
  state: OpenState,
  { account, before, limit, refused }: Options,
): Promise<{ readonly items: readonly LogItem[]; readonly next: string | undefined }> {
  const wanted = Math.min(limit, MOST);
  if (refused !== true) return readLog(state, { account, before, limit: wanted });
  const items: LogItem[] = [];
  let place = before;
  for (let piece = 0; piece < MOST_PIECES; piece += 1) {
    const page = await readLog(state, { account, before: place, limit: MOST });
    for (const item of page.items) {
      if (isRefused(item)) items.push(item);
      if (items.length === wanted) return { items, next: `${item.position}` };
    }
    place = page.next;
    if (place === undefined) break;
  }
  return { items, next: place };
}

async function follow(cli: Cli, options: Options): Promise<void> {
  await withState(options, async (state) => {
    const { items } = await newest(state, options);
    for (const item of items.toReversed()) show(cli, item, options);
    const newestOfAll = (await readLog(state, { limit: 1 })).items[0]?.position ?? 0;
    let position = newestOfAll;
    await followEvents(async () => findControl(options), {
      topics: ["message", "everything"],
      onTold: async () => {
        const { shownUpTo, isMore } = await showAfter(cli, state, { ...options, position });
        position = shownUpTo;
        return isMore;
      },
      note: (text) => cli.note(text),
    });
  });
}

/** Shows what came after a position, up to a message that is still being decided about. */
async function showAfter(
  cli: Cli,
  state: OpenState,
  options: Options & { readonly position: number },
): Promise<{ readonly shownUpTo: number; readonly isMore: boolean }> {
  let shownUpTo = options.position;
  for (;;) {
    const { account } = options;
    const { items, next } = await readLog(state, { account, after: `${shownUpTo}`, limit: MOST });
    for (const item of items) {
      if (item.verdict === undefined && Date.now() - item.atMs < PATIENCE_MS)
        return { shownUpTo, isMore: true };
      shownUpTo = item.position;
      if (options.refused !== true || isRefused(item)) show(cli, item, options);
    }
    if (next === undefined) return { shownUpTo, isMore: false };
  }
}

function show(cli: Cli, item: LogItem, { json }: Options): void {
  cli.print(json === true ? JSON.stringify(item) : renderItem(item));
}

function isRefused({ verdict }: LogItem): boolean {
  return verdict?.outcome === "ignore" || verdict?.outcome === "hold" || verdict?.code === "catchup.too-old";
}

function renderItem({ atMs, accountId, from, text, verdict, rowId }: LogItem): string {
  const fate = verdict === undefined ? "not decided yet" : verdict.code;
  return oneLine(
    `${renderTime(atMs)}  [${accountId}] ${rowId}  ${from ?? "us"}: ${brief(text, 80)}  (${fate})`,
  );
}
