// `conversations list|show|stop|mute|unmute|new-session`: who writes with the agents, what was said, and what came of it.
import type { Command } from "commander";
import { muteConversation, renewSession } from "../control/conversations/acts.ts";
import {
  listConversations,
  showConversation,
  type ConversationAnswer,
  type ConversationItem,
} from "../control/conversations/list.ts";
import { readTimeline, type TimelineRow } from "../control/conversations/timeline.ts";
import { findControl, withState } from "../gateway/open-state.ts";
import { needGateway } from "./client.ts";
import { examples, parseCount, type Cli, type GlobalOptions } from "./cli.ts";
import { brief, oneLine, renderTable, renderTime } from "./table.ts";

interface Options extends GlobalOptions {
  readonly account?: string;
  readonly search?: string;
  readonly before?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** Adds `conversations`. */
export function register(program: Command, cli: Cli): void {
  const conversations = program
    .command("conversations")
    .summary("who writes with the agents: list, show, stop, mute, unmute, new-session")
    .description("Shows conversations as the journal has them. Works with the gateway stopped too.")
    .helpCommand(false);
  conversations
    .command("list")
    .summary("list conversations, the latest first")
    .description("Lists conversations, the one with the newest message first.")
    .option("--account <id>", "of this account only")
    .option("--search <text>", "part of a chat's name, a phone number or an e-mail address")
    .option("--before <place>", "go on after the last one of the list before")
    .option("--limit <n>", "at most so many, up to 100", parseCount, 20)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw conversations list --search anna", "find a conversation"]))
    .action(async (_options, command: Command) => list(cli, command.optsWithGlobals()));
  conversations
    .command("show")
    .summary("show what happened in one, newest first")
    .description("Shows messages with what was decided, the agent's turns, its questions, and our messages.")
    .argument("<id>", "its number in the list")
    .option("--before <place>", "go on after the last line of the piece before")
    .option("--limit <n>", "at most so many lines, up to 100", parseCount, 30)
    .option("--json", "print JSON")
    .addHelpText("after", examples(["coderclaw conversations show 3", "what was said in conversation 3"]))
    .action(async (id: string, _options, command: Command) => show(cli, id, command.optsWithGlobals()));
  const act = (name: string, summary: string, example: string): Command =>
    conversations
      .command(name)
      .summary(summary)
      .argument("<id>", "its number in the list")
      .option("--json", "print JSON")
      .addHelpText("after", examples([`coderclaw conversations ${name} 3`, example]));
  act("stop", "end the turn that runs", "as /stop does in the chat")
    .description("Ends the turn that runs there and drops what waits. Needs the running gateway.")
    .action(async (id: string, _options, command: Command) => stop(cli, id, command.optsWithGlobals()));
  for (const name of ["mute", "unmute"] as const)
    act(name, name === "mute" ? "answer nothing there" : "answer there again", `${name} conversation 3`)
      .description(
        name === "mute"
          ? "Has no message be answered there until it is unmuted. Commands are carried out all the same."
          : "Has messages be answered there again.",
      )
      .action(async (id: string, _options, command: Command) =>
        change(cli, command.optsWithGlobals(), async ({ store }) =>
          muteConversation(store, id, { by: "command line", nowMs: Date.now(), isMuted: name === "mute" }),
        ),
      );
  act("new-session", "have the agent forget what was said", "as /new does in the chat")
    .description("Begins a new session: the agent forgets what was said there before.")
    .action(async (id: string, _options, command: Command) =>
      change(cli, command.optsWithGlobals(), async ({ store }) =>
        renewSession(store, id, { by: "command line", nowMs: Date.now() }),
      ),
    );
}

async function list(cli: Cli, options: Options): Promise<void> {
  const { limit, ...choice } = options;
  const page = await withState(options, async (place) =>
    listConversations(place, { ...choice, limit: Math.min(limit, 100) }),
  );
  if (options.json) return cli.printJson({ conversations: page.items, next: page.next });
  if (page.items.length === 0) return cli.print("No conversation.");
  cli.print(renderTable(["ID", "NAME", "ACCOUNT", "LAST", "STATE", "TEXT"], page.items.map(row)));
  if (page.next !== undefined) cli.print(`\nThere are more: add --before ${page.next}`);
}

function row(item: ConversationItem): readonly string[] {
  return [
    `${item.id}`,
    brief(item.name, 30),
    item.accountId,
    renderTime(item.lastAtMs),
    stateOf(item),
    brief(`${item.lastFrom === undefined ? "> " : ""}${item.lastText}`, 40),
  ];
}

function stateOf({ isMuted, isRunning, waiting }: ConversationItem): string {
  const states = [
    ...(isRunning ? ["running"] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(isMuted ? ["muted"] : []),
  ];
  return states.join(", ") || "-";
}

async function show(cli: Cli, id: string, options: Options): Promise<void> {
  const page = { before: options.before, limit: Math.min(options.limit, 100) };
  const { answer, timeline } = await withState(options, async ({ settings, store }) => ({
    answer: await showConversation({ settings, store }, id, Date.now()),
    timeline: await readTimeline(store, id, page),
  }));
  if (options.json) return cli.printJson({ ...answer, timeline: timeline.items, next: timeline.next });
  cli.print(describe(answer));
  for (const one of timeline.items) cli.print(renderRow(one));
  if (timeline.next !== undefined) cli.print(`\nThere is more: add --before ${timeline.next}`);
}

function describe({ conversation, agent, session, people }: ConversationAnswer): string {
  const who = people.map(({ handle, access }) => `${handle} (${access})`).join(", ");
  return [
    `${oneLine(conversation.name)}: account ${conversation.accountId}, ${stateOf(conversation) === "-" ? "nothing running" : stateOf(conversation)}`,
    ...(who === "" ? [] : [`People: ${oneLine(who)}`]),
    `Agent:  ${agent.id}${session === undefined ? "" : `, session ${oneLine(session.key)}`}`,
    "",
  ].join("\n");
}

function renderRow(row: TimelineRow): string {
  return oneLine(`${renderTime(row.atMs)}  ${describeRow(row)}`);
}

function describeRow(row: TimelineRow): string {
  switch (row.kind) {
    case "message": {
      const files = row.files.map(({ name }) => ` [${name}]`).join("");
      const { verdict } = row;
      const fate = verdict === undefined ? "not decided yet" : verdict.code;
      return `${row.from ?? "us"}: ${row.reaction ?? brief(row.text, 80)}${files}  (${fate}; row ${row.rowId})`;
    }
    case "turn":
      return `  turn ${row.turnId} of agent ${row.agentId}: ${row.state}${row.failure === undefined ? "" : `, ${row.failure}`}`;
    case "approval":
      return `  question ${row.approvalId} of agent ${row.agentId}: ${row.title} (${row.decision})`;
    case "part": {
      const what = row.file === undefined ? brief(row.text, 80) : `[${row.file.name}]`;
      return `  > ${what}  (${row.state}${row.reason === undefined ? "" : `, ${row.reason}`}; message ${row.partId})`;
    }
  }
}

async function stop(cli: Cli, id: string, options: Options): Promise<void> {
  const control = await findControl(options);
  const path = `/api/conversations/${encodeURIComponent(id)}/stop`;
  const { done } = await needGateway<{ done: string }>(control, { method: "POST", path });
  if (options.json) return cli.printJson({ done });
  cli.print(`${done}.`);
}

type Change = (state: Parameters<Parameters<typeof withState>[1]>[0]) => Promise<string>;

async function change(cli: Cli, options: Options, work: Change): Promise<void> {
  const done = await withState(options, work);
  if (options.json) return cli.printJson({ done });
  cli.print(oneLine(`${done}.`));
}
