// `/help`: the commands that this sender may use here, one line each, and those of the agent behind them.
import type { OfferedCommand } from "../../model/agent-session.ts";
import type { CommandAnswer } from "../../model/command.ts";
import { commandsFor, parseCommand } from "../../rules/command.ts";
import { isDirect, say, type Asked } from "./answer.ts";
import { readOffered, tidy } from "./offered.ts";

const MOST_SHOWN = 15;
const LONGEST_NAME = 40;
const LONGEST_DESCRIPTION = 60;
/** What can be written behind a slash, and means nothing else. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_:./-]*$/u;

/** `/help`. */
export async function help(asked: Asked): Promise<CommandAnswer> {
  const usable = commandsFor(asked.command.command.role, asked.settings.commands);
  const lines = usable.map(({ usage, summary }) => `${usage}: ${summary}`);
  return say([...lines, ...(await agentLines(asked))].join("\n"));
}

/** In a group an agent is given more than what was written, so that its own commands mean nothing there. */
async function agentLines(asked: Asked): Promise<readonly string[]> {
  const agent = asked.settings.agents.find(({ id }) => id === asked.command.agentId);
  // No other kind has any, and a model's API would be asked for nothing.
  if (agent?.runtime.type !== "acp" || !isDirect(asked)) return [];
  const { name, offers } = await readOffered(asked);
  const own = usableCommands(offers?.commands ?? []);
  if (own.length === 0) return [];
  const more = own.length - MOST_SHOWN;
  return [
    "",
    `${name} itself knows:`,
    ...own.slice(0, MOST_SHOWN).map(renderCommand),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
}

/** The agent's commands that reach it: a name that is one of ours is ours. */
export function usableCommands(commands: readonly OfferedCommand[]): readonly OfferedCommand[] {
  return commands.filter(
    ({ name }) => name.length <= LONGEST_NAME && NAME.test(name) && parseCommand(`/${name}`) === undefined,
  );
}

function renderCommand({ name, description }: OfferedCommand): string {
  const what = tidy(description, LONGEST_DESCRIPTION);
  return what === "" ? `/${name}` : `/${name}: ${what}`;
}
