// An owner's words to what an agent asked: which request they mean, whether they count, and the short reply where they do not.
import type { ApprovalOffer, OfferedOption, ShownApproval } from "../model/approval.ts";
import type { IgnoreCode } from "../model/decision.ts";
import type { NewPart } from "../model/delivery.ts";
import type { Handle } from "../model/handle.ts";
import { writtenText } from "../model/message-text.ts";
import { plainLine } from "../model/plain-line.ts";
import { withoutEnd } from "../model/text-ends.ts";
import { ignore, remember, type Admission, type Verdict } from "./admission.ts";
import { choosesMode, isAllowing } from "./approval-options.ts";
import {
  composeAnswered,
  composeConfirmation,
  composeOver,
  composeReminder,
  composeTooEarly,
  composeUnclear,
} from "./approval-replies.ts";
import { whyTooEarly } from "./approval-timing.ts";
import { isBareStop } from "./command.ts";
import { composeMore } from "./compose-approval.ts";
import { refuseUnvouched } from "./owner.ts";
import { foldAnswer, readApproval, readTapback, type Mood, type SaidToApproval } from "./read-approval.ts";
import { composeTarget } from "./reply-target.ts";

/** What was said, by whom. */
interface Words {
  readonly row: Admission;
  readonly handle: Handle;
  readonly said: SaidToApproval;
  /** Folded; empty for a tapback. */
  readonly text: string;
}

/** Takes a text of a direct chat as said to a request. Undefined: nobody asked anything here, or it is an ordinary message. */
export function admitApprovalText(row: Admission, handle: Handle): Verdict | undefined {
  const { message, facts, policy } = row;
  if (!policy.account.owners.includes(handle) || message.attachments.length > 0) return undefined;
  if (facts.approvals.length === 0) return undefined;
  const text = writtenText(message);
  if (isBareStop(text)) return undefined;
  const words: Words = { row, handle, said: readApproval(text), text: foldAnswer(text) };
  if (message.quoted === undefined) return admitWords(words);
  // An inline reply is said to what it replies to, and to nothing else.
  const { guid } = message.quoted;
  const meant = facts.approvals.find(({ guids }) => guids.includes(guid));
  return meant && admitSaidTo(words, meant);
}

/** Takes a tapback as an answer to the request that it is on. */
export function admitApprovalTapback(row: Admission, handle: Handle | undefined): Verdict | undefined {
  const { reaction } = row.message;
  if (!reaction?.added || handle === undefined || !row.policy.account.owners.includes(handle))
    return undefined;
  const mood = readTapback(reaction);
  const meant = mood && row.facts.approvals.find(({ guids }) => guids.includes(reaction.target));
  return meant && admitSaidTo({ row, handle, said: { kind: "mood", mood }, text: "" }, meant);
}

/** What an ordinary message of an owner gets, once, while it waits for the answer to a request. */
export function remindOfApproval(row: Admission, handle: Handle): Pick<Verdict, "reply" | "about"> {
  if (!row.policy.account.owners.includes(handle)) return {};
  const waiting = openOnes(row).find(({ isTurnHere, shown }) => isTurnHere && shown !== undefined);
  if (waiting === undefined || waiting.isReminded) return {};
  return {
    reply: reply(row, handle, composeReminder(waiting)),
    about: { approvalId: waiting.id, how: "reminder" },
  };
}

function admitWords(words: Words): Verdict | undefined {
  const { row, said, text } = words;
  const { approvals } = row.facts;
  const open = openOnes(row);
  const withNumber = (number: number): ShownApproval | undefined =>
    open.find((one) => hasNumber(one, number)) ?? approvals.findLast((one) => hasNumber(one, number));
  if (said.kind === "number") {
    const meant = withNumber(said.number);
    return meant && admitSaidTo(words, meant);
  }
  if (said.kind === "more") {
    const meant =
      said.number === undefined ? lastShown(open) : open.find((one) => hasNumber(one, said.number));
    return meant && admitMore(words, meant);
  }
  const isAnswer = said.kind === "mood" || approvals.some(({ offer }) => hasLabel(offer, text));
  if (!isAnswer) return undefined;
  const [only, ...others] = open;
  if (others.length > 0) return refuse(words, "approval.unclear", composeUnclear(open));
  if (only) return said.kind === "mood" || hasLabel(only.offer, text) ? admitSaidTo(words, only) : undefined;
  const last = approvals.findLast(({ isLastSaid }) => isLastSaid);
  return last && (said.kind === "mood" || hasLabel(last.offer, text)) ? admitSaidTo(words, last) : undefined;
}

/** What is said to this request, and to no other. */
function admitSaidTo(words: Words, meant: ShownApproval): Verdict | undefined {
  const { row, handle, said, text } = words;
  if (said.kind === "more") return isOpen(row, meant) ? admitMore(words, meant) : undefined;
  if (said.kind === "nothing" && !hasLabel(meant.offer, text)) return undefined;
  const unvouched = refuseUnvouched(row, handle, AN_ANSWER);
  if (unvouched) return unvouched;
  if (!isOpen(row, meant)) {
    const open = openOnes(row);
    return refuse(
      words,
      "approval.over",
      composeOver(meant, { open, isNumber: said.kind === "number", to: handle }),
    );
  }
  const early = whyTooEarly(meant, { ...row.entry, message: row.message }, row.policy.readingMs);
  if (early !== undefined) {
    row.gate("answer", `to request ${meant.id}: ${early}`, false);
    return refuse(words, "approval.too-early", composeTooEarly(meant));
  }
  const option = chosen(words, meant);
  return option ? answer(words, meant, option) : refuse(words, "approval.unclear", composeUnclear([meant]));
}

const AN_ANSWER = "the answer to an agent's question";

/** The option that is meant; undefined: it is not clear which. */
function chosen(
  { said, text }: Words,
  { request, offer, firstNumber }: ShownApproval,
): OfferedOption | undefined {
  const { options } = offer;
  const labelled = options.filter(({ label }) => isLabel(label, text));
  const [named] = labelled.length === 1 ? labelled : [];
  if (said.kind === "number") {
    const option = options[said.number - firstNumber];
    return option && (said.mood === undefined || isOfMood(option, said.mood)) ? option : undefined;
  }
  if (said.kind !== "mood") return named;
  // An agent may name an option as it likes; it cannot make a no a yes by that.
  if (named && isOfMood(named, said.mood)) return named;
  return choose(options, said.mood, choosesMode(request));
}

/** A yes is a yes only where one option is; a no is the first that says no. */
function choose(options: readonly OfferedOption[], mood: Mood, isMode: boolean): OfferedOption | undefined {
  const of = (kind: OfferedOption["kind"]) => options.filter((option) => option.kind === kind);
  if (mood === "deny") return of("reject_once")[0];
  if (mood === "never") return of("reject_always")[0] ?? of("reject_once")[0];
  const fitting = of(mood === "allow" ? "allow_once" : "allow_always");
  return fitting.length === 1 && !(isMode && mood === "always") ? fitting[0] : undefined;
}

function isOfMood({ kind }: OfferedOption, mood: Mood): boolean {
  return isAllowing(kind) === (mood === "allow" || mood === "always");
}

function answer({ row, handle }: Words, meant: ShownApproval, option: OfferedOption): Verdict {
  const { id, request, isTurnHere, isAskedElsewhere } = meant;
  const { optionId, label, kind, isStanding } = option;
  const allowed = isAllowing(kind);
  row.gate("answer", `to request ${id}, ${plainLine(request.title, LONGEST_TITLE)}: ${label}`, true);
  return {
    outcome: {
      kind: "answer",
      approvalId: id,
      ...(optionId !== undefined && { optionId }),
      allowed,
      label,
      ...(isStanding && { isStanding }),
      ...(isAskedElsewhere && { toOthers: composeAnswered(handle, allowed) }),
    },
    // Where the turn runs its answer follows.
    ...(!isTurnHere && { reply: reply(row, handle, composeConfirmation(kind, isStanding)) }),
    // What is said to a request is no part of a conversation that repeats itself.
    mirrorStreak: 0,
  };
}

function admitMore({ row, handle }: Words, meant: ShownApproval): Verdict | undefined {
  const unvouched = refuseUnvouched(row, handle, "what an agent asks");
  if (unvouched) return unvouched;
  row.gate("answer", `asks for all of request ${meant.id}`, true);
  const place = { target: composeTarget(row.message, handle), limit: row.policy.account.textChunkLimit };
  return {
    ...remember("approval.more", `it asks to see all of request ${meant.id}, which was sent`),
    reply: composeMore(meant.request, place),
    about: { approvalId: meant.id, how: "more" },
    mirrorStreak: 0,
  };
}

function refuse({ row, handle }: Words, code: IgnoreCode, text: string): Verdict {
  const because: Partial<Record<IgnoreCode, string>> = {
    "approval.over": "it answers a request of an agent that is over",
    "approval.too-early": "it answers a request of an agent that its sender cannot have read yet",
    "approval.unclear": "it is not clear which request of an agent it answers, or how",
  };
  return {
    ...ignore(
      code,
      because[code] ?? code,
      "The sender was told; if it was meant for the agent, send it in other words.",
    ),
    reply: reply(row, handle, text),
    mirrorStreak: 0,
  };
}

function reply(row: Admission, handle: Handle, text: string): readonly NewPart[] {
  return [{ origin: "notice", target: composeTarget(row.message, handle), text }];
}

function openOnes(row: Admission): readonly ShownApproval[] {
  return row.facts.approvals.filter((one) => isOpen(row, one));
}

function isOpen({ facts }: Admission, { decision, expiresAtMs }: ShownApproval): boolean {
  return decision === undefined && expiresAtMs > facts.nowMs;
}

function hasNumber({ firstNumber, offer }: ShownApproval, number: number | undefined): boolean {
  return number !== undefined && number >= firstNumber && number < firstNumber + offer.options.length;
}

function hasLabel({ options }: ApprovalOffer, text: string): boolean {
  return options.some(({ label }) => isLabel(label, text));
}

function isLabel(label: string, text: string): boolean {
  return text !== "" && withoutEnd(foldAnswer(label), ".!") === withoutEnd(text, ".!");
}

function lastShown(open: readonly ShownApproval[]): ShownApproval | undefined {
  return open.findLast(({ shown }) => shown !== undefined);
}

const LONGEST_TITLE = 200;
