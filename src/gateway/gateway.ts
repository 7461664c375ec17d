// A gateway: the accounts and agents of one configuration on one state database, until it is closed.
import type { GatewayEvent, RunningAccount, RunningGateway } from "../control/running.ts";
import { FLOW_TIMING, type FlowTiming, type Frame } from "../flow/frame.ts";
import { KeyedQueue } from "../lib/keyed-queue.ts";
import type { Log } from "../lib/log.ts";
import type { GatewayError } from "../model/errors.ts";
import type { AccountId } from "../model/ids.ts";
import type { AccountHealth, Clock, Observer } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import type { AccountSettings, Settings } from "../model/settings.ts";
import type { Account, AccountParts } from "./account.ts";
import { Agents } from "./agents.ts";
import type { Lease, Parts } from "./build.ts";
import { Events } from "./events.ts";
import type { OpenedMessages } from "./open-early.ts";

/** What a gateway is started with. */
export interface GatewayOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly parts: Parts;
  /** Told of every step before anything else happens. */
  readonly observer?: Observer;
  readonly timing?: Partial<FlowTiming>;
}

/** The running gateway. */
export class Gateway implements RunningGateway {
  readonly pid = process.pid;
  readonly startedAtMs: number;
  readonly version: string;
  readonly store: Store;
  readonly #events: Events;
  readonly #parts: Parts;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #agents: Agents;
  readonly #queue: KeyedQueue<string>;
  readonly #timing: FlowTiming;
  readonly #accounts = new Map<AccountId, Account>();
  readonly #leases = new Map<AccountId, Lease>();
  readonly #healthLine = new Map<AccountId, string>();
  #settings: Settings;
  #configError: GatewayError | undefined;

  private constructor(options: GatewayOptions, store: Store) {
    this.#parts = options.parts;
    this.#log = options.parts.log;
    this.#clock = options.parts.clock;
    this.#settings = options.settings;
    this.#timing = { ...FLOW_TIMING, ...options.timing };
    this.#queue = new KeyedQueue(options.settings.maxConcurrentTurns);
    this.#agents = new Agents(options.parts.makeRuntime);
    this.#events = new Events(this.#log, this.#clock, options.observer);
    this.startedAtMs = this.#clock.now();
    this.version = options.version;
    this.store = store;
  }

  /**
   * Starts a gateway: every account's `imsg` first, as that takes longest, then the state database, then what was left behind.
   *
   * Contract: the caller holds the lease of the state database. After a rejection nothing of it runs any more.
   */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const { parts, settings } = options;
    const opening = Promise.withResolvers<Store>();
    const early = new Map(
      settings.accounts.map((account) => [account.id, parts.openMessages(account, opening.promise)]),
    );
    let gateway: Gateway | undefined;
    try {
      const store = await parts.openStore(settings.storePath);
      opening.resolve(store);
      gateway = new Gateway(options, store);
      await gateway.#startAll(early);
      return gateway;
    } catch (cause) {
      await Promise.all([...early.values()].map(async (opened) => opened.abandon(cause)));
      await gateway?.close();
      throw cause;
    }
  }

  async #startAll(early: ReadonlyMap<AccountId, OpenedMessages>): Promise<void> {
    const { agents, accounts } = this.#settings;
    await this.#agents.apply(agents);
    // All are waited for, so that none goes on starting after the failure of another.
    const started = await Promise.allSettled(
      accounts.map(async (account) => this.#startAccount(account, early.get(account.id))),
    );
    const failed = started.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  settings(): Settings {
    return this.#settings;
  }

  configError(): GatewayError | undefined {
    return this.#configError;
  }

  accounts(): readonly RunningAccount[] {
    return [...this.#accounts.values()].map((account) => ({
      settings: account.settings,
      messages: account.messages,
      health: account.messages.health(),
    }));
  }

  nudge(accountId: AccountId): void {
    this.#accounts.get(accountId)?.nudge();
  }

  subscribe(listener: (event: GatewayEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /** The config file's newest text is not valid: the last good configuration goes on. */
  reject(error: GatewayError): void {
    this.#configError = error;
    this.#log.error(`config not taken over: ${error.message}`, { hint: error.hint });
    this.#events.announce("config.invalid", error.message);
  }

  /** Takes a new configuration over. Only accounts whose transport changed are restarted. */
  async apply(settings: Settings): Promise<void> {
    this.#configError = undefined;
    if (settings.version === this.#settings.version) return;
    if (settings.storePath !== this.#settings.storePath)
      this.#log.warn("store.url changed: it is taken over at the next start");
    this.#settings = settings;
    this.#queue.setLimit(settings.maxConcurrentTurns);
    await this.#agents.apply(settings.agents);
    const wanted = new Map(settings.accounts.map((account) => [account.id, account]));
    for (const [id, running] of this.#accounts) {
      const account = wanted.get(id);
      if (account && !needsRestart(running.settings, account)) running.apply(settings, account);
      else await this.#stopAccount(id);
    }
    for (const account of settings.accounts)
      if (!this.#accounts.has(account.id)) await this.#startAccount(account, undefined);
    this.#log.info(`config taken over (${settings.accounts.length} accounts)`);
    this.#events.announce("config.reloaded", settings.version);
  }

  /** Stops in order; whatever is not finished is picked up at the next start. */
  async close(): Promise<void> {
    await Promise.all([...this.#accounts.keys()].map(async (id) => this.#stopAccount(id)));
    for (const lease of this.#leases.values()) lease.close();
    await this.#agents.close();
    await this.store.close();
  }

  async #startAccount(account: AccountSettings, early: OpenedMessages | undefined): Promise<void> {
    const lease = this.#parts.takeAccountLease(account.transport);
    if (lease) this.#leases.set(account.id, lease);
    await this.#parts.endStrayChildren(this.store, account.id);
    const opened = early ?? this.#parts.openMessages(account, Promise.resolve(this.store));
    const frame: Frame = { settings: this.#settings, account };
    // Loaded while the child starts.
    const { Account } = await import("./account.ts");
    this.#accounts.set(account.id, await Account.start(opened, frame, this.#accountParts()));
  }

  async #stopAccount(id: AccountId): Promise<void> {
    const account = this.#accounts.get(id);
    this.#accounts.delete(id);
    await account?.close();
    this.#leases.get(id)?.close();
    this.#leases.delete(id);
  }

  #accountParts(): AccountParts {
    return {
      store: this.store,
      clock: this.#clock,
      observer: this.#events,
      log: this.#log,
      timing: this.#timing,
      queue: this.#queue,
      agent: (agentId) => this.#agents.get(agentId),
      onHealth: (account, health) => this.#onHealth(account, health),
    };
  }

  /** One line when what can be said of an account changes, not one for each report. */
  #onHealth(account: AccountSettings, health: AccountHealth): void {
    const line = describeHealth(health);
    if (this.#healthLine.get(account.id) === line) return;
    this.#healthLine.set(account.id, line);
    this.#log.info(line, { accountId: account.id });
    this.#events.emit("account.health", { accountId: account.id, text: line });
  }
}

/** What a running child was started with cannot be changed under it. */
function needsRestart(running: AccountSettings, wanted: AccountSettings): boolean {
  const started = ({ transport, region, catchupMaxAgeMs }: AccountSettings): string =>
    JSON.stringify([transport, region, catchupMaxAgeMs]);
  return started(running) !== started(wanted);
}

function describeHealth({ reading, watching, sending }: AccountHealth): string {
  const watch = watching.ok ? "watching" : `not watching${watching.reason ? ` (${watching.reason})` : ""}`;
  const child = (name: string, state: string, reason: string | undefined): string =>
    `${name} ${state}${reason && state !== "ready" ? ` (${reason})` : ""}`;
  return [
    watch,
    child("reading", reading.state, reading.reason),
    child("sending", sending.state, sending.reason),
  ].join(", ");
}
