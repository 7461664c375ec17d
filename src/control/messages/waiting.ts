// Why a message that was sent by hand is not out yet, in words for whoever waits for it.
import type { OutboxItem } from "../../model/journal.ts";
import type { AccountSettings } from "../../model/settings.ts";
import type { RunningGateway } from "../status/running.ts";
import { sendBudgetOf } from "../status/send-budget.ts";

/** Why the oldest of these parts waits; undefined when all are out, or one is under way and nothing speaks against it. */
export async function whyWaiting(
  running: RunningGateway,
  account: AccountSettings,
  { parts, nowMs }: { readonly parts: readonly OutboxItem[]; readonly nowMs: number },
): Promise<string | undefined> {
  const part = parts.find(({ state }) => state !== "sent");
  if (part === undefined) return undefined;
  if (part.reason !== undefined && (part.state === "queued" || part.state === "unknown")) return part.reason;
  const health = running.accounts().find(({ settings }) => settings.id === account.id)?.health;
  if (health?.sending.state === "waiting" && health.sending.reason !== undefined)
    return `imsg does not answer: ${health.sending.reason}`;
  if (part.state !== "queued") return undefined;
  const budget = sendBudgetOf(account, await running.store.records.overview(account.id, nowMs));
  if (!budget.isHolding) return undefined;
  return `the send budget is used up (${budget.perMinute} a minute, ${budget.perHour} an hour)`;
}
