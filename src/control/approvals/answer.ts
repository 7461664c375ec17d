// An owner's answer to what an agent asked, given elsewhere than in chat.
import { GatewayError } from "../../model/errors.ts";
import type { MadeDecision } from "../../model/approval.ts";
import type { Handle } from "../../model/handle.ts";
import type { ApprovalId } from "../../model/ids.ts";
import type { Store } from "../../model/store.ts";
import { isAllowing } from "../../rules/approval-options.ts";

/** Who answers, and how. */
export interface OwnersAnswer {
  /** One of those that were offered; empty: the no that the agent has no option for. */
  readonly optionId: string;
  /** The owner who counts as having answered. */
  readonly decider: Handle;
  /** Where, for those who were asked in chat: such as `on the control page`. */
  readonly where: string;
  readonly nowMs: number;
}

/**
 * Records the answer; those who were asked are told. Contract: whoever waits for it in a running gateway must be told to look again.
 * Throws `approval/over` for a request that is decided, and `approval/unknown` for none.
 */
export async function answerApproval(
  store: Store,
  id: ApprovalId,
  { optionId, decider, where, nowMs }: OwnersAnswer,
): Promise<MadeDecision> {
  const pending = (await store.approvals.pending()).find((one) => one.id === id);
  const chosen = pending?.offer.options.find((option) => (option.optionId ?? "") === optionId);
  if (pending === undefined || pending.expiresAtMs <= nowMs) throw over(id);
  if (chosen === undefined)
    throw new GatewayError("approval/unknown", `Request ${id} has no option "${optionId}".`, {
      hint: "Choose one of the options that were offered.",
    });
  const allowed = isAllowing(chosen.kind);
  const { isStanding } = chosen;
  const decision = { allowed, optionId: chosen.optionId, by: "owner", decider } as const;
  const toAsked = `Already answered ${where}: ${allowed ? "allowed" : "denied"}.`;
  const made = await store.approvals.answer(id, decision, { nowMs, isStanding, toAsked });
  if (made === undefined || made.decider !== decider || made.atMs !== nowMs) throw over(id);
  return made;
}

function over(id: ApprovalId): GatewayError {
  return new GatewayError("approval/over", `Request ${id} of an agent is already over.`, {
    hint: "Run `coderclaw approvals list` to see how it was decided.",
  });
}
