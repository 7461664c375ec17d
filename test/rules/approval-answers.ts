// What is written and tapped to requests of agents, in the direct chat of an owner who was asked.
import type { ApprovalId, MessageGuid } from "../../src/model/ids.ts";
import { asId } from "../../src/model/ids.ts";
import type { MadeDecision, ShownApproval } from "../../src/model/approval.ts";
import type { Entry } from "../../src/model/journal.ts";
import type { InboundMessage, ReactionEvent } from "../../src/model/message.ts";
import type { AccountSettings } from "../../src/model/settings.ts";
import {
  account,
  allow,
  ANNA,
  codeOf,
  decide,
  entry,
  handleOf,
  NOW,
  policyOf,
} from "./admission-for-test.ts";
import { shown } from "./approval-for-test.ts";

const HOUR = 3_600_000;
export const OWNED: Partial<AccountSettings> = { owners: [handleOf(ANNA)], allowFrom: allow(ANNA) };

/** A request that was shown an hour ago and is open. */
export function asked(over: Partial<ShownApproval> = {}, atMs = NOW - HOUR): ShownApproval {
  return shown({ expiresAtMs: NOW + HOUR, ...over }, atMs);
}

/** The next one in the same chat, with the numbers 5 to 8. */
export function second(over: Partial<ShownApproval> = {}, atMs = NOW - HOUR): ShownApproval {
  return asked({ id: asId<ApprovalId>(4), firstNumber: 5, guids: [asId<MessageGuid>("R")], ...over }, atMs);
}

export function over(made: Partial<MadeDecision> = {}): Partial<ShownApproval> {
  return {
    decision: {
      allowed: true,
      optionId: "once",
      by: "owner",
      decider: handleOf(ANNA),
      atMs: NOW - 5000,
      ...made,
    },
  };
}

export interface Around {
  readonly settings?: Partial<AccountSettings>;
  readonly beside?: Partial<Entry>;
}

export function write(
  written: string | Partial<InboundMessage>,
  approvals: readonly ShownApproval[] = [asked()],
  { settings = OWNED, beside = {} }: Around = {},
) {
  const row = typeof written === "string" ? { text: written } : written;
  return decide(policyOf(account(settings)), entry(row, beside), { approvals, busy: true, mirrorStreak: 2 });
}

/** What became of it: the code, or which option of which request; and what the sender is told. */
export function outcome(...args: Parameters<typeof write>): string {
  const decision = write(...args);
  const { outcome: made } = decision;
  return made.kind === "answer" ? `${made.approvalId}: ${made.optionId}` : codeOf(decision);
}

export function told(...args: Parameters<typeof write>): string | undefined {
  return write(...args)
    .reply?.map(({ text }) => text)
    .join("\n");
}

export function tapback(over: Partial<ReactionEvent> = {}): Partial<InboundMessage> {
  const reaction = { type: "like", emoji: "👍", added: true, target: asId<MessageGuid>("Q"), ...over };
  return { text: "Liked “❓ …”", reaction };
}
