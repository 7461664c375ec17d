// A gateway: the accounts and agents of one configuration on one state database, until it is closed.
import type { GatewayEvent, RunningAccount, RunningGateway } from "../control/status/running.ts";
import { updateWarning } from "../control/status/update.ts";
import { FLOW_TIMING, type FlowTiming } from "../flow/frame.ts";
import { KeyedQueue } from "../lib/keyed-queue.ts";
import { loadOnce } from "../lib/load-once.ts";
import type { Log } from "../lib/log.ts";
import type { GatewayError } from "../model/errors.ts";
import type { AgentOffers } from "../model/agent-session.ts";
import type { AccountId, AgentId, TurnId } from "../model/ids.ts";
import type { AccountHealth, Clock, Observer } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import type { AccountSettings, Settings } from "../model/settings.ts";
import type { AccountParts } from "./account.ts";
import { Accounts } from "./accounts.ts";
import { Agents } from "./agents.ts";
import type { Parts } from "./build.ts";
import { Events } from "./events.ts";
import { BuildWatch } from "./installed-build.ts";
import { HealthTimes } from "./health-since.ts";
import type { GatewayMedia } from "./media.ts";
import type { TurnOutput } from "./turn-outputs.ts";

/** What a gateway is started with. */
export interface GatewayOptions {
  readonly settings: Settings;
  readonly version: string;
  readonly parts: Parts;
  /** The command line's `--config`. */
  readonly configPath?: string | undefined;
  /** The file Node runs, to notice when an update replaces it. */
  readonly program?: string | undefined;
  /** Settles once what the config file says now is in force, as far as it is valid. */
  readonly reload: () => Promise<void>;
  /** Told of every step before anything else happens. */
  readonly observer?: Observer;
  readonly timing?: Partial<FlowTiming>;
}

const INSTALLATION_CHECK_MS = 60_000;

/** The running gateway. */
export class Gateway implements RunningGateway {
  readonly pid = process.pid;
  readonly startedAtMs: number;
  readonly version: string;
  readonly store: Store;
  readonly media: GatewayMedia;
  readonly events: Events;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #agents: Agents;
  readonly #queue: KeyedQueue<string>;
  readonly #accounts: Accounts;
  readonly #healthTimes = new HealthTimes();
  readonly #healthLine = new Map<AccountId, string>();
  readonly #installation: BuildWatch | undefined;
  #settings: Settings;
  #configError: GatewayError | undefined;

  private constructor(options: GatewayOptions, store: Store) {
    this.#log = options.parts.log;
    this.#clock = options.parts.clock;
    this.#settings = options.settings;
    this.#queue = new KeyedQueue(options.settings.maxConcurrentTurns);
    this.#agents = new Agents(options.parts.runtimesOn(store));
    this.events = new Events(this.#log, this.#clock, options.observer);
    this.startedAtMs = this.#clock.now();
    this.version = options.version;
    this.store = store;
    if (options.program !== undefined) this.#installation = new BuildWatch(options.program);
    this.media = options.parts.media;
    // As when an owner approves somebody on the command line.
    store.onForeignChange(() =>
      this.events.announce("store.changed", "another process changed the state database"),
    );
    this.#accounts = new Accounts(options.settings, options.parts, this.#accountParts(options));
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
      await parts.endStrayAgents(store);
      gateway = new Gateway(options, store);
      gateway.#agents.apply(settings.agents);
      await gateway.#accounts.start(early);
      return gateway;
    } catch (cause) {
      await Promise.all([...early.values()].map(async (opened) => opened.abandon(cause)));
      await gateway?.close();
      throw cause;
    }
  }

  settings(): Settings {
    return this.#settings;
  }

  configError(): GatewayError | undefined {
    return this.#configError;
  }

  installedVersion(): string | undefined {
    return this.#installation?.changed()?.version;
  }

  /** Says so in the log when another version is installed; the answer ends that. */
  watchInstallation(): () => void {
    this.#installation?.watch(INSTALLATION_CHECK_MS, ({ version }) => {
      const { message, hint } = updateWarning(this.version, version);
      this.#log.warn(message, { hint });
    });
    return () => this.#installation?.close();
  }

  accounts(): readonly RunningAccount[] {
    return this.#accounts.all().map((account) => ({
      settings: account.settings,
      messages: account.messages,
      health: account.messages.health(),
      since: this.#healthTimes.of(account.settings.id),
    }));
  }

  accountError(accountId: AccountId): GatewayError | undefined {
    return this.#accounts.failure(accountId);
  }

  async restartAccount(accountId: AccountId): Promise<boolean> {
    return this.#accounts.restart(accountId);
  }

  endTurn(accountId: AccountId, turnId: TurnId): void {
    this.#accounts.get(accountId)?.endTurn(turnId);
  }

  nudge(accountId: AccountId): void {
    this.#accounts.get(accountId)?.nudge();
  }

  async agentOffers(agentId: AgentId, sessionId: string): Promise<AgentOffers | undefined> {
    return this.#agents.get(agentId)?.runtime.offers(sessionId);
  }

  turnOutput(turnId: TurnId): TurnOutput {
    return this.events.outputs.of(turnId);
  }

  subscribe(listener: (event: GatewayEvent) => void): () => void {
    return this.events.subscribe(listener);
  }

  /** The config file's newest text is not valid: the last good configuration goes on. */
  reject(error: GatewayError): void {
    this.#configError = error;
    this.#log.error(`config not taken over: ${error.message}`, { hint: error.hint });
    this.events.announce("config.invalid", error.message);
  }

  /**
   * Takes a new configuration over: it is in force when this returns. Accounts whose transport changed are restarted behind it, so that
   * a command of such an account, which asked for the change, can come to its end.
   */
  async apply(settings: Settings): Promise<void> {
    this.#configError = undefined;
    if (settings.version === this.#settings.version) return;
    if (settings.storePath !== this.#settings.storePath)
      this.#log.warn("store.url changed: it is taken over at the next start");
    this.#settings = settings;
    this.#queue.setLimit(settings.maxConcurrentTurns);
    this.#agents.apply(settings.agents);
    void this.#arrange(settings);
  }

  async #arrange(settings: Settings): Promise<void> {
    await this.#accounts.apply(settings);
    this.#log.info(`config taken over (${settings.accounts.length} accounts)`);
    this.events.announce("config.reloaded", settings.version);
  }

  /** Stops in order; whatever is not finished is picked up at the next start. */
  async close(): Promise<void> {
    await this.#accounts.close();
    await this.#agents.close();
    await this.store.close();
  }

  #accountParts({ parts, configPath, reload, timing }: GatewayOptions): AccountParts {
    const place = { running: this, config: { configPath }, log: this.#log, now: () => this.#clock.now() };
    return {
      store: this.store,
      media: parts.incoming,
      filesOut: this.media,
      operations: loadOnce(async () => parts.openOperations(place, reload)),
      clock: this.#clock,
      observer: this.events,
      log: this.#log,
      timing: { ...FLOW_TIMING, ...timing },
      queue: this.#queue,
      agent: (agentId) => this.#agents.get(agentId),
      onHealth: (account, health) => this.#onHealth(account, health),
    };
  }

  /** One line when what can be said of an account changes, not one for each report. */
  #onHealth(account: AccountSettings, health: AccountHealth): void {
    this.#healthTimes.note(account.id, health, this.#clock.now());
    const line = describeHealth(health);
    if (this.#healthLine.get(account.id) === line) return;
    this.#healthLine.set(account.id, line);
    this.#log.info(line, { accountId: account.id });
    this.events.emit("account.health", { accountId: account.id, text: line });
  }
}

function describeHealth({ reading, watching, sending }: AccountHealth): string {
  const watch = watching.ok ? "watching" : `not watching${watching.reason ? ` (${watching.reason})` : ""}`;
  // Every attempt to be back begins with "starting": as long as the reason is the same nothing new is said.
  const child = (name: string, state: string, reason: string | undefined): string =>
    reason === undefined || state === "ready"
      ? `${name} ${state}`
      : `${name} ${state === "starting" ? "waiting" : state} (${reason})`;
  return [
    watch,
    child("reading", reading.state, reading.reason),
    child("sending", sending.state, sending.reason),
  ].join(", ");
}
