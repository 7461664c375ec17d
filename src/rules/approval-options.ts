// What the options of an agent's question mean.
import type { ApprovalOption, ApprovalOptionKind, ApprovalRequest } from "../model/approval.ts";

/** More options than a phone shows well are not offered. */
export const MOST_OPTIONS = 9;

/** True for an option that decides once for all. */
export function isStanding(kind: ApprovalOptionKind): boolean {
  return kind === "allow_always" || kind === "reject_always";
}

/** True for an option that lets the agent do it. */
export function isAllowing(kind: ApprovalOptionKind): boolean {
  return kind === "allow_once" || kind === "allow_always";
}

/** The option that says this, for once if there is one; undefined: none does. */
export function chooseOption(
  { options }: ApprovalRequest,
  how: "allow" | "deny",
): ApprovalOption | undefined {
  const [once, always] =
    how === "allow" ? (["allow_once", "allow_always"] as const) : (["reject_once", "reject_always"] as const);
  return ofKind(options, once) ?? ofKind(options, always);
}

/** The first option of a kind. */
export function ofKind(
  options: readonly ApprovalOption[],
  kind: ApprovalOptionKind,
): ApprovalOption | undefined {
  return options.find((option) => option.kind === kind);
}
