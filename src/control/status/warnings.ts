// What in a status needs a person: each with what to do about it.
import type { GatewayError } from "../../model/errors.ts";
import type { AccountHealth } from "../../model/ports.ts";
import type { AccountOverview, PairingGrant, UnconfiguredThread } from "../../model/store.ts";
import type { AccountSettings, Settings } from "../../model/settings.ts";
import { PAIRING_MAX_PENDING } from "../../rules/pairing.ts";
import { isOpening } from "./opening.ts";
import { ownerless, ownersShutOut, sharedMemories, unasked } from "./reach.ts";
import type { TurnedAway } from "./turned-away.ts";

/** Something that needs a person, and what to do about it. */
export interface StatusWarning {
  readonly message: string;
  readonly hint: string;
  /** Something does not work until it is mended. */
  readonly isBroken?: true;
  /** The things themselves are listed where they can be decided: the outbox, pairing requests. */
  readonly isAsked?: true;
}

/** What the state database says about pairing. */
export interface PairingFacts {
  readonly grants: readonly PairingGrant[];
  readonly turnedAway: readonly TurnedAway[];
}

/** Warnings about the whole configuration. */
export function gatewayWarnings(
  settings: Settings,
  grants: readonly PairingGrant[],
): readonly StatusWarning[] {
  const written = settings.warnings.map(({ message, hint }) => ({ message, hint }));
  const shared = sharedMemories(settings, grants).map((agentId) => ({
    message: `More than one person can reach agent ${agentId}, and session.dmScope is "main": they share one memory`,
    hint: 'Set session.dmScope to "per-channel-peer" to give each of them a memory of their own.',
  }));
  const free = unasked(settings, grants).map((agentId) => ({
    message: `More than one person can reach agent ${agentId}, and nobody is asked before it acts: its permissions are "allow"`,
    hint: 'Set `permissions: "ask"` in its runtime, or let only yourself write to it.',
  }));
  const shutOut = ownersShutOut(settings, grants).map((owner) => ({
    message: `Owner ${owner} is let in by no account: what they write is a stranger's`,
    hint: `Add "${owner}" to channels.imessage.allowFrom, or approve their pairing request.`,
  }));
  const denied = ownerless(settings, grants).map(({ agentId, accountId }) => ({
    message: `Agent ${agentId} asks before it acts, and account ${accountId} has no owner to ask, so it is always denied`,
    hint: "Run `coderclaw pairing owner imessage HANDLE` with your own handle, or add it to commands.ownerAllowFrom.",
  }));
  return [...written, ...shared, ...free, ...shutOut, ...denied];
}

/** What is known of one account. */
export interface AccountFacts {
  /** Why it could not be started, where a gateway runs. */
  readonly startError: GatewayError | undefined;
  readonly health: AccountHealth | undefined;
  readonly overview: AccountOverview | undefined;
  readonly pairing: PairingFacts;
  readonly unconfigured: readonly UnconfiguredThread[];
  readonly sendBudget: { readonly isHolding: boolean } | undefined;
}

/** Warnings about one account. */
export function accountWarnings(account: AccountSettings, facts: AccountFacts): readonly StatusWarning[] {
  return [
    ...startWarnings(facts.startError),
    ...healthWarnings(facts.health),
    ...figureWarnings(facts.overview),
    ...budgetWarnings(facts),
    ...facts.unconfigured.map((thread) => unconfiguredWarning(account, thread)),
    ...turnedAwayWarnings(account, facts.pairing),
  ];
}

function startWarnings(error: GatewayError | undefined): readonly StatusWarning[] {
  if (error === undefined) return [];
  return [{ message: `The account does not run: ${error.message}`, hint: error.hint, isBroken: true }];
}

function healthWarnings(health: AccountHealth | undefined): readonly StatusWarning[] {
  if (health === undefined || isOpening(health)) return [];
  const { reading, watching, sending } = health;
  const warnings: StatusWarning[] = [];
  const isBroken = true;
  const hint = "Run `coderclaw channels status --probe` to see what is wrong.";
  const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);
  if (reading.state !== "ready")
    warnings.push({ message: `Messages are not being read${because(reading.reason)}`, hint, isBroken });
  else if (!watching.ok)
    warnings.push({
      message: `New messages are not being watched${because(watching.reason)}`,
      hint,
      isBroken,
    });
  if (sending.trouble !== undefined)
    warnings.push({
      message: `Messages cannot be sent: ${sending.trouble.message}`,
      hint: sending.trouble.fix,
      isBroken,
    });
  if (sending.state === "waiting")
    warnings.push({ message: `Nothing can be sent${because(sending.reason)}`, hint, isBroken });
  return warnings;
}

function figureWarnings(overview: AccountOverview | undefined): readonly StatusWarning[] {
  if (overview === undefined) return [];
  const { parked, unknown, pendingPairings, tooOld } = overview;
  const warnings: StatusWarning[] = [];
  if (parked > 0)
    warnings.push({
      message: `${count(parked, "message")} could not be sent and ${parked === 1 ? "waits" : "wait"} for you`,
      hint: "See `coderclaw outbox list`, then `outbox retry ID` or `outbox drop ID`.",
      isAsked: true,
    });
  if (unknown > 0)
    warnings.push({
      message: `Whether ${count(unknown, "message")} arrived is not known yet`,
      hint: "Wait: it is looked for in its chat, then sent again or parked.",
    });
  if (pendingPairings > 0)
    warnings.push({
      message: `${count(pendingPairings, "pairing request")} ${pendingPairings === 1 ? "waits" : "wait"} for you`,
      hint: "See `coderclaw pairing list imessage`.",
      isAsked: true,
    });
  if (tooOld > 0)
    warnings.push({
      message: `${count(tooOld, "missed message")} of the last day ${tooOld === 1 ? "was" : "were"} too old to be answered`,
      hint: "Raise channels.imessage.catchup.maxAgeMinutes if such messages should be answered.",
    });
  return warnings;
}

function budgetWarnings({ sendBudget, overview }: AccountFacts): readonly StatusWarning[] {
  if (sendBudget?.isHolding !== true) return [];
  return [
    {
      message: `${count(overview?.queued ?? 0, "message")} to be sent: the send budget is used up`,
      hint: "Wait: they go out as soon as it allows. Raise limits.sendsPerMinute or limits.sendsPerHour if it is too small.",
    },
  ];
}

/** A first key makes `groups` the list of all groups that are answered. */
function unconfiguredWarning({ id, groups }: AccountSettings, thread: UnconfiguredThread): StatusWarning {
  const { chatId, chatGuid, participants } = thread;
  // A chat of a database that was replaced since has no number.
  const key = chatId > 0 ? `${chatId}` : `chat_guid:${chatGuid}`;
  const isFirst = groups.length === 0;
  const others = isFirst ? `, and "*": {} beside it, or no other group is answered any more` : "";
  return {
    message: `Messages of chat ${key} (${participants.join(", ")}) are not answered: it says it is direct and has ${participants.length} participants`,
    hint: `To treat it as a group, add "${key}": {} to the groups of account ${id}${others}.`,
  };
}

function turnedAwayWarnings(
  account: AccountSettings,
  { turnedAway }: PairingFacts,
): readonly StatusWarning[] {
  const handles = turnedAway.filter((one) => one.accountId === account.id).map((one) => one.handle);
  if (handles.length === 0) return [];
  return [
    {
      message: `${handles.join(", ")} wrote in the last hour and got no pairing code: ${PAIRING_MAX_PENDING} requests were pending`,
      hint: "Approve or deny the pending ones; then they can write again.",
    },
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
