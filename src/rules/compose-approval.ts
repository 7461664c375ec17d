// The messages that ask an owner: what an agent wants to do, for whom, and how to answer; all of it on request.
import type { ApprovalOffer, ApprovalRequest } from "../model/approval.ts";
import type { NewPart } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import { plainLine } from "../model/plain-line.ts";
import type { Target } from "../model/target.ts";
import { withoutEnd } from "../model/text-ends.ts";
import { MOST_MESSAGES } from "./chunk.ts";
import { isComplete, viewAll, type RequestView } from "./view-approval.ts";

const LONGEST_NAME = 60;
const LONGEST_SAID = 200;

/** Where a message goes, and how long one may be. */
export interface MessagePlace {
  readonly target: Target;
  /** UTF-16 units a message. */
  readonly limit: number;
}

/** On whose behalf an agent asks. */
export interface Behalf {
  readonly handle: Handle;
  /** The group's name, which may be empty; undefined: a direct chat. */
  readonly group: string | undefined;
  /** What they wrote. */
  readonly text: string;
}

/** What a question says. */
export interface Question {
  readonly agentName: string;
  readonly request: Pick<ApprovalRequest, "toolKind">;
  readonly view: RequestView;
  readonly offer: ApprovalOffer;
  readonly firstNumber: number;
  /** Undefined: whoever is asked sees it. */
  readonly behalf: Behalf | undefined;
}

/** The messages that ask. Whatever an agent writes stands in lines that begin with `> `, but for the words of the options. */
export function composeQuestion(question: Question, { target, limit }: MessagePlace): readonly NewPart[] {
  const { agentName, request, view, offer, firstNumber, behalf } = question;
  const text = [
    `❓ ${plainLine(agentName, LONGEST_NAME) || "An agent"} asks to ${VERBS.get(request.toolKind) ?? "do this"}:`,
    ...view.lines.map((line) => `> ${line}`),
    ...(behalf === undefined ? [] : ["", ...behalfLines(behalf)]),
    "",
    ...offer.options.map(({ label }, at) => `${firstNumber + at}. ${label}`),
    "",
    ...(view.isWhole ? [] : ["Some of it is left out. Reply “more” to read it all."]),
    "Reply with a number, 👍 or 👎. No answer within 10 minutes means no.",
  ];
  return packLines(text, limit).map((packed) => ({ origin: "question", target, text: packed }));
}

/** The messages that show all of a request, at most as many as one answer may be. */
export function composeMore(request: ApprovalRequest, { target, limit }: MessagePlace): readonly NewPart[] {
  const messages = packLines(
    viewAll(request).map((line) => `> ${line}`),
    limit,
  );
  const shown = messages.slice(0, MOST_MESSAGES - 1);
  const isAll = isComplete(request) && shown.length === messages.length;
  const end = isAll ? "That is all of it." : "There is more that I cannot show. If you are not sure, say no.";
  return [...shown, end].map((text) => ({ origin: "question", target, text }));
}

/** Shorter messages would hold nothing. */
const SHORTEST = 20;

/** Lines as messages of at most `limit` UTF-16 units. No character is lost: a line that is cut goes on behind `>… `, which no line begins with. */
function packLines(lines: readonly string[], limit: number): readonly string[] {
  const room = Math.max(SHORTEST, limit);
  const messages: string[] = [];
  let message = "";
  for (const line of lines.flatMap((one) => cutLine(one, room))) {
    const longer = message === "" ? line : `${message}\n${line}`;
    if (longer.length > room && message !== "") messages.push(message);
    message = longer.length > room ? line : longer;
  }
  // A blank line begins no message, and ends none.
  return [...messages, message].map((one) => withoutEnd(one, "\n")).filter((one) => one !== "");
}

function cutLine(line: string, room: number): readonly string[] {
  if (line.length <= room) return [line];
  const pieces: string[] = [];
  let piece = "";
  for (const character of line) {
    if (piece.length + character.length > room) {
      pieces.push(piece);
      piece = CONTINUED;
    }
    piece += character;
  }
  return [...pieces, piece];
}

const CONTINUED = ">… ";

const VERBS: ReadonlyMap<string, string> = new Map([
  ["read", "read"],
  ["edit", "change files"],
  ["delete", "delete"],
  ["move", "move files"],
  ["search", "search"],
  ["execute", "run a command"],
  ["fetch", "get something from the network"],
  ["switch_mode", "change how it works"],
]);

function behalfLines({ handle, group, text }: Behalf): string[] {
  const name = plainLine(group ?? "", LONGEST_NAME);
  const where = group === undefined ? "" : name === "" ? " in a group" : ` in the group “${name}”`;
  const said = plainLine(text, LONGEST_SAID);
  return said === ""
    ? [`Asked on behalf of ${handle}${where}.`]
    : [`Asked on behalf of ${handle}${where}, who wrote:`, `> ${said}`];
}
