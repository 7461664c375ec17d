// `sessions list|show|reset`: what agents remember. Works on the state database, whether the gateway runs or not.
import type { Command } from "commander";
import { resetSession, showSession } from "../control/sessions.ts";
import { withState } from "../gateway/open-state.ts";
import type { SessionDetail } from "../model/store.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { brief, oneLine, renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** Adds `sessions`. */
export function register(program: Command, cli: Cli): void {
  const sessions = program
    .command("sessions")
    .summary("what agents remember: list, show, reset")
    .description("Shows and resets what agents remember by. Works with the gateway stopped too.")
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
  cli.print(
    oneLine(
      `${session.key}: agent ${session.agentId}, ${session.turns} turns since ${renderTime(session.createdAtMs)}`,
    ),
  );
  for (const turn of session.log.toReversed()) cli.print(renderTurn(turn));
}

function renderTurn(turn: SessionDetail["log"][number]): string {
  const said = turn.said.map(({ sender, text }) => `  ${oneLine(sender)}: ${brief(text, 300)}`);
  const answer = turn.answered === undefined ? `(${turn.state})` : brief(turn.answered, 300);
  return [`${renderTime(turn.startedAtMs)}  ${turn.turnId}`, ...said, `  → ${answer}`].join("\n");
}

async function reset(cli: Cli, key: string, options: Options): Promise<void> {
  await withState(options, async ({ store }) => resetSession(store, key, Date.now()));
  if (options.json) return cli.printJson({ reset: key });
  cli.print(`Session ${key} starts anew.`);
}
