// What an agent asks, line by line: all of it, or both ends of what is long.
import type { ApprovalRequest, ApprovalSection } from "../model/approval.ts";
import { gapLine, viewLine, viewText, type View, type ViewOptions } from "./visible-text.ts";

/** What fits into one message is shown whole. */
const MOST_CHARACTERS = 2_000;
const MOST_LINES = 36;
/** Where it does not fit: the first section, each other one, and all of them. */
const FIRST = { start: 600, end: 400, startLines: 12, endLines: 8 };
const OTHER = { start: 240, end: 160, startLines: 5, endLines: 3 };
const SHORT = { start: 160, end: 80, startLines: 3, endLines: 2 };
const MOST_SHOWN = 2_400;
/** A section of one line stands behind its name. */
const LONGEST_INLINE = 200;
const NO_TITLE = "(no title)";

/** What is shown of a request. */
export interface RequestView {
  /** Contract: none of them holds a line end or a hidden character. */
  readonly lines: readonly string[];
  /** False: something is left out, and the lines say how much. */
  readonly isWhole: boolean;
}

/** Shows a request in one message. */
export function viewRequest(request: ApprovalRequest): RequestView {
  const all = viewAll(request);
  const length = all.reduce((sum, line) => sum + line.length, 0);
  const isKept = isComplete(request);
  if (length <= MOST_CHARACTERS && all.length <= MOST_LINES) return { lines: all, isWhole: isKept };
  const lines = [viewLine(request.title, { most: SHORT }) || NO_TITLE];
  let room = MOST_SHOWN;
  const sections = sectionsOf(request);
  for (const [at, section] of sections.entries()) {
    const shown = viewSection(section, at === 0 ? FIRST : OTHER);
    room -= shown.reduce((sum, line) => sum + line.length, 0);
    if (room < 0 && at > 0) {
      lines.push(moreLine(sections.length - at + request.omittedSections));
      return { lines, isWhole: false };
    }
    lines.push(...shown);
  }
  if (request.omittedSections > 0) lines.push(moreLine(request.omittedSections));
  return { lines, isWhole: false };
}

/** Shows all of a request. */
export function viewAll(request: ApprovalRequest): readonly string[] {
  return [
    viewLine(request.title) || NO_TITLE,
    ...sectionsOf(request).flatMap((section) => viewSection(section, undefined)),
    ...(request.omittedSections > 0 ? [moreLine(request.omittedSections)] : []),
  ];
}

/** True when all that the agent told was kept. */
export function isComplete({ sections, omittedSections }: ApprovalRequest): boolean {
  return omittedSections === 0 && sections.every(({ omitted }) => omitted === undefined);
}

function moreLine(count: number): string {
  return `⟨… ${count} more ${count === 1 ? "detail" : "details"} …⟩`;
}

/** Without what the title says word for word, and nothing but that. */
function sectionsOf({ title, sections }: ApprovalRequest): readonly ApprovalSection[] {
  return sections.filter(({ text, omitted }) => omitted !== undefined || !isSaid(title, text));
}

/** `Run ls` says `ls`, and so does `` `ls` ``; a longer title says something else. */
function isSaid(title: string, text: string): boolean {
  return title === text || title === `\`${text}\`` || title.replace(/^\p{L}+ /u, "") === text;
}

function viewSection(section: ApprovalSection, most: ViewOptions["most"]): readonly string[] {
  const isCode = section.name.startsWith("changes");
  const name = viewLine(section.name, most && { most: SHORT });
  const lines = viewKept(section, { isCode, ...(most && { most }) });
  const [only = "(empty)"] = lines;
  if (!isCode && lines.length <= 1 && name.length + only.length <= LONGEST_INLINE)
    return [`${name}: ${only}`];
  return [`${name}:`, ...(lines.length === 0 ? [only] : lines)];
}

function viewKept({ text, omitted }: ApprovalSection, options: ViewOptions): readonly string[] {
  if (omitted === undefined) return linesOf(viewText(text, options));
  const { most, ...rest } = options;
  const [before, after] = [text.slice(0, omitted.at), text.slice(omitted.at)];
  // Both ends, and one gap for what is left out here and what was not kept.
  const start = viewText(before, { ...rest, ...(most && { most: { ...most, end: 0, endLines: 0 } }) });
  const end = viewText(after, { ...rest, ...(most && { most: { ...most, start: 0, startLines: 0 } }) });
  const hidden = start.hidden + omitted.characters + end.hidden;
  return [...start.lines, gapLine(hidden), ...(end.hidden === 0 ? end.lines : end.end)];
}

function linesOf({ lines, end, hidden }: View): readonly string[] {
  return hidden === 0 ? lines : [...lines, gapLine(hidden), ...end];
}
