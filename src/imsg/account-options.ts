// What an account of imsg is made with, and who is told of its life.
import type { Identity } from "../lib/process-identity.ts";
import type { AccountId } from "../model/ids.ts";
import type { Clock, Mac } from "../model/ports.ts";
import type { TransportSettings } from "../model/settings.ts";
import type { Log } from "./child/session.ts";
import type { Timing } from "./child/timing.ts";

/** How an account is reached, and who is told what. */
export interface AccountOptions {
  readonly accountId: AccountId;
  readonly transport: TransportSettings;
  /** Closed with the account. */
  readonly mac: Mac;
  /** ISO 3166: how imsg reads handles without `+`. */
  readonly region: string;
  /** How far back another database is read when it took the place of the known one. */
  readonly catchupMaxAgeMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly hooks?: AccountHooks;
  readonly timing?: Partial<Timing>;
}

/** Called at certain moments of an account's life. */
export interface AccountHooks {
  /** A sending child started. Contract: nothing is sent through it before the promise. */
  onSendingChild?(identity: Identity): Promise<void>;
  /** It is gone. */
  onSendingChildGone?(identity: Identity): Promise<void>;
  /** A raw line with a message of the watch came, before anything was done with it. */
  onLine?(line: string): void;
}
