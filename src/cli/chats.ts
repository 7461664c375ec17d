// `chats`: the chats of an account, with the ids that targets and allowlists name them by.
import type { Command } from "commander";
import { chooseAccount } from "../control/accounts.ts";
import { readChats } from "../gateway/ask-imsg.ts";
import { findControl } from "../gateway/open-state.ts";
import type { ChatSummary } from "../model/message.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { askGateway } from "./client.ts";
import { brief, renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly account?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** imsg answers one request after another, and a slow one may be before this. */
const ANSWER_MS = 60_000;

/** Adds `chats`. */
export function register(program: Command, cli: Cli): void {
  program
    .command("chats")
    .summary("chats of an account, with their ids")
    .description(
      "Lists the chats of an account, newest first: by the gateway if it runs, else by an imsg of its own.",
    )
    .option("--account <id>", "of this account; needed where there are several")
    .option("--limit <n>", "at most so many", parseCount, 20)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw chats --limit 50", "find a chat_id"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
}

async function list(cli: Cli, options: Options): Promise<void> {
  const chats = await readAny(options);
  if (options.json) return cli.printJson({ chats });
  if (chats.length === 0) return cli.print("There are no chats.");
  const rows = chats.map((chat) => [
    `${chat.chatId}`,
    chat.isGroup ? "group" : "direct",
    brief(chat.chatName === "" ? chat.chatIdentifier : chat.chatName, 30),
    brief(chat.participants.join(", "), 40),
    chat.service,
    renderTime(chat.lastMessageAtMs),
  ]);
  cli.print(renderTable(["CHAT ID", "KIND", "NAME", "PARTICIPANTS", "SERVICE", "LAST MESSAGE"], rows));
}

async function readAny(options: Options): Promise<readonly ChatSummary[]> {
  const control = await findControl(options);
  const query = new URLSearchParams({ limit: `${options.limit}` });
  if (options.account !== undefined) query.set("account", options.account);
  const asked = await askGateway<{ chats: readonly ChatSummary[] }>(control, {
    method: "GET",
    path: `/api/chats?${query.toString()}`,
    timeoutMs: ANSWER_MS,
  });
  if (asked !== undefined) return asked.chats;
  const { settings } = await control.config();
  return readChats(chooseAccount(settings, options.account), options.limit);
}
