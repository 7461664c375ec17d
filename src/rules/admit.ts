// Decides about one inbound row: own words → content → age → the gates of its chat → command or turn.
import type { Decision } from "../model/decision.ts";
import type { Handle } from "../model/handle.ts";
import type { Entry, EntryFacts } from "../model/journal.ts";
import { Admission, ignore, remember, type Verdict } from "./admission.ts";
import { admitDirect, admitNobody } from "./admit-direct.ts";
import { admitToGroup } from "./admit-group.ts";
import { admitContent, admitOwnRow, admitRedelivered } from "./admit-own.ts";
import { admitApprovalTapback } from "./admit-approval.ts";
import type { AdmitPolicy } from "./admit-policy.ts";
import { decideAge } from "./age.ts";
import { groupOf } from "./group.ts";

/** Decides about one row. Contract: looks at nothing but its arguments; every check it made is among the gates. */
export function decideAdmission(
  policy: AdmitPolicy,
  entry: Entry,
  sender: { readonly handle: Handle | undefined; readonly facts: EntryFacts },
): Decision {
  const row = new Admission(policy, entry, sender.facts);
  const { outcome, ...rest } = admit(row, sender.handle);
  return {
    outcome,
    gates: row.gates,
    handle: sender.handle,
    configVersion: policy.configVersion,
    mirrorStreak: sender.facts.mirrorStreak,
    ...rest,
  };
}

function admit(row: Admission, handle: Handle | undefined): Verdict {
  const group = groupOf(row.policy.account, row.message);
  const verdict =
    admitRedelivered(row) ??
    admitOwnRow(row, group) ??
    admitApprovalTapback(row, handle) ??
    admitContent(row);
  if (verdict) return verdict;
  const tooOld = admitAge(row);
  if (group && handle !== undefined) return hushed(row, admitToGroup(row, { handle, group }, tooOld));
  return tooOld ?? hushed(row, group ? admitNobody(row) : admitDirect(row, handle));
}

/** In a muted conversation nothing is answered but commands and answers to questions. */
function hushed(row: Admission, verdict: Verdict): Verdict {
  const { kind } = verdict.outcome;
  if ((kind !== "turn" && kind !== "hold") || !row.facts.isMuted) return verdict;
  row.gate("muted", "the conversation is muted", false);
  return ignore(
    "conversation.muted",
    "the conversation is muted",
    "Unmute it on the control page, or with `coderclaw conversations unmute`.",
  );
}

function admitAge(row: Admission): Verdict | undefined {
  const verdict = decideAge(row.policy.age, row.entry, row.facts.firstStartMs);
  row.gate("age", verdict.saw, verdict.kind === "fresh");
  if (verdict.kind === "fresh") return undefined;
  const tooOld = verdict.code === "catchup.too-old";
  return remember(
    verdict.code,
    tooOld
      ? "it was missed too long ago"
      : "it was there before the first start, and history is not answered",
  );
}
