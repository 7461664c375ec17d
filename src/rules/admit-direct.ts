// The gates of a direct chat: several people in it, the direct policy, pairing, commands.
import type { Handle } from "../model/handle.ts";
import type { AccountSettings } from "../model/settings.ts";
import { configKey, ignore, type Admission, type Verdict } from "./admission.ts";
import { admitAnswer, admitCommand, admitReply, commandIn, type From } from "./admit-answer.ts";
import { isSelfChat } from "./echo.ts";
import { isListed } from "./group.ts";
import { decidePairing, PAIRING_LIFETIME_MS, pairingNotice, pairingReply } from "./pairing.ts";
import { actsAsOwner } from "./owner.ts";
import { admitApprovalText, remindOfApproval } from "./admit-approval.ts";
import { composeTarget } from "./reply-target.ts";

/** Decides about a message of a chat that says it is direct and that no key of `groups` names. */
export function admitDirect(row: Admission, handle: Handle | undefined): Verdict {
  return (
    admitThread(row) ??
    (handle === undefined ? admitNobody(row) : (admitSender(row, handle) ?? admitAdmitted(row, handle)))
  );
}

/** A row without a sender, in any chat. */
export function admitNobody(row: Admission): Verdict {
  row.gate("sender", "no handle", false);
  return ignore(
    "sender.missing",
    "the row names no sender",
    "Nothing can be done: there is nobody to answer.",
  );
}

/** Some threads of several people claim to be direct; an answer there would go to all of them. */
function admitThread(row: Admission): Verdict | undefined {
  const { participants, chatId } = row.message;
  if (participants.length <= 1) {
    row.gate("chat kind", "direct", true);
    return undefined;
  }
  row.gate("chat kind", `${participants.length} participants in a chat that says it is direct`, false);
  return ignore(
    "groupish.unconfigured",
    `chat ${chatId} claims to be direct but has ${participants.length} participants`,
    `To treat it as a group, add ${configKey(row.policy.account, `groups["${chatId}"]`)}.`,
  );
}

function admitSender(row: Admission, handle: Handle): Verdict | undefined {
  const { account } = row.policy;
  const { dmPolicy } = account;
  if (dmPolicy === "disabled") {
    row.gate("direct policy", "disabled", false);
    const fix = `Set ${configKey(account, "dmPolicy")} to "pairing".`;
    return ignore("dm.disabled", "dmPolicy is disabled", fix);
  }
  const how = howAdmitted(row, account, handle);
  if (row.gate("direct policy", `${dmPolicy}, ${handle} ${how ?? "not listed"}`, how !== undefined))
    return undefined;
  if (dmPolicy === "pairing") return admitStranger(row, handle);
  const fix = `Add "${handle}" to ${configKey(account, "allowFrom")}.`;
  return ignore("dm.not-allowed", `${handle} is not in allowFrom`, fix);
}

/** Approvals count under `pairing` only. */
function howAdmitted(row: Admission, account: AccountSettings, handle: Handle): string | undefined {
  if (account.dmPolicy === "open") return "open";
  if (isListed(account.allowFrom, row.message, handle)) return "listed";
  return account.dmPolicy === "pairing" && row.facts.paired ? "paired" : undefined;
}

function admitStranger(row: Admission, handle: Handle): Verdict {
  const { account, newCode } = row.policy;
  const isSelf =
    account.selfHandles.includes(handle) || isSelfChat(row.message, account.selfHandles, account.region);
  const verdict = decidePairing(row.message, { handle, isSelf }, row.facts);
  row.gate("pairing", verdict.kind === "ask" ? "a new stranger" : verdict.because, false);
  if (verdict.kind !== "ask") return { outcome: verdict };
  const refused = admitReply(row, { handle, group: undefined });
  if (refused) return refused;
  const code = newCode();
  return {
    outcome: {
      kind: "hold",
      code: "pairing.code-sent",
      because: `${handle} is not known and was sent a pairing code`,
      fix: `Run \`coderclaw pairing approve imessage ${code}\` to let them in.`,
      request: {
        code,
        expiresAtMs: row.facts.nowMs + PAIRING_LIFETIME_MS,
        reply: {
          origin: "pairing",
          target: composeTarget(row.message, handle),
          text: pairingReply(handle, code),
        },
      },
    },
    notice: pairingNotice(handle, code, account.id),
  };
}

/** Whoever is admitted directly may give commands; the owner's are the owner's. */
function admitAdmitted(row: Admission, handle: Handle): Verdict {
  const from: From = { handle, group: undefined };
  const said = admitApprovalText(row, handle);
  if (said) return said;
  const given = commandIn(row);
  if (!given) {
    const verdict = admitAnswer(row, from);
    return verdict.outcome.kind === "turn" ? { ...verdict, ...remindOfApproval(row, handle) } : verdict;
  }
  const role = actsAsOwner(row.policy, { message: row.message, handle }) ? "owner" : "authorised";
  return admitCommand(row, from, { given, role });
}
