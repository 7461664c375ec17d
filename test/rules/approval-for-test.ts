// Questions of agents as the tests of rules have them.
import type { ApprovalOption, ApprovalOptionKind, ApprovalRequest } from "../../src/model/approval.ts";

/** An option. */
export function option(id: string, label: string, kind: ApprovalOptionKind): ApprovalOption {
  return { id, label, kind };
}

/** Lets it be done once. */
export const ONCE = option("once", "Allow once", "allow_once");
/** Lets it be done from now on. */
export const ALWAYS = option("always", "Yes, and don't ask again", "allow_always");
/** A no for once. */
export const NO = option("no", "Reject", "reject_once");
/** A no from now on. */
export const NEVER = option("never", "Never allow", "reject_always");
/** Each kind of option. */
export const ALL = [ONCE, ALWAYS, NO, NEVER];

/** A question; by default one for leave to change a file. */
export function question(over: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    title: "Edit notes.txt",
    toolKind: "edit",
    tool: "edit",
    places: [],
    detail: "",
    options: ALL,
    ...over,
  };
}
