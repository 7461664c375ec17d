// What admission goes by for one account under one configuration: made here for the inbound flow and for `policy test` alike.
import type { AccountSettings, Settings } from "../model/settings.ts";
import type { AdmitPolicy } from "./admit.ts";

/** What the configuration does not say. */
export interface AdmitRun {
  /** When this process opened the account, epoch ms. */
  readonly openedAtMs: number;
  /** Gives a fresh pairing code. */
  readonly newCode: () => string;
}

/** Makes the policy. */
export function admitPolicy(settings: Settings, account: AccountSettings, run: AdmitRun): AdmitPolicy {
  return {
    account,
    age: { maxAgeMs: account.catchupMaxAgeMs, openedAtMs: run.openedAtMs },
    route: {
      accountId: account.id,
      bindings: settings.bindings,
      defaultAgentId: settings.defaultAgentId,
      dmScope: settings.dmScope,
    },
    configVersion: settings.version,
    newCode: run.newCode,
  };
}
