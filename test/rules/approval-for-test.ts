// Requests of agents as the tests of rules have them.
import type {
  ApprovalOption,
  ApprovalOptionKind,
  ApprovalRequest,
  ApprovalSection,
  ShownApproval,
} from "../../src/model/approval.ts";
import { asId, type ApprovalId, type MessageGuid, type RowId } from "../../src/model/ids.ts";
import { offerOptions } from "../../src/rules/approval-options.ts";

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

/** A section. */
export function section(name: string, text: string): ApprovalSection {
  return { name, text };
}

/** A request; by default one for leave to change a file. */
export function request(over: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    title: "Edit notes.txt",
    toolKind: "edit",
    tool: "edit",
    sections: [],
    omittedSections: 0,
    options: ALL,
    standing: { key: "notes.txt", what: "edit /w/notes.txt", covers: "file" },
    ...over,
  };
}

/** A request that was shown an hour ago, by the clocks of both sides; by default one of an owner's turn, with the numbers 1 to 4. */
export function shown(over: Partial<ShownApproval> = {}, atMs = 0): ShownApproval {
  const asked = over.request ?? request();
  return {
    id: asId<ApprovalId>(3),
    request: asked,
    offer: offerOptions(asked, { turnKind: "owners", isWhole: true }),
    firstNumber: 1,
    isTurnHere: true,
    isReminded: false,
    isAskedElsewhere: false,
    expiresAtMs: Number.MAX_SAFE_INTEGER,
    decision: undefined,
    shown: { confirmedAtMs: atMs, claimedAtMs: atMs, dateMs: atMs, afterRow: asId<RowId>(0) },
    guids: [asId<MessageGuid>("Q")],
    isLastSaid: true,
    ...over,
  };
}
