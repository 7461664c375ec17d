// `/mode [NAME]`, `/model [NAME]`: what the agent offers to choose from, what is chosen in this session, and another choice.
import type { Choice } from "../../model/agent-session.ts";
import type { CommandAnswer } from "../../model/command.ts";
import { withoutFullStop } from "../../rules/command.ts";
import { findChoice } from "../../rules/find-choice.ts";
import { say, type Asked } from "./answer.ts";
import { inForce, readOffered, tidy, type OfferedHere } from "./offered.ts";

type What = "mode" | "model";

/** Gives the choice back to the configuration, or to the agent. */
const GIVE_BACK = "default";
const MOST_SHOWN = 20;
const LONGEST_NAME = 60;

/** `/mode`, `/mode NAME`, `/mode default`. */
export async function mode(asked: Asked): Promise<CommandAnswer> {
  return choose(asked, "mode");
}

/** `/model`, `/model NAME`, `/model default`. */
export async function model(asked: Asked): Promise<CommandAnswer> {
  return choose(asked, "model");
}

async function choose(asked: Asked, what: What): Promise<CommandAnswer> {
  const here = await readOffered(asked);
  const wanted = withoutFullStop(asked.command.command.args);
  const choices = (what === "mode" ? here.offers?.modes : here.offers?.models) ?? [];
  if (wanted === "") return say(show(here, what, choices));
  const { choice, near } = findChoice(choices, wanted);
  // An agent may call one of its own so: that one is meant then.
  if (wanted.toLowerCase() === GIVE_BACK && choice?.id.toLowerCase() !== GIVE_BACK)
    return say(givenBack(here, what), { kind: "choose", what, id: undefined });
  if (choices.length === 0) return say(nothingToChoose(here, what));
  if (choice !== undefined)
    return say(`${here.name} ${DOES[what]} ${nameOf(choice)} from now on.\n/${what} default ends that.`, {
      kind: "choose",
      what,
      id: choice.id,
    });
  const quoted = `"${tidy(wanted, LONGEST_NAME)}"`;
  const why = near.length > 0 ? `Which ${what} is ${quoted}?` : `There is no ${what} ${quoted}.`;
  return say(`${why}\n${list(near.length > 0 ? near : choices, inForce(here, what), what)}`);
}

const DOES: Readonly<Record<What, string>> = { mode: "works in mode", model: "uses the model" };

function show(here: OfferedHere, what: What, choices: readonly Choice[]): string {
  if (choices.length === 0) return nothingToChoose(here, what);
  const current = inForce(here, what);
  return [
    `${TITLE[what]} of ${here.name}: ${describeCurrent(here, what, choices)}`,
    list(choices, current, what),
    `/${what} NAME chooses another.`,
  ].join("\n");
}

const TITLE: Readonly<Record<What, string>> = { mode: "Mode", model: "Model" };

function describeCurrent(here: OfferedHere, what: What, choices: readonly Choice[]): string {
  const current = inForce(here, what);
  if (current === undefined) return "its own choice";
  const known = choices.find(({ id }) => id === current) ?? { id: current, name: current };
  const how =
    here.choices[what] !== undefined
      ? `chosen here; /${what} default ends that`
      : here.configured[what] !== undefined
        ? "by the configuration"
        : "its own choice";
  return `${nameOf(known)} (${how})`;
}

function nothingToChoose({ name, runtime, offers, configured }: OfferedHere, what: What): string {
  if (runtime?.type === "acp" && offers === undefined)
    return `${name} has not said yet what it offers here: write it a message first.`;
  if (runtime?.type === "model" && what === "model")
    return `${name} uses the model ${configured.model}. Its API does not say now which others there are.`;
  return `${name} has no ${what}s to choose from.`;
}

function givenBack({ name, configured }: OfferedHere, what: What): string {
  const chooser = configured[what] === undefined ? `${name} itself` : "The configuration";
  return `${chooser} chooses the ${what} again.`;
}

/** The one in force first where not all are shown. */
function list(choices: readonly Choice[], current: string | undefined, what: What): string {
  const sorted =
    choices.length <= MOST_SHOWN
      ? choices
      : choices.toSorted((one, other) => Number(other.id === current) - Number(one.id === current));
  const lines = sorted.slice(0, MOST_SHOWN).map((one) => `${one.id === current ? "→" : "•"} ${nameOf(one)}`);
  const more = choices.length - lines.length;
  return [...lines, ...(more > 0 ? [`… and ${more} more: /${what} with a part of the name`] : [])].join("\n");
}

function nameOf({ id, name }: Choice): string {
  const [shortId, shortName] = [tidy(id, LONGEST_NAME), tidy(name, LONGEST_NAME)];
  return shortName === "" || shortName.toLowerCase() === shortId.toLowerCase()
    ? shortId
    : `${shortId} (${shortName})`;
}
