// What an agent asked and what was decided, in words.
import type { ApprovalBy, ApprovalRequest, ApprovalRecord } from "../../model/approval.ts";
import { plainLine } from "../../model/plain-line.ts";

const LONGEST = 120;

/** The question on one line. */
export function describeApproval({ title, toolKind }: ApprovalRequest): string {
  const short = plainLine(title, LONGEST);
  return toolKind === "other" ? short : `${toolKind}: ${short}`;
}

/** What became of it: `allowed by +14155550123: Allow once`. */
export function describeApprovalDecision({ decision, request }: ApprovalRecord): string {
  if (decision === undefined) return "waits for an answer";
  const { allowed, optionId, by, decider } = decision;
  const option = request.options.find(({ id }) => id === optionId)?.label;
  const said = option === undefined ? "" : `: ${option}`;
  return `${allowed ? "allowed" : "denied"}, ${describeBy(by, decider)}${said}`;
}

function describeBy(by: ApprovalBy, decider: string | undefined): string {
  switch (by) {
    case "owner":
      return `by ${decider ?? "an owner"}`;
    case "remembered":
      return `as ${decider ?? "an owner"} decided once for all (\`coderclaw approvals standing\`)`;
    case "configuration":
      return "as the agent's permissions say";
    case "time-out":
      return "no answer came in time";
    case "no-owner":
      return "there is no owner to ask";
    case "turn-over":
      return "the turn was over before an answer came";
  }
}
