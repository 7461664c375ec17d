// `message send`: a text or a file sent by hand through the running gateway.
import { resolve } from "node:path";
import type { Command } from "commander";
import type { SendReport } from "../control/messages/send.ts";
import { findControl } from "../gateway/open-state.ts";
import { GatewayError } from "../model/errors.ts";
import { examples, parseSeconds, type Cli, type GlobalOptions } from "./cli.ts";
import { needGateway } from "./client.ts";
import { oneLine } from "./table.ts";

interface Options extends GlobalOptions {
  readonly target?: string;
  readonly to?: string;
  readonly text?: string;
  readonly file?: string;
  readonly account?: string;
  /** Seconds. */
  readonly wait: number;
  readonly json?: boolean;
}

/** Time for everything but the wait itself. */
const MARGIN_MS = 10_000;
/** With a file, which is copied first. */
const FILE_MARGIN_MS = 90_000;

/** How often it is asked whether there is a reason to wait. */
const SLICE_MS = 2000;

/** Adds `message`. */
export function register(program: Command, cli: Cli): void {
  const message = program
    .command("message")
    .summary("send a message by hand")
    .description("Sends messages by hand.")
    .helpCommand(false);
  message
    .command("send")
    .summary("send a text or a file and wait until it is out")
    .description(
      "Puts a text, a file or both into the outbox of the running gateway and waits for the outcome. A long text is cut\n" +
        "like a reply; a file goes after the text, and is at most as large as mediaMaxMb lets it be.\n" +
        "Exit code 0 when all of it was sent (or with --wait 0, queued), 4 when no gateway runs.",
    )
    .option("--target <target>", "a handle, chat_id:N, chat_guid:G or chat_identifier:I")
    .option("--to <target>", "the same as --target")
    .option("--text <text>", "the text; - reads it from stdin")
    .option("--file <path>", "a file of this machine")
    .option("--account <id>", "from this account")
    .option("--wait <seconds>", "wait so long for the outcome", parseSeconds, 60)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      examples(
        ['coderclaw message send --target +15551234567 --text "Back at six"', "to a person"],
        [
          'coderclaw message send --target chat_id:42 --file chart.png --text "Sales"',
          "a file with a caption",
        ],
        ["git log -1 | coderclaw message send --target chat_id:42 --text -", "from a pipe, to a chat"],
      ),
    )
    .action(async (_options, command: Command) => send(cli, command.optsWithGlobals()));
}

async function send(cli: Cli, options: Options): Promise<void> {
  const { account, wait } = options;
  const target = readTarget(options);
  if (options.text === undefined && options.file === undefined)
    throw new GatewayError("cli/usage", "There is nothing to send.", {
      hint: "Give --text, --file, or both.",
    });
  const file = options.file === undefined ? undefined : await findFile(options.file);
  const text = options.text === "-" ? await readStdin() : (options.text ?? "");
  const control = await findControl(options);
  const waitMs = wait * 1000;
  const marginMs = file === undefined ? MARGIN_MS : FILE_MARGIN_MS;
  const ask = async (path: string, body: object, sliceMs: number): Promise<SendReport> =>
    needGateway(control, {
      method: "POST",
      path,
      body: { ...body, waitMs: sliceMs },
      timeoutMs: sliceMs + marginMs,
    });
  const firstMs = Math.min(waitMs, SLICE_MS);
  let report = await ask("/api/send", { target, text, file, account }, firstMs);
  const ids = report.parts.map(({ id }) => id);
  for (let leftMs = waitMs - firstMs; leftMs > 0 && isOpen(report);) {
    const why = report.waitsFor;
    if (why !== undefined) cli.note(describeWait(report, why));
    // Once it is told there is nothing more to ask for.
    const sliceMs = why === undefined ? Math.min(leftMs, SLICE_MS) : leftMs;
    report = await ask("/api/send/wait", { ids }, sliceMs);
    leftMs -= sliceMs;
  }
  const isWell = report.outcome === "sent" || (wait === 0 && report.outcome === "pending");
  if (!isWell) cli.exitWith(1);
  if (options.json) return cli.printJson(report);
  if (report.outcome === "sent") return cli.print(describeSent(report));
  if (isWell) return cli.print(`Queued as message ${report.parts.map((part) => part.id).join(", ")}.`);
  cli.note(describeUnsent(report, wait));
}

function readTarget({ target, to }: Options): string {
  const found = target ?? to;
  const help = "Run `coderclaw message send --help` to see what it takes.";
  if (found === undefined)
    throw new GatewayError("cli/usage", "The target is missing.", { hint: `Give --target or --to. ${help}` });
  if (to === undefined || to === found) return found;
  throw new GatewayError("cli/usage", `--target ${found} and --to ${to} name two targets.`, {
    hint: `Give one of them. ${help}`,
  });
}

function isOpen({ outcome }: SendReport): boolean {
  return outcome === "pending" || outcome === "unknown";
}

function describeWait({ parts }: SendReport, why: string): string {
  const part = parts.find(({ state }) => state !== "sent");
  const id = part?.id ?? "?";
  return part?.state === "unknown"
    ? oneLine(`Message ${id} may have arrived: ${why}. It is looked for, and sent again only if it did not.`)
    : oneLine(`Message ${id} waits: ${why}. It goes out by itself.`);
}

function describeSent({ target, accountId, parts }: SendReport): string {
  const guids = parts.flatMap((part) => (part.sentGuid === undefined ? [] : [part.sentGuid]));
  const what = parts.length === 1 ? "Sent" : `Sent ${parts.length} messages`;
  const proof = guids.length === 0 ? "" : ` (guid ${guids.join(", ")})`;
  return oneLine(`${what} to ${target} from account ${accountId}${proof}.`);
}

function describeUnsent({ outcome, parts }: SendReport, waitSeconds: number): string {
  const stuck = parts.find((part) => part.state === outcome) ?? parts.find((part) => part.state !== "sent");
  const id = stuck?.id ?? "?";
  const why = stuck?.reason === undefined ? "" : `: ${stuck.reason}`;
  if (outcome === "parked")
    return `${oneLine(`Message ${id} could not be sent and is parked${why}`)}\nRun \`coderclaw outbox retry ${id}\` or \`coderclaw outbox drop ${id}\`.`;
  if (outcome === "dropped") return `Message ${id} was dropped.\nSend it again if that was not meant.`;
  const state = outcome === "unknown" ? "may have arrived" : "is not sent yet";
  return `${oneLine(`After ${waitSeconds} s message ${id} ${state}${why}`)}\nIt is still being tried: see \`coderclaw outbox list\`.`;
}

/** The gateway reads it, on this machine, and perhaps as another user: what this one may not read is not asked for. */
async function findFile(path: string): Promise<string> {
  const file = resolve(path);
  const { access, constants } = await import("node:fs/promises");
  try {
    await access(file, constants.R_OK);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new GatewayError(
      isMissing ? "media/missing" : "media/failed",
      isMissing ? `There is no file ${path}.` : `The file ${path} cannot be read.`,
      { hint: "Check its path and permissions.", cause },
    );
  }
  return file;
}

async function readStdin(): Promise<string> {
  process.stdin.setEncoding("utf8");
  let text = "";
  for await (const chunk of process.stdin) text += String(chunk);
  return text.replace(/\n$/, "");
}
