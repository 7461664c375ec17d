// `sessions list|show|reset|export`: what agents remember. Works on the state database, whether the gateway runs or not.
import { Option, type Command } from "commander";
import { describeApprovalDecision, describeApproval } from "../control/approvals/approval-words.ts";
import type { ExportFormat } from "../control/sessions/export.ts";
import { resetSession, showSession, type ShownSession } from "../control/sessions/sessions.ts";
import { withState } from "../gateway/open-state.ts";
import { GatewayError } from "../model/errors.ts";
import type { SessionTurn } from "../model/store.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { brief, oneLine, renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly limit: number;
  readonly json?: boolean;
}

interface ExportOptions extends GlobalOptions {
  readonly format?: ExportFormat;
  readonly output?: string;
  readonly all?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds `sessions`. */
export function register(program: Command, cli: Cli): void {
  const sessions = program
    .command("sessions")
    .summary("what agents remember: list, show, reset, export")
    .description("Shows, exports and resets what agents remember by. Works with the gateway stopped too.")
    .helpCommand(false);
  sessions
    .command("list")
    .summary("all sessions, latest first")
    .description("Lists all sessions, the one with the latest turn first.")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw sessions list", "every session key"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
  sessions
    .command("show")
    .summary("what was said in a session")
    .description("Shows what was said and answered in a session, oldest first.")
    .argument("<key>", "session key")
    .option("--limit <n>", "at most so many turns", parseCount, 10)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw sessions show agent:main:main", "its last ten turns"]))
    .action(async (key: string, _options, command: Command) => show(cli, key, command.optsWithGlobals()));
  sessions
    .command("reset")
    .summary("make an agent forget a session")
    .description("Gives a session a new id: what was said before is forgotten, the next message starts anew.")
    .argument("<key>", "session key")
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw sessions reset agent:main:main", "start anew"]))
    .action(async (key: string, _options, command: Command) => reset(cli, key, command.optsWithGlobals()));
  sessions
    .command("export")
    .summary("the whole transcript of a session, as a text or a file")
    .description(
      "Writes everything that was said, answered and permitted in a session, oldest first.\n" +
        "A file can be read by you alone, and one that is there is not replaced.",
    )
    .argument("<key>", "session key")
    .addOption(
      new Option("--format <format>", "how it is written, markdown by itself").choices([
        "markdown",
        "json",
        "jsonl",
      ]),
    )
    .option("--output <file>", "write it to this file")
    .option("--all", "what was said before the session was reset, too")
    .option("--force", "replace the file if it is there")
    .option("--json", "print JSON: the transcript, or with --output what was written")
    .addHelpText(
      "after",
      examples(
        ["coderclaw sessions export agent:main:main", "to read"],
        ["coderclaw sessions export agent:main:main --all --format jsonl --output said.jsonl", "to keep"],
      ),
    )
    .action(async (key: string, _options, command: Command) =>
      exportTranscript(cli, key, command.optsWithGlobals()),
    );
}

async function list(cli: Cli, options: Options): Promise<void> {
  const sessions = await withState(options, async ({ store }) => store.sessions.list());
  if (options.json) return cli.printJson({ sessions });
  if (sessions.length === 0) return cli.print("No sessions yet.");
  const rows = sessions.map((one) => [
    one.key,
    one.agentId,
    `${one.turns}`,
    renderTime(one.lastTurnAtMs),
    renderTime(one.createdAtMs),
  ]);
  cli.print(renderTable(["SESSION", "AGENT", "TURNS", "LAST TURN", "SINCE"], rows));
}

async function show(cli: Cli, key: string, options: Options): Promise<void> {
  const session = await withState(options, async ({ store }) => showSession(store, key, options.limit));
  if (options.json) return cli.printJson({ session });
  cli.print(renderHead(session));
  for (const turn of session.log.toReversed()) cli.print(renderTurn(turn));
}

function renderHead(session: ShownSession): string {
  const { key, agentId, turns, createdAtMs, sessionId, nativeId } = session;
  const { mode, model } = session.choices;
  const facts = [
    `session ${sessionId}`,
    ...(nativeId === undefined ? [] : [`${nativeId} to the agent`]),
    ...(mode === undefined ? [] : [`mode ${mode}`]),
    ...(model === undefined ? [] : [`model ${model}`]),
  ];
  const many = turns === 1 ? "1 turn" : `${turns} turns`;
  const head = `${key}: agent ${agentId}, ${many} since ${renderTime(createdAtMs)}`;
  const empty = session.log.length === 0 ? ["Nothing was said in it yet."] : [];
  return [head, facts.join(", "), ...empty].map(oneLine).join("\n");
}

function renderTurn(turn: SessionTurn): string {
  const said = turn.said.map(({ sender, text }) => `  ${oneLine(sender)}: ${brief(text, 300)}`);
  const asked = turn.approvals.map(
    (one) => `  ❓ ${brief(`${describeApproval(one.request)}: ${describeApprovalDecision(one)}`, 300)}`,
  );
  const answer =
    turn.answered === undefined
      ? `(${turn.state === "running" ? "no answer yet" : turn.state})`
      : brief(turn.answered, 300);
  return [`${renderTime(turn.startedAtMs)}  ${turn.turnId}`, ...said, ...asked, `  → ${answer}`].join("\n");
}

async function reset(cli: Cli, key: string, options: Options): Promise<void> {
  await withState(options, async ({ store }) => resetSession(store, key, Date.now()));
  if (options.json) return cli.printJson({ reset: key });
  cli.print(`Session ${key} starts anew.`);
}

async function exportTranscript(cli: Cli, key: string, options: ExportOptions): Promise<void> {
  const { exportSession, writeExport } = await import("../control/sessions/export.ts");
  const { output, all = false, force = false, json = false } = options;
  const format = options.format ?? (json && output === undefined ? "json" : "markdown");
  if (force && output === undefined)
    throw new GatewayError("cli/usage", "--force is for a file, and none is named.", {
      hint: "Name it with --output FILE.",
    });
  await withState(options, async ({ store }) => {
    const pieces = exportSession(store, key, { format, all });
    if (output !== undefined) return writeExport(pieces, output, { force });
    for await (const piece of pieces) cli.print(piece.replace(/\n$/, ""));
  });
  if (output === undefined) return;
  if (json) return cli.printJson({ exported: key, file: output });
  cli.print(oneLine(`Session ${key} is written to ${output}.`));
}
