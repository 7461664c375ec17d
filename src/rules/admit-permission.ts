// An owner's answer to the question of an agent: it is settled, and never given to an agent.
import type { Handle } from "../model/handle.ts";
import { writtenText } from "../model/message-text.ts";
import type { PendingPermission, PermissionOption } from "../model/permission.ts";
import type { Admission, Verdict } from "./admission.ts";
import { isAllowing, readAnswer, readTapback } from "./permission.ts";

/** Takes a text as an answer. Undefined: no question waits here, somebody else writes, or it is an ordinary message. */
export function admitAnswerText(row: Admission, handle: Handle): Verdict | undefined {
  const { question } = row.facts;
  if (question === undefined || !isOwner(row, handle) || row.message.attachments.length > 0) return undefined;
  const option = readAnswer(writtenText(row.message), question.question);
  return option && answer(row, question, option);
}

/** Takes a tapback as an answer. */
export function admitAnswerTapback(row: Admission, handle: Handle | undefined): Verdict | undefined {
  const { question } = row.facts;
  const { reaction } = row.message;
  if (!reaction?.added || handle === undefined || question === undefined || !isOwner(row, handle))
    return undefined;
  const option = readTapback(reaction, question);
  return option && answer(row, question, option);
}

function isOwner({ policy }: Admission, handle: Handle): boolean {
  return policy.account.owners.includes(handle);
}

function answer(row: Admission, { id, question }: PendingPermission, option: PermissionOption): Verdict {
  const { id: optionId, label, kind } = option;
  row.gate("answer", `to question ${id}, ${question.title.slice(0, LONGEST_TITLE)}: ${label}`, true);
  return {
    outcome: { kind: "answer", permissionId: id, optionId, allowed: isAllowing(kind), label },
    // What is said to a question is no part of a conversation that repeats itself.
    mirrorStreak: 0,
  };
}

const LONGEST_TITLE = 200;
