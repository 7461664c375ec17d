// `policy test`: what would be done about a message, gate by gate, without doing it.
import { Option, type Command } from "commander";
import { testPolicy, type PolicyAnswer, type PolicyQuestion } from "../control/explain/policy.ts";
import { openConfig, withStoreIfThere } from "../gateway/open-state.ts";
import { GatewayError } from "../model/errors.ts";
import { examples, type Cli, type GlobalOptions } from "./cli.ts";
import { brief, oneLine } from "./table.ts";

/** As Messages writes them. */
const SERVICES = { imessage: "iMessage", sms: "SMS", rcs: "RCS" } as const;

interface Options extends GlobalOptions {
  readonly from: string;
  readonly text: string;
  readonly group?: string;
  readonly chat?: string;
  readonly account?: string;
  readonly service?: keyof typeof SERVICES;
  readonly json?: boolean;
}

/** Adds `policy`. */
export function register(program: Command, cli: Cli): void {
  const policy = program
    .command("policy")
    .summary("what would be done about a message, without doing it")
    .description("Tries the rules on a message that nobody wrote.")
    .helpCommand(false);
  policy
    .command("test")
    .summary("try a message: each check and what it sees, then what would happen")
    .description(
      "Decides about a message as the gateway would, by the configuration and the state database, and changes nothing:\n" +
        "every check with what it saw, what would become of the message, where the reply would go, and what to change.\n" +
        "Works with the gateway stopped too.",
    )
    .requiredOption("--from <handle>", "who writes: a phone number or an e-mail")
    .requiredOption("--text <text>", "what they write")
    .option("--group <chat>", "in this group: a chat id, chat_guid:G or chat_identifier:I")
    .option("--chat <chat>", "in this direct chat; without either, in their own direct chat")
    .addOption(
      new Option("--service <service>", "by which service it comes (default: imessage)").choices(
        Object.keys(SERVICES),
      ),
    )
    .option("--account <id>", "to this account; needed where there are several")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ['coderclaw policy test --from +15551234567 --text "hi"', "would they be answered?"],
        [
          'coderclaw policy test --from +15551234567 --group 42 --text "Claw, hi"',
          "and in the group with chat id 42?",
        ],
      ),
    )
    .action(async (_options, command: Command) => test(cli, command.optsWithGlobals()));
}

async function test(cli: Cli, options: Options): Promise<void> {
  const question = readQuestion(options);
  const { settings } = await openConfig(options);
  const answer = await withStoreIfThere(settings, async (store) =>
    testPolicy({ settings, store, nowMs: Date.now() }, question),
  );
  if (options.json) return cli.printJson(answer);
  cli.print(render(answer, question));
}

function readQuestion({ from, text, group, chat, account, service }: Options): PolicyQuestion {
  if (group !== undefined && chat !== undefined)
    throw new GatewayError(
      "cli/usage",
      "A message is written in one chat: --group and --chat were both given.",
      {
        hint: "Give one of them. Run `coderclaw policy test --help` to see what it takes.",
      },
    );
  return {
    accountId: account,
    from,
    chat: group ?? chat,
    isGroup: group !== undefined,
    text,
    service: service && SERVICES[service],
  };
}

function render(answer: PolicyAnswer, { text, isGroup }: PolicyQuestion): string {
  const { accountId, handle, chat, gates, words, replyTo } = answer;
  const kind = chat.isGroup ? "group" : "direct";
  const head = `${handle} writes in ${chat.target} (${kind}) of account ${accountId}: “${brief(text, 60)}”`;
  const notes = chat.inJournal ? [] : ["  This chat is not in the journal: it is made up for the test."];
  if (isGroup && !chat.isGroup) notes.push("  The journal has it as a direct chat.");
  const lines = gates.map(({ name, saw, passed }) => `  ${passed ? "passed " : "stopped"} ${name}: ${saw}`);
  const code = words.code === undefined ? "" : ` (${words.code})`;
  return [
    oneLine(head),
    ...notes,
    ...lines.map(oneLine),
    oneLine(`It would be ${words.fate}: ${words.because}${code}.`),
    ...(replyTo === undefined ? [] : [oneLine(`The reply would go to ${replyTo}.`)]),
    ...(words.fix === undefined ? [] : [oneLine(`Fix: ${words.fix}`)]),
  ].join("\n");
}
