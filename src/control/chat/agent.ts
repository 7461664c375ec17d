// `/agent [ID]`: which agents there are, which one answers here, and another one for this conversation.
import type { CommandAnswer } from "../../model/command.ts";
import type { AgentId } from "../../model/ids.ts";
import type { AgentSettings } from "../../model/settings.ts";
import { withoutFullStop } from "../../rules/command.ts";
import { clip, say, type Asked } from "./answer.ts";
import { usableCommands } from "./help.ts";
import { inForce, readOffered, tidy, type OfferedHere } from "./offered.ts";

/** Gives the choice back to the configuration. */
const UNPIN = "default";
const LONGEST_NAME = 60;
/** No id that is meant is longer, in UTF-16 units. */
const LONGEST_ID = 64;

/** `/agent`, `/agent ID`, `/agent default`. */
export async function agent(asked: Asked): Promise<CommandAnswer> {
  const { agents } = asked.settings;
  // A phone begins a line with a capital letter.
  const wanted = withoutFullStop(asked.command.command.args).toLowerCase();
  if (wanted === "") return show(asked);
  if (wanted === UNPIN)
    return say("The configuration chooses the agent of this conversation again.", {
      kind: "pin",
      agentId: undefined,
    });
  const found = agents.find((one) => one.id === wanted);
  if (found === undefined) {
    const fault = /\s/u.test(wanted)
      ? "/agent takes one agent."
      : `There is no agent “${clip(wanted, LONGEST_ID)}”.`;
    return say(`${fault} The agents are:\n${list(agents, undefined)}`);
  }
  return say(`From now on ${nameOf(found)} answers in this conversation.\n/agent default ends that.`, {
    kind: "pin",
    agentId: found.id,
  });
}

async function show(asked: Asked): Promise<CommandAnswer> {
  const { command, running, settings, nowMs } = asked;
  const { handle, message, agentId } = command;
  const { pinnedAgent } = await running.store.records.facts(message, { handle, nowMs });
  const isPinned = pinnedAgent !== undefined && pinnedAgent === agentId;
  const how = isPinned ? "chosen here; /agent default ends that" : "by the configuration";
  return say(
    [
      `Agent ${agentId} answers here (${how}).`,
      ...describe(await readOffered(asked)),
      list(settings.agents, agentId),
      "/agent ID chooses another.",
    ].join("\n"),
  );
}

/** What it is, and what can be done with it beside writing to it. */
function describe(here: OfferedHere): string[] {
  const { runtime, offers } = here;
  const [mode, model] = [inForce(here, "mode"), inForce(here, "model")];
  const facts = [
    `Kind: ${runtime?.type ?? "unknown"}`,
    ...(mode === undefined ? [] : [`mode ${tidy(mode, LONGEST_NAME)}`]),
    ...(model === undefined ? [] : [`model ${tidy(model, LONGEST_NAME)}`]),
  ].join(", ");
  if (offers === undefined) return [facts];
  const counts = [
    count(offers.modes, "mode", "/mode"),
    count(offers.models, "model", "/model"),
    count(usableCommands(offers.commands), "command of its own", "/help"),
  ].filter((one) => one !== "");
  return counts.length === 0 ? [facts] : [facts, `It offers ${counts.join(", ")}.`];
}

function count(things: readonly unknown[], what: string, command: string): string {
  if (things.length === 0) return "";
  const many = what.replace(/^\S+/u, "$&s");
  return `${things.length} ${things.length === 1 ? what : many} (${command})`;
}

function list(agents: readonly AgentSettings[], here: AgentId | undefined): string {
  return agents.map((one) => `${one.id === here ? "→" : "•"} ${nameOf(one)}`).join("\n");
}

function nameOf({ id, name }: AgentSettings): string {
  return name === id ? id : `${id} (${name})`;
}
