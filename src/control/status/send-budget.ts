// How much of its send budget an account has used, and whether messages wait because of it.
import type { AccountSettings } from "../../model/settings.ts";
import type { AccountOverview } from "../../model/store.ts";

/** How much an account may send, and how much of that is used. */
export interface SendBudget {
  readonly lastMinute: number;
  readonly perMinute: number;
  readonly lastHour: number;
  readonly perHour: number;
  /** Messages wait because it is used up. */
  readonly isHolding: boolean;
}

/** Reads the budget of an account. */
export function sendBudgetOf(account: AccountSettings, { queued, sends }: AccountOverview): SendBudget {
  const { sendsPerMinute: perMinute, sendsPerHour: perHour } = account;
  const isUsedUp = sends.lastMinute >= perMinute || sends.lastHour >= perHour;
  return { ...sends, perMinute, perHour, isHolding: isUsedUp && queued > 0 };
}
