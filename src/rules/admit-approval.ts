// An owner's answer to the question of an agent: it is settled, and never given to an agent.
import type { Handle } from "../model/handle.ts";
import { writtenText } from "../model/message-text.ts";
import type { PendingApproval, ApprovalOption } from "../model/approval.ts";
import type { Admission, Verdict } from "./admission.ts";
import { isAllowing } from "./approval-options.ts";
import { refuseUnvouched } from "./owner.ts";
import { readAnswer, readTapback } from "./read-approval.ts";

/** Takes a text as an answer. Undefined: no question waits here, somebody else writes, or it is an ordinary message. */
export function admitAnswerText(row: Admission, handle: Handle): Verdict | undefined {
  const { approval } = row.facts;
  if (approval === undefined || !isOwner(row, handle) || row.message.attachments.length > 0) return undefined;
  const option = readAnswer(writtenText(row.message), approval);
  return option && (refuseUnvouched(row, handle, AN_ANSWER) ?? answer(row, approval, option));
}

/** Takes a tapback as an answer. */
export function admitAnswerTapback(row: Admission, handle: Handle | undefined): Verdict | undefined {
  const { approval } = row.facts;
  const { reaction } = row.message;
  if (!reaction?.added || handle === undefined || approval === undefined || !isOwner(row, handle))
    return undefined;
  const option = readTapback(reaction, approval);
  return option && (refuseUnvouched(row, handle, AN_ANSWER) ?? answer(row, approval, option));
}

const AN_ANSWER = "the answer to an agent's question";

function isOwner({ policy }: Admission, handle: Handle): boolean {
  return policy.account.owners.includes(handle);
}

function answer(row: Admission, { id, request }: PendingApproval, option: ApprovalOption): Verdict {
  const { id: optionId, label, kind } = option;
  row.gate("answer", `to question ${id}, ${request.title.slice(0, LONGEST_TITLE)}: ${label}`, true);
  return {
    outcome: { kind: "answer", approvalId: id, optionId, allowed: isAllowing(kind), label },
    // What is said to a question is no part of a conversation that repeats itself.
    mirrorStreak: 0,
  };
}

const LONGEST_TITLE = 200;
