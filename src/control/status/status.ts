// The status report: accounts with separate verdicts, figures from the state database, and everything that needs a person.
import type { Handle } from "../../model/handle.ts";
import { asId, type AccountId, type ChatGuid, type ChatId } from "../../model/ids.ts";
import type { AccountHealth } from "../../model/ports.ts";
import { renderReach } from "../../model/remote-host.ts";
import type { AccountOverview, PairingGrant, Store, UnconfiguredThread } from "../../model/store.ts";
import type { AccountSettings, DmPolicy, Settings, TransportSettings } from "../../model/settings.ts";
import { renderEntry } from "../../model/target.ts";
import { groupOf } from "../../rules/group.ts";
import { groupReachOf, type GroupReach } from "./group-reach.ts";
import { grantsOf, reachOf } from "./reach.ts";
import type { HealthSince, RunningGateway } from "./running.ts";
import { listTurnedAway } from "./turned-away.ts";
import { sendBudgetOf, type SendBudget } from "./send-budget.ts";
import { updateWarning } from "./update.ts";
import { accountWarnings, gatewayWarnings, type PairingFacts, type StatusWarning } from "./warnings.ts";

/** What `channels status --json` and `GET /api/status` give. */
export interface StatusReport {
  readonly gateway:
    | { readonly running: false }
    | {
        readonly running: true;
        readonly pid: number;
        readonly version: string;
        readonly startedAtMs: number;
        /** Why the newest text of the config file is not in force. */
        readonly configError: StatusWarning | undefined;
      };
  readonly accounts: readonly AccountStatus[];
  /** Of the whole gateway; an account's own are in its entry. */
  readonly warnings: readonly StatusWarning[];
}

/** One account. */
export interface AccountStatus {
  readonly id: AccountId;
  readonly name: string;
  readonly state: "running" | "not running" | "disabled";
  readonly transport:
    | (Pick<TransportSettings, "cliPath" | "dbPath"> & {
        /** `local`, `SSH user@host`, or `wrapper (host not known)`. */
        readonly reach: string;
      })
    | undefined;
  /** Verdicts of a running account. */
  readonly health: AccountHealth | undefined;
  /** Since when it is so. */
  readonly since: HealthSince | undefined;
  /** Undefined without a state database. */
  readonly figures: Figures | undefined;
  readonly policy: Policy | undefined;
  /** Who can reach an agent in groups. */
  readonly groups: GroupReach | undefined;
  /** Where messages may be sent; undefined: anywhere. */
  readonly allowTo: readonly string[] | undefined;
  /** Undefined without a state database. */
  readonly sendBudget: SendBudget | undefined;
  /** Messages of the last day that were not answered, by code. */
  readonly unanswered: Readonly<Record<string, number>>;
  /** Threads of the last day that say they are direct, are not, and are no key of `groups`. */
  readonly unconfigured: readonly UnconfiguredThread[];
  readonly warnings: readonly StatusWarning[];
}

/** An overview without what the report says elsewhere. */
export interface Figures extends Omit<AccountOverview, "position"> {
  /** Turns that were cut short when the gateway ended; they are run again at the next start, and none of them runs now. */
  readonly interrupted: number;
  /** Row id up to which the Messages database is journaled. */
  readonly cursor: number | undefined;
}

/** Who may write. */
export interface Policy {
  readonly dmPolicy: DmPolicy;
  readonly allowFrom: readonly string[];
  readonly paired: readonly Handle[];
  readonly summary: string;
}

/** What a report is made of. */
interface Facts {
  readonly settings: Settings;
  readonly store: Store | undefined;
  readonly running: RunningGateway | undefined;
  readonly nowMs: number;
}

/** The report of a running gateway. */
export async function readStatus(running: RunningGateway, nowMs: number): Promise<StatusReport> {
  return composeReport({ settings: running.settings(), store: running.store, running, nowMs });
}

/** The report while no gateway runs: configuration, and the state database where there is one. */
export async function readConfigStatus(
  settings: Settings,
  store: Store | undefined,
  nowMs: number,
): Promise<StatusReport> {
  return composeReport({ settings, store, running: undefined, nowMs });
}

async function composeReport(facts: Facts): Promise<StatusReport> {
  const { settings, store, running, nowMs } = facts;
  const pairing: PairingFacts = {
    grants: (await store?.pairings.approved()) ?? [],
    turnedAway: store === undefined ? [] : await listTurnedAway(store, nowMs),
  };
  const accounts = await Promise.all(
    settings.accounts.map(async (account) => composeAccount(facts, account, pairing)),
  );
  const stopped = settings.stoppedAccounts.map(({ id, name }) => ({ ...DISABLED, id, name }));
  return {
    gateway: running === undefined ? { running: false } : describeGateway(running),
    accounts: [...accounts, ...stopped],
    warnings: [...updateWarnings(running), ...gatewayWarnings(settings, pairing.grants)],
  };
}

function updateWarnings(running: RunningGateway | undefined): readonly StatusWarning[] {
  const installed = running?.installedVersion();
  return running === undefined || installed === undefined ? [] : [updateWarning(running.version, installed)];
}

const DAY_MS = 24 * 60 * 60_000;

const DISABLED = {
  state: "disabled",
  transport: undefined,
  health: undefined,
  since: undefined,
  figures: undefined,
  policy: undefined,
  groups: undefined,
  allowTo: undefined,
  sendBudget: undefined,
  unanswered: {},
  unconfigured: [],
  warnings: [],
} as const;

function describeGateway(running: RunningGateway): StatusReport["gateway"] {
  const { pid, version, startedAtMs } = running;
  const error = running.configError();
  const configError = error && { message: error.message, hint: error.hint };
  return { running: true, pid, version, startedAtMs, configError };
}

async function composeAccount(
  { settings, store, running, nowMs }: Facts,
  account: AccountSettings,
  pairing: PairingFacts,
): Promise<AccountStatus> {
  const { cliPath, dbPath, reach } = account.transport;
  const one = running?.accounts().find(({ settings: { id } }) => id === account.id);
  const health = one?.health;
  const overview = await store?.records.overview(account.id, nowMs);
  const threads = (await store?.records.unconfigured(account.id, nowMs - DAY_MS)) ?? [];
  const unconfigured = threads.filter((thread) => !isConfigured(account, thread));
  const sendBudget = overview && sendBudgetOf(account, overview);
  const groups = groupReachOf(settings, account);
  return {
    id: account.id,
    name: account.name,
    state: health === undefined ? "not running" : "running",
    transport: { cliPath, dbPath, reach: renderReach(reach) },
    health,
    since: one?.since,
    figures: overview && toFigures(overview, health !== undefined),
    policy: describePolicy(account, pairing.grants),
    groups,
    allowTo: account.allowTo?.map(renderEntry),
    sendBudget,
    unanswered: unansweredOf(overview),
    unconfigured,
    warnings: accountWarnings(account, {
      startError: running?.accountError(account.id),
      health,
      overview,
      pairing,
      unconfigured,
      sendBudget,
    }),
  };
}

/** By now a key of `groups` names it. */
function isConfigured(account: AccountSettings, thread: UnconfiguredThread): boolean {
  const { chatId, chatGuid, chatIdentifier, participants } = thread;
  const names = { chatId: asId<ChatId>(chatId), chatGuid: asId<ChatGuid>(chatGuid), chatIdentifier };
  return groupOf(account, { ...names, participants, chatName: "", isGroup: false }) !== undefined;
}

/** What is answered, and what never asks for an answer. */
const NOTHING_MISSED = new Set([
  "turn",
  "command",
  "answer",
  "own.row",
  "own.echo",
  "own.copy",
  "row.redelivered",
  "reaction",
  "event.empty",
]);

function unansweredOf(overview: AccountOverview | undefined): Readonly<Record<string, number>> {
  const codes = Object.entries(overview?.decisions ?? {}).filter(([code]) => !NOTHING_MISSED.has(code));
  return Object.fromEntries(codes);
}

/** Where the account does not run, nothing of it does, whatever the state database says. */
function toFigures({ position, running, ...rest }: AccountOverview, isUp: boolean): Figures {
  const turns = isUp ? { running, interrupted: 0 } : { running: 0, interrupted: running };
  return { cursor: position?.cursor, ...turns, ...rest };
}

function describePolicy(account: AccountSettings, grants: readonly PairingGrant[]): Policy {
  const paired = grantsOf(account, grants).map((grant) => grant.handle);
  const { people, anyone } = reachOf(account, grants);
  const who = anyone ? "anyone" : people.length === 0 ? "nobody yet" : people.join(", ");
  const rest = account.dmPolicy === "pairing" ? "; strangers are sent a pairing code" : "";
  const summary = account.dmPolicy === "disabled" ? "nobody: direct messages are disabled" : `${who}${rest}`;
  return {
    dmPolicy: account.dmPolicy,
    allowFrom: account.allowFrom.map(renderEntry),
    paired,
    summary,
  };
}
