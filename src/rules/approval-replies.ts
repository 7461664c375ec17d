// The short replies around an agent's request: waited for, too early, unclear, over, decided, nobody to ask.
import type { ApprovalOptionKind, ApprovalRequest, MadeDecision, ShownApproval } from "../model/approval.ts";
import type { Handle } from "../model/handle.ts";
import { plainLine } from "../model/plain-line.ts";
import { isAllowing } from "./approval-options.ts";

const LONGEST_TITLE = 100;

/** What is said to whoever asked, where no owner is known. */
export const NO_OWNER =
  "I need the owner's permission for that, and no owner is set up yet, so I didn't do it.";
/** What is said to whoever asked, where the owner did not answer. */
export const OWNER_SILENT = "I need the owner's permission for that and got no answer, so I didn't do it.";

/** Numbers of a request in a chat. */
export type Numbered = Pick<ShownApproval, "firstNumber" | "offer">;

/** Said once when something else than an answer is written while a request waits. */
export function composeReminder(approval: Numbered): string {
  return `I'm waiting for your answer to the question above (${numbersOf(approval)}). Your new message is queued behind it; /stop cancels both.`;
}

/** What an answer gets that nobody can have given after reading the request. */
export function composeTooEarly(approval: Numbered): string {
  return `That came before you could have read my question, so I didn't count it. Please answer again (${numbersOf(approval)}).`;
}

/** What an answer gets that may mean one or another request, or an option that is not there. */
export function composeUnclear(open: readonly Numbered[]): string {
  const numbers = open.map(numbersOf);
  const list = numbers.length > 1 ? `${numbers.slice(0, -1).join(", ")} or ${numbers.at(-1)}` : numbers[0];
  const why = open.length > 1 ? `${open.length} questions are open` : "I'm not sure which answer you mean";
  return `${why}. Please answer with a number: ${list}.`;
}

/** What an answer gets to a request that is over. */
export function composeOver(
  { decision }: Pick<ShownApproval, "decision">,
  {
    open,
    isNumber,
    to,
  }: { readonly open: readonly Numbered[]; readonly isNumber: boolean; readonly to: Handle },
): string {
  const next = open.length === 0 ? "" : ` The open question takes ${open.map(numbersOf).join(" or ")}.`;
  const words = isNumber && open.length === 0 ? " If that was for the agent, write it in words." : "";
  return `${howItEnded(decision, to)}${next}${words}`;
}

/** What the other owners are told when one has answered. */
export function composeAnswered(decider: Handle, allowed: boolean): string {
  return `Already answered by ${decider}: ${allowed ? "allowed" : "denied"}.`;
}

/** What an owner is told who answered elsewhere than where the turn runs. */
export function composeConfirmation(kind: ApprovalOptionKind, isStanding: boolean): string {
  return `${isAllowing(kind) ? "Allowed" : "Denied"}${isStanding ? " from now on" : ""}.`;
}

/** What the asked are told when nobody answered in time. */
export function composeExpiry({ title }: Pick<ApprovalRequest, "title">): string {
  return `No answer within 10 minutes, so I denied this: ${plainLine(title, LONGEST_TITLE) || "(no title)"}`;
}

function howItEnded(decision: MadeDecision | undefined, to: Handle): string {
  if (decision === undefined || decision.by === "time-out")
    return "That question is over: it was denied because no answer came within 10 minutes.";
  if (decision.by === "turn-over") return "That question is over: the agent no longer needs an answer.";
  const how = decision.allowed ? "allowed" : "denied";
  return decision.decider === to
    ? `You already answered that question: ${how}.`
    : `That question was already answered by ${decision.decider ?? "an owner"}: ${how}.`;
}

function numbersOf({ firstNumber, offer }: Numbered): string {
  const last = firstNumber + offer.options.length - 1;
  return last === firstNumber ? String(firstNumber) : `${firstNumber} to ${last}`;
}
