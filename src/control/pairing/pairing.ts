// Pairing as a person does it: who asks, who was let in, approve, deny, revoke.
import type { Actor } from "../../model/activity.ts";
import { GatewayError } from "../../model/errors.ts";
import { parseHandle, type Handle } from "../../model/handle.ts";
import type { AccountId, EntryId } from "../../model/ids.ts";
import type { PairingGrant, PairingRequest, Store } from "../../model/store.ts";
import type { Settings } from "../../model/settings.ts";
import { writtenText } from "../../model/message-text.ts";
import { parseCommand } from "../../rules/command.ts";
import { PAIRING_APPROVED } from "../../rules/pairing.ts";
import { decideRoute } from "../../rules/route.ts";

/** What pairing operations work on. */
export interface PairingPlace {
  readonly settings: Settings;
  readonly store: Store;
}

/** Which request or approval is meant; without an account, of any. */
export interface PairingChoice {
  readonly accountId: AccountId | undefined;
  readonly nowMs: number;
  /** Who decides, for the record of activity; undefined: the command line. */
  readonly by?: Actor | undefined;
}

/** Requests that wait for the owner, oldest first. */
export async function listRequests(
  { store }: PairingPlace,
  { accountId, nowMs }: PairingChoice,
): Promise<readonly PairingRequest[]> {
  return ofAccount(await store.pairings.pending(nowMs), accountId);
}

/** Approvals, oldest first. */
export async function listGrants(
  { store }: PairingPlace,
  { accountId }: PairingChoice,
): Promise<readonly PairingGrant[]> {
  return ofAccount(await store.pairings.approved(), accountId);
}

/** The pending request with a code. Throws as `approvePairing`. */
export async function findRequest(
  place: PairingPlace,
  code: string,
  choice: PairingChoice,
): Promise<PairingRequest> {
  const requests = await listRequests(place, choice);
  const request = requests.find((one) => one.code === code.trim().toUpperCase());
  if (request === undefined) throw unknownCode(code);
  requirePairing(place.settings, request);
  return request;
}

/** An approval, and how many messages it lets be answered. */
export interface Approval {
  readonly grant: PairingGrant;
  readonly answered: number;
}

/**
 * Lets the sender of a request in. Throws `pairing/unknown-code`, or `pairing/not-in-force` where an approval would not count: the
 * sender would be told that they are let in, and answered once, against the account's policy.
 */
export async function approvePairing(
  place: PairingPlace,
  code: string,
  choice: PairingChoice,
): Promise<Approval> {
  const { settings, store } = place;
  const { accountId, nowMs, by } = choice;
  await findRequest(place, code, choice);
  const answered = new Set<EntryId>();
  const grant = await store.pairings.approve(code, {
    ...(accountId === undefined ? {} : { accountId }),
    notice: PAIRING_APPROVED,
    nowMs,
    by,
    route: (entry, handle) => {
      const given = parseCommand(writtenText(entry.message));
      if (given !== undefined) return notCarriedOut(given.name);
      answered.add(entry.id);
      return decideRoute({ ...settings, accountId: entry.message.accountId }, entry.message, handle);
    },
  });
  if (grant === undefined) throw unknownCode(code);
  return { grant, answered: answered.size };
}

/** An agent would take it for text, and carried out so late it would surprise. */
function notCarriedOut(name: string) {
  return {
    kind: "ignore",
    code: "command.not-authorised",
    because: `/${name} was written before its sender was approved, and is not carried out afterwards`,
    fix: "They can give it again.",
  } as const;
}

function requirePairing(settings: Settings, { accountId, handle }: PairingRequest): void {
  const account = settings.accounts.find(({ id }) => id === accountId);
  if (account?.dmPolicy === "pairing") return;
  const why =
    account === undefined ? "is not in the config, or disabled" : `has dmPolicy "${account.dmPolicy}"`;
  throw new GatewayError(
    "pairing/not-in-force",
    `Account ${accountId} ${why}: approvals do not count there.`,
    {
      hint: `Set its dmPolicy to "pairing", or add "${handle}" to its allowFrom.`,
    },
  );
}

/** Refuses the sender of a request for an hour; says nothing to them. Throws `pairing/unknown-code`. */
export async function denyPairing(
  { store }: PairingPlace,
  code: string,
  { accountId, nowMs, by }: PairingChoice,
): Promise<PairingRequest> {
  const actor = by === undefined ? {} : { by };
  const choice = accountId === undefined ? { nowMs, ...actor } : { accountId, nowMs, ...actor };
  const request = await store.pairings.deny(code, choice);
  if (request === undefined) throw unknownCode(code);
  return request;
}

/** Takes an approval back; the answer has the accounts it was taken from. Throws `pairing/unknown-handle`. */
export async function revokePairing(
  place: PairingPlace,
  handleText: string,
  choice: PairingChoice,
): Promise<readonly PairingGrant[]> {
  const grants = (await listGrants(place, choice)).filter(
    (grant) => grant.handle === readHandle(place.settings, handleText, grant.accountId),
  );
  if (grants.length === 0)
    throw new GatewayError("pairing/unknown-handle", `No approved imessage pairing for: ${handleText}`, {
      hint: "See who is approved with `coderclaw pairing list imessage --approved`.",
    });
  for (const { handle, accountId } of grants)
    await place.store.pairings.revoke(handle, { accountId, nowMs: choice.nowMs, by: choice.by });
  return grants;
}

/** A handle as this account reads it; an account that is no longer configured reads it as written. */
function readHandle(settings: Settings, text: string, accountId: AccountId): Handle | undefined {
  const region = settings.accounts.find((account) => account.id === accountId)?.region;
  return parseHandle(text, region ?? "US");
}

function unknownCode(code: string): GatewayError {
  return new GatewayError("pairing/unknown-code", `No pending pairing request found for code: ${code}`, {
    hint: "See the pending ones with `coderclaw pairing list imessage`; a code lives one hour. Of somebody who is approved already, `coderclaw pairing owner imessage HANDLE` makes an owner.",
  });
}

function ofAccount<T extends { readonly accountId: AccountId }>(
  items: readonly T[],
  accountId: AccountId | undefined,
): readonly T[] {
  return accountId === undefined ? items : items.filter((item) => item.accountId === accountId);
}
