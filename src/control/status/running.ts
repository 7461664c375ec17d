// What a running gateway shows to the operations that server, command line and chat share.
import type { GatewayError } from "../../model/errors.ts";
import type { AgentOffers } from "../../model/agent-session.ts";
import type { AccountId, AgentId, TurnId } from "../../model/ids.ts";
import type { Media } from "../../model/media.ts";
import type { AccountHealth, Messages, Step, StepFacts } from "../../model/ports.ts";
import type { Store } from "../../model/store.ts";
import type { AccountSettings, Settings } from "../../model/settings.ts";

/** One account as it runs. */
export interface RunningAccount {
  readonly settings: AccountSettings;
  readonly messages: Messages;
  readonly health: AccountHealth;
  /** Undefined before anything was heard of it. */
  readonly since: HealthSince | undefined;
}

/** Since when each part of an account is as it is (epoch ms). */
export interface HealthSince {
  readonly reading: number;
  readonly watching: number;
  readonly sending: number;
}

/** Something the gateway did, as the event stream gives it. */
export interface GatewayEvent extends StepFacts {
  /** Counts from 1 since the gateway started, without a gap. That an agent speaks has the number of the event before it, and is not kept. */
  readonly seq: number;
  readonly atMs: number;
  readonly step: Step | "config.reloaded" | "config.invalid" | "account.health" | "store.changed";
}

/** The events of the last while, so that a reader who was away for a moment misses none. */
export interface EventLog {
  /** Random for each start of the gateway: a `seq` means something only beside it. */
  readonly bootId: string;
  /** Of the newest event; 0 before the first. */
  readonly seq: number;
  /** Events after `seq`, oldest first; undefined when some of them are no longer kept. */
  since(seq: number): readonly GatewayEvent[] | undefined;
}

/** A gateway from inside its own process. */
export interface RunningGateway {
  readonly events: EventLog;
  readonly startedAtMs: number;
  readonly pid: number;
  readonly version: string;
  readonly store: Store;
  /** Takes files that are to be sent. */
  readonly media: Pick<Media, "outgoing">;
  /** The version that was installed in the place of this one since it started; undefined: none was. */
  installedVersion(): string | undefined;
  /** The configuration in force. */
  settings(): Settings;
  /** Why the newest text of the config file is not in force; undefined when it is. */
  configError(): GatewayError | undefined;
  accounts(): readonly RunningAccount[];
  /** Why an account of the configuration does not run, such as that another gateway answers it; undefined when it does. */
  accountError(accountId: AccountId): GatewayError | undefined;
  /** Ends the agent of a turn that the store has stopped. */
  endTurn(accountId: AccountId, turnId: TurnId): void;
  /** Ends an account and starts it again. False for one that is not in the configuration. */
  restartAccount(accountId: AccountId): Promise<boolean>;
  /** Looks at the outbox and at waiting messages again, after an operation changed them. */
  nudge(accountId: AccountId): void;
  /** The end of what the agent of a running turn said so far, and how long all of it is. */
  turnOutput(turnId: TurnId): { readonly text: string; readonly chars: number };
  /** What an agent offers in a session; undefined: nothing, or nothing heard yet. */
  agentOffers(agentId: AgentId, sessionId: string): Promise<AgentOffers | undefined>;
  /** Contract: the listener must not throw; the answer stops it. */
  subscribe(listener: (event: GatewayEvent) => void): () => void;
}
