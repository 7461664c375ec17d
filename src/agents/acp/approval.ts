// What an agent asks before it uses a tool, read from its request into what people can be shown and can answer.
import type {
  ApprovalOption,
  ApprovalOptionKind,
  ApprovalRequest,
  ApprovalSection,
} from "../../model/approval.ts";
import { sectionsOf } from "./approval-sections.ts";
import { standingScope } from "./approval-scope.ts";
import { fieldsOf, itemsOf, textOf, type Fields } from "./loose.ts";

/** More of it is not kept; what people are shown at first is shorter still. */
const LONGEST_SECTION = 16_000;
const LONGEST_TOGETHER = 48_000;
const LONGEST_TITLE = 500;
const LONGEST_NAME = 300;
const MOST_SECTIONS = 60;
const MOST_OPTIONS = 20;
const LONGEST_LABEL = 400;
/** What is longer as JSON is never allowed from now on. */
const LONGEST_STANDING = 8_000;

const KINDS: readonly ApprovalOptionKind[] = ["allow_once", "allow_always", "reject_once", "reject_always"];

/**
 * Reads the parameters of a `session/request_permission`; `known` is what was told of the tool call before, `folder` where the agent
 * works. Undefined: it has no option that could be answered.
 */
export async function parseApproval(
  params: unknown,
  known: Fields,
  folder: string,
): Promise<ApprovalRequest | undefined> {
  const { options, toolCall } = fieldsOf(params);
  const answers = itemsOf(options).map(fieldsOf).flatMap(readOption).filter(isFirstOfItsId);
  if (answers.length === 0) return undefined;
  const call = mergeCall(known, fieldsOf(toolCall));
  const toolKind = textOf(call["kind"]) ?? "other";
  const tool = toolName(call) ?? toolKind;
  const told = sectionsOf(call);
  const title = textOf(call["title"]) ?? told[0]?.text.split("\n")[0] ?? tool;
  // A title that is too long for one is something to be shown.
  const sections = title.length > LONGEST_TITLE ? [{ name: "title", text: title }, ...told] : told;
  const kept = keep(sections);
  const isKept = sections.length === kept.length && kept.every(({ omitted }) => omitted === undefined);
  const scope = isKept ? await standingScope(call, { tool, toolKind, title, folder }) : undefined;
  return {
    title: short(title, LONGEST_TITLE),
    toolKind,
    tool: short(tool, LONGEST_NAME),
    sections: kept,
    omittedSections: sections.length - kept.length,
    options: answers.slice(0, MOST_OPTIONS),
    standing: scope && scope.key.length <= LONGEST_STANDING ? scope : undefined,
  };
}

/** What is told of a tool call with what is told of it anew; null and absent fields change nothing. */
export function mergeCall(known: Fields, news: Fields): Fields {
  const told = Object.entries(news).filter(([, value]) => value !== undefined && value !== null);
  return { ...known, ...Object.fromEntries(told) };
}

/** Two options of one id could not be told apart when one of them is chosen. */
function isFirstOfItsId({ id }: ApprovalOption, at: number, all: readonly ApprovalOption[]): boolean {
  return all.findIndex((option) => option.id === id) === at;
}

function readOption({ optionId, name, kind }: Fields): ApprovalOption[] {
  const id = textOf(optionId);
  const known = KINDS.find((one) => one === kind);
  if (id === undefined || known === undefined) return [];
  return [{ id, label: short(textOf(name) ?? id, LONGEST_LABEL), kind: known }];
}

/** Agents that know no `name` yet tell it in a field of their own. */
function toolName(call: Fields): string | undefined {
  const own = Object.values(fieldsOf(call["_meta"])).map((meta) => textOf(fieldsOf(meta)["toolName"]));
  return textOf(call["name"]) ?? own.find((name) => name !== undefined);
}

/** Both ends of what is too long, each section and all of them together. */
function keep(sections: readonly ApprovalSection[]): ApprovalSection[] {
  let room = LONGEST_TOGETHER;
  return sections.slice(0, MOST_SECTIONS).map(({ name, text }) => {
    const most = Math.max(200, Math.min(LONGEST_SECTION, room));
    const kept = { name: short(name, LONGEST_NAME), text };
    room -= Math.min(text.length, most);
    if (text.length <= most) return kept;
    const [start, end] = [text.slice(0, most / 2), text.slice(text.length - most / 2)];
    const characters = text.length - start.length - end.length;
    return { ...kept, text: start + end, omitted: { at: start.length, characters } };
  });
}

function short(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
