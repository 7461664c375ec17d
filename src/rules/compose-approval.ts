// An agent's question as a person reads it on a phone.
import type { Handle } from "../model/handle.ts";
import type { ApprovalOption, ApprovalOptionKind, ApprovalRequest } from "../model/approval.ts";
import { flat, printable } from "./approval-text.ts";
import { isAllowing, isStanding, MOST_OPTIONS } from "./approval-options.ts";

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

/** The message that asks. Whatever an agent writes stands in lines that begin with `> `, but for the words of the options. */
export function composeApproval(agentName: string, question: ApprovalRequest, behalf?: Behalf): string {
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
export function composeReminder({ options }: ApprovalRequest): string {
  const last = Math.min(options.length, MOST_OPTIONS);
  return `I wait for your answer to the question above (1 to ${last}); what you wrote comes after it. /stop ends all of it.`;
}

/** What the asked are told when nobody answered in time. */
export function composeExpiry({ title }: ApprovalRequest): string {
  return `No answer came, so it was denied: ${clip(flat(title), LONGEST_LINE)}`;
}

/** What an owner is told who answered elsewhere than where the turn runs. */
export function composeConfirmation(kind: ApprovalOptionKind): string {
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
function optionText({ label, kind }: ApprovalOption, toolKind: string): string {
  const shown = clip(flat(label), LONGEST_LABEL) || FALLBACKS[kind];
  if (!isStanding(kind)) return shown;
  return `${shown} (${toolKind === "execute" ? "this very command" : "this tool"}, from now on)`;
}

const FALLBACKS: Readonly<Record<ApprovalOptionKind, string>> = {
  allow_once: "Allow once",
  allow_always: "Always allow",
  reject_once: "Reject",
  reject_always: "Always reject",
};

/** The command or the diff; nothing when the title shows all of it already. */
function detailLines({ detail, title, toolKind }: ApprovalRequest): string[] {
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

function clip(text: string, limit: number): string {
  const characters = Array.from(text);
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join("")}…`;
}
