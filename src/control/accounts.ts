// Finding the account that a person names, or the only one there is.
import { GatewayError } from "../model/errors.ts";
import type { AccountId } from "../model/ids.ts";
import type { AccountSettings, Settings } from "../model/settings.ts";

/** The account with this id. Throws `account/unknown`. */
export function requireAccount(settings: Settings, id: string): AccountSettings {
  const account = settings.accounts.find((one) => one.id === id);
  if (account !== undefined) return account;
  const isDisabled = settings.stoppedAccounts.some((one) => one.id === id);
  const why = isDisabled ? `Account ${id} is disabled.` : `There is no account ${id}.`;
  throw new GatewayError("account/unknown", why, { hint: namesHint(settings) });
}

/** The account with this id, or without one the only account. Throws `account/unknown`. */
export function chooseAccount(settings: Settings, id: string | undefined): AccountSettings {
  if (id !== undefined) return requireAccount(settings, id);
  const [only, ...others] = settings.accounts;
  if (only !== undefined && others.length === 0) return only;
  const why = only === undefined ? "No account is configured." : "There are several accounts.";
  throw new GatewayError("account/unknown", why, { hint: namesHint(settings) });
}

/**
 * The id of an account whose records are meant: one of the configuration, disabled ones too. Undefined stays undefined: every account.
 * Throws `account/unknown`.
 */
export function checkAccountId(settings: Settings, id: string | undefined): AccountId | undefined {
  if (id === undefined) return undefined;
  return settings.stoppedAccounts.find((one) => one.id === id)?.id ?? requireAccount(settings, id).id;
}

function namesHint(settings: Settings): string {
  const names = settings.accounts.map((one) => one.id).join(", ");
  return names === ""
    ? "Add channels.imessage to the configuration, or enable an account."
    : `Name one with --account: ${names}.`;
}
