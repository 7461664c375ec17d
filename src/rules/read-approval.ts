// What is an answer to an agent's request: a number, an option's word, a tapback.
import type { ReactionEvent } from "../model/message.ts";
import type { ApprovalOption, ApprovalOptionKind, PendingApproval } from "../model/approval.ts";
import { withoutEnd } from "../model/text-ends.ts";
import { isAllowing, MOST_OPTIONS, ofKind } from "./approval-options.ts";
import { flat } from "./approval-text.ts";
import { isBareStop } from "./command.ts";

/** Words that mean one kind of option, whatever the agent calls it. */
const WORDS: Readonly<Record<ApprovalOptionKind, readonly string[]>> = {
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
 * The option that a text chooses; undefined: it is no answer. A bare `stop` never is one, whatever an option is called. Where the request is
 * not to be seen an `ok` is said to somebody else: only a number is an answer there.
 */
export function readAnswer(
  text: string,
  { request: { options }, isAskedHere }: Pick<PendingApproval, "request" | "isAskedHere">,
): ApprovalOption | undefined {
  if (isBareStop(text)) return undefined;
  const said = fold(text);
  const offered = options.slice(0, MOST_OPTIONS);
  const number = /^[#(]?(\d)[.):]?$/u.exec(said)?.[1];
  if (number !== undefined) return offered[Number(number) - 1];
  if (!isAskedHere) return undefined;
  const kinds = Object.keys(WORDS) as ApprovalOptionKind[];
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
  { request, guids }: Pick<PendingApproval, "request" | "guids">,
): ApprovalOption | undefined {
  if (!reaction.added || !guids.includes(reaction.target)) return undefined;
  // A skin tone and the mark that asks for a colourful picture change nothing.
  const emoji = reaction.emoji.replace(/[\u{1F3FB}-\u{1F3FF}]|\uFE0F/gu, "");
  const kind = TAPBACKS.get(reaction.type) ?? TAPBACKS.get(emoji);
  return kind && ofKind(request.options.slice(0, MOST_OPTIONS), kind);
}

/** As a person means it: case, blanks and a last full stop or exclamation mark say nothing. */
function fold(text: string): string {
  return withoutEnd(flat(text), ".!").toLowerCase();
}
