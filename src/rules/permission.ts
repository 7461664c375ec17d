// An agent's question as a person reads it on a phone, and what is an answer to it: a number, an option's word, a tapback.
import type { Handle } from "../model/handle.ts";
import type { ReactionEvent } from "../model/message.ts";
import type {
  PendingPermission,
  PermissionOption,
  PermissionOptionKind,
  PermissionQuestion,
} from "../model/permission.ts";
import { isBareStop } from "./command.ts";

/** Lines of the command or the diff that are shown. */
const DETAIL_LINES = 12;
/** Longest line, in characters; a command is shown longer, for its end counts as much as its beginning. */
const LONGEST_LINE = 120;
const LONGEST_COMMAND_LINE = 400;
/** All lines of the command or the diff together. */
const LONGEST_DETAIL = 1600;
const LONGEST_TITLE = 200;
const LONGEST_LABEL = 60;
const MOST_PLACES = 3;
/** More options than a phone shows well are not offered. */
const MOST_OPTIONS = 9;

/** Words that mean one kind of option, whatever the agent calls it. */
const WORDS: Readonly<Record<PermissionOptionKind, readonly string[]>> = {
  allow_once: ["yes", "y", "ok", "okay", "allow", "approve", "once"],
  allow_always: ["always", "allow always", "always allow"],
  reject_once: ["no", "n", "deny", "reject"],
  reject_always: ["never", "always reject", "never allow"],
};

/** What tapbacks and the emoji of custom ones mean. */
const TAPBACKS: ReadonlyMap<string, "allow_once" | "reject_once"> = new Map([
  ["like", "allow_once"],
  ["love", "allow_once"],
  ["👍", "allow_once"],
  ["✅", "allow_once"],
  ["❤", "allow_once"],
  ["dislike", "reject_once"],
  ["👎", "reject_once"],
  ["❌", "reject_once"],
]);

/**
 * The option that a text chooses; undefined: it is no answer. A bare `stop` never is one, whatever an option is called. Where the question is
 * not to be seen an `ok` is said to somebody else: only a number is an answer there.
 */
export function readAnswer(
  text: string,
  { question: { options }, isAskedHere }: Pick<PendingPermission, "question" | "isAskedHere">,
): PermissionOption | undefined {
  if (isBareStop(text)) return undefined;
  const said = fold(text);
  const offered = options.slice(0, MOST_OPTIONS);
  const number = /^[#(]?(\d)[.):]?$/u.exec(said)?.[1];
  if (number !== undefined) return offered[Number(number) - 1];
  if (!isAskedHere) return undefined;
  const kinds = Object.keys(WORDS) as PermissionOptionKind[];
  const kind = kinds.find((one) => WORDS[one].includes(said));
  const labelled = offered.filter(({ label }) => fold(label) === said);
  const named = labelled.length === 1 ? labelled[0] : undefined;
  if (kind === undefined) return named;
  // An agent may name an option as it likes; it cannot make a no a yes by that.
  return ofKind(offered, kind) ?? (named && isAllowing(named.kind) === isAllowing(kind) ? named : undefined);
}

/** The option that a tapback chooses; undefined: it is none, or on another message. */
export function readTapback(
  reaction: ReactionEvent,
  { question, guids }: Pick<PendingPermission, "question" | "guids">,
): PermissionOption | undefined {
  if (!reaction.added || !guids.includes(reaction.target)) return undefined;
  // A skin tone and the mark that asks for a colourful picture change nothing.
  const emoji = reaction.emoji.replace(/[\u{1F3FB}-\u{1F3FF}]|\uFE0F/gu, "");
  const kind = TAPBACKS.get(reaction.type) ?? TAPBACKS.get(emoji);
  return kind && ofKind(question.options.slice(0, MOST_OPTIONS), kind);
}

/** The message that asks. Whatever an agent writes stands in lines that begin with `> `, but for the words of the options. */
export function composeQuestion(agentName: string, question: PermissionQuestion, behalf?: Behalf): string {
  const { title, toolKind, places, options } = question;
  const shown = detailLines(question);
  const isSaid = (place: string): boolean => flat(title).includes(place) || shown.includes(`> ${place}`);
  const where = places.map(flat).filter((place) => place !== "" && !isSaid(place));
  return [
    `❓ ${clip(flat(agentName), LONGEST_LABEL)} asks to ${VERBS.get(toolKind) ?? "do this"}:`,
    `> ${clip(flat(title) || "(no title)", LONGEST_TITLE)}`,
    ...where.slice(0, MOST_PLACES).map((place) => `> in ${clip(place, LONGEST_LINE)}`),
    ...(where.length > MOST_PLACES ? [`> and ${where.length - MOST_PLACES} more places`] : []),
    ...(shown.length === 0 ? [] : [">", ...shown]),
    ...(behalf === undefined ? [] : ["", ...behalfLines(behalf)]),
    "",
    ...options.slice(0, MOST_OPTIONS).map((option, at) => `${at + 1}. ${optionText(option, toolKind)}`),
    "",
    "Answer with a number, 👍 or 👎. No answer in 10 minutes is a no.",
  ].join("\n");
}

/** On whose behalf an agent asks. */
export interface Behalf {
  readonly handle: Handle;
  /** The group's name, which may be empty; undefined: a direct chat. */
  readonly group: string | undefined;
  /** What they wrote. */
  readonly text: string;
}

function behalfLines({ handle, group, text }: Behalf): string[] {
  const name = clip(flat(group ?? ""), LONGEST_LABEL);
  const where = group === undefined ? "" : name === "" ? " in a group" : ` in the group “${name}”`;
  const said = flat(text);
  return said === ""
    ? [`That is for ${flat(handle)}${where}.`]
    : [`That is for ${flat(handle)}${where}, who wrote:`, `> ${clip(said, LONGEST_TITLE)}`];
}

/** Said once when something else than an answer is written while a question waits. */
export function composeReminder({ options }: PermissionQuestion): string {
  const last = Math.min(options.length, MOST_OPTIONS);
  return `I wait for your answer to the question above (1 to ${last}); what you wrote comes after it. /stop ends all of it.`;
}

/** What the asked are told when nobody answered in time. */
export function composeExpiry({ title }: PermissionQuestion): string {
  return `No answer came, so it was denied: ${clip(flat(title), LONGEST_LINE)}`;
}

/** What an owner is told who answered elsewhere than where the turn runs. */
export function composeConfirmation(kind: PermissionOptionKind): string {
  const always = isStanding(kind) ? " from now on" : "";
  return isAllowing(kind) ? `Allowed${always}.` : `Denied${always}.`;
}

const VERBS: ReadonlyMap<string, string> = new Map([
  ["read", "read"],
  ["edit", "change files"],
  ["delete", "delete"],
  ["move", "move files"],
  ["search", "search"],
  ["execute", "run a command"],
  ["fetch", "get something from the network"],
  ["switch_mode", "change its mode"],
]);

/** "Always" means more here than the agent may say: it holds in other conversations, too. */
function optionText({ label, kind }: PermissionOption, toolKind: string): string {
  const shown = clip(flat(label), LONGEST_LABEL) || FALLBACKS[kind];
  if (!isStanding(kind)) return shown;
  return `${shown} (${toolKind === "execute" ? "this very command" : "this tool"}, from now on)`;
}

/** True for an option that decides once for all. */
/** True for an option that decides once for all. */
export function isStanding(kind: PermissionOptionKind): boolean {
  return kind === "allow_always" || kind === "reject_always";
}

/** True for an option that lets the agent do it. */
export function isAllowing(kind: PermissionOptionKind): boolean {
  return kind === "allow_once" || kind === "allow_always";
}

const FALLBACKS: Readonly<Record<PermissionOptionKind, string>> = {
  allow_once: "Allow once",
  allow_always: "Always allow",
  reject_once: "Reject",
  reject_always: "Always reject",
};

/** The option that says this, for once if there is one; undefined: none does. */
export function chooseOption(
  { options }: PermissionQuestion,
  how: "allow" | "deny",
): PermissionOption | undefined {
  const [once, always] =
    how === "allow" ? (["allow_once", "allow_always"] as const) : (["reject_once", "reject_always"] as const);
  return ofKind(options, once) ?? ofKind(options, always);
}

function ofKind(
  options: readonly PermissionOption[],
  kind: PermissionOptionKind,
): PermissionOption | undefined {
  return options.find((option) => option.kind === kind);
}

/** The command or the diff; nothing when the title shows all of it already. */
function detailLines({ detail, title, toolKind }: PermissionQuestion): string[] {
  // `Run ls` says `ls`; what is clipped, or of several lines, must be seen as it is.
  const isShown = flat(title).endsWith(printable(detail)) && flat(title).length <= LONGEST_TITLE;
  if (flat(detail) === "" || isShown) return [];
  const lines = detail.split(/\r\n|[\n\r\u2028\u2029\v\f]/u);
  while (lines.at(-1)?.trim() === "") lines.pop();
  // A diff begins with its file, which many agents name in the title.
  if (lines.length > 1 && flat(title).length <= LONGEST_TITLE && flat(title).endsWith(flat(lines[0] ?? "")))
    lines.shift();
  const shown: string[] = [];
  let room = LONGEST_DETAIL;
  for (const line of lines.slice(0, DETAIL_LINES)) {
    if (room <= 0) break;
    const longest = Math.min(room, toolKind === "execute" ? LONGEST_COMMAND_LINE : LONGEST_LINE);
    const written = clip(printable(line), longest);
    room -= Array.from(written).length;
    shown.push(`> ${written}`);
  }
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `> … ${more} more ${more === 1 ? "line" : "lines"}`] : shown;
}

/** As a person means it: case, blanks and a last full stop or exclamation mark say nothing. */
function fold(text: string): string {
  return flat(text)
    .replace(/[.!]+$/u, "")
    .toLowerCase();
}

function flat(text: string): string {
  return printable(text.replace(/\s+/gu, " ")).trim();
}

/** Nothing that ends a line, is not seen, or turns the direction of what follows. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{C}\t]|[\u2028\u2029]/gu, (found) =>
      /\p{Co}|\p{Cn}/u.test(found) || found === "\u200D" ? found : " ",
    );
}

function clip(text: string, limit: number): string {
  const characters = Array.from(text);
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("")}…`;
}
