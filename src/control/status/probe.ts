// Probing: every account's imsg asked whether all it takes is there, one verdict a check.
import type { AccountId } from "../../model/ids.ts";
import type { AccountSettings, Settings } from "../../model/settings.ts";
import { requireAccount } from "../accounts.ts";

/** One answer. */
export interface ProbeVerdict {
  readonly check: string;
  readonly ok: boolean;
  /** What was seen, one line. */
  readonly detail: string;
  /** What to do; undefined when it is well. */
  readonly fix: string | undefined;
}

/** Asks one account's imsg. Contract: never rejects. */
export type ProbeOne = (account: AccountSettings) => Promise<readonly ProbeVerdict[]>;

/** What probing an account gave. */
export interface AccountProbe {
  readonly accountId: AccountId;
  readonly ok: boolean;
  readonly verdicts: readonly ProbeVerdict[];
}

/** Probes an account, or without one all of them side by side. Throws `account/unknown`. */
export async function probeAccounts(
  settings: Settings,
  accountId: string | undefined,
  probeOne: ProbeOne,
): Promise<readonly AccountProbe[]> {
  const accounts = accountId === undefined ? settings.accounts : [requireAccount(settings, accountId)];
  return Promise.all(
    accounts.map(async (account) => {
      const verdicts = await probeOne(account);
      return { accountId: account.id, ok: verdicts.every((verdict) => verdict.ok), verdicts };
    }),
  );
}
