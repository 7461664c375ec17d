// What admission goes by for one account under one configuration: made here for the inbound flow and for `policy test` alike.
import type { AccountSettings, AgentSettings, CommandSettings, Settings } from "../model/settings.ts";
import type { AgePolicy } from "./age.ts";
import type { RoutePolicy } from "./route.ts";

/** Contract: where an agent's pattern is more than a name, `loadPatternEngine` was awaited before a message is decided. */
export interface AdmitPolicy {
  readonly account: AccountSettings;
  readonly agents: readonly AgentSettings[];
  readonly age: AgePolicy;
  readonly route: RoutePolicy;
  readonly commands: CommandSettings;
  readonly configVersion: string;
  /** Gives a fresh pairing code. */
  readonly newCode: () => string;
  /** What comes sooner after a request of an agent was sent does not answer it. */
  readonly readingMs: number;
}

/** What the configuration does not say. */
export interface AdmitRun {
  /** When this process opened the account, epoch ms. */
  readonly openedAtMs: number;
  /** See `AgePolicy`; 0 where nothing is said. */
  readonly aheadMs?: number;
  /** Gives a fresh pairing code. */
  readonly newCode: () => string;
  /** As `AdmitPolicy` has it. */
  readonly readingMs: number;
}

/** Makes the policy. */
export function admitPolicy(settings: Settings, account: AccountSettings, run: AdmitRun): AdmitPolicy {
  return {
    account,
    agents: settings.agents,
    age: { maxAgeMs: account.catchupMaxAgeMs, openedAtMs: run.openedAtMs, aheadMs: run.aheadMs ?? 0 },
    route: { ...settings, accountId: account.id },
    commands: settings.commands,
    configVersion: settings.version,
    newCode: run.newCode,
    readingMs: run.readingMs,
  };
}
