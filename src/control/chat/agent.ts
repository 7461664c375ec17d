// `/agent [ID]`: which agents there are, which one answers here, and another one for this conversation.
import type { CommandAnswer } from "../../model/command.ts";
import type { AgentId } from "../../model/ids.ts";
import type { AgentSettings } from "../../model/settings.ts";
import { clip, say, type Asked } from "./answer.ts";

/** Gives the choice back to the configuration. */
const UNPIN = "default";
/** No id that is meant is longer, in UTF-16 units. */
const LONGEST_ID = 64;

/** `/agent`, `/agent ID`, `/agent default`. */
export async function agent(asked: Asked): Promise<CommandAnswer> {
  const { agents } = asked.settings;
  // A phone begins a line with a capital letter.
  const wanted = asked.command.command.args.toLowerCase();
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

async function show({ command, running, settings, nowMs }: Asked): Promise<CommandAnswer> {
  const { handle, message, agentId } = command;
  const { pinnedAgent } = await running.store.records.facts(message, { handle, nowMs });
  const isPinned = pinnedAgent !== undefined && pinnedAgent === agentId;
  const how = isPinned ? "chosen here; /agent default ends that" : "by the configuration";
  return say(
    [
      `Agent ${agentId} answers here (${how}).`,
      list(settings.agents, agentId),
      "/agent ID chooses another.",
    ].join("\n"),
  );
}

function list(agents: readonly AgentSettings[], here: AgentId | undefined): string {
  return agents.map((one) => `${one.id === here ? "→" : "•"} ${nameOf(one)}`).join("\n");
}

function nameOf({ id, name }: AgentSettings): string {
  return name === id ? id : `${id} (${name})`;
}
