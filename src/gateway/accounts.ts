// The accounts of the configuration in force: each is started, ended, and tried again by itself.
import { toGatewayError, type GatewayError } from "../model/errors.ts";
import type { AccountId } from "../model/ids.ts";
import type { AccountSettings, Settings } from "../model/settings.ts";
import type { Account, AccountParts } from "./account.ts";
import type { Lease, Parts } from "./build.ts";
import type { OpenedMessages } from "./open-early.ts";

/** How often an account that could not be started is tried again, in ms. */
const AGAIN_MS = 5000;

/** Holds the running accounts. */
export class Accounts {
  readonly #parts: Parts;
  readonly #shared: AccountParts;
  readonly #running = new Map<AccountId, Account>();
  readonly #leases = new Map<AccountId, Lease>();
  readonly #failures = new Map<AccountId, GatewayError>();
  /** What was begun of each account last: its starts and ends come one after another. */
  readonly #chains = new Map<AccountId, Promise<void>>();
  #wanted: Settings;
  #again: NodeJS.Timeout | undefined;
  #isStarted = false;
  #isClosed = false;

  constructor(settings: Settings, parts: Parts, shared: AccountParts) {
    this.#wanted = settings;
    this.#parts = parts;
    this.#shared = shared;
  }

  /**
   * Starts every account, on the children that are started already.
   *
   * Contract: rejects, as the first of them, only when none of them can be started; nothing runs then but what `close` ends. One of
   * several is tried again while the others run.
   */
  async start(early: ReadonlyMap<AccountId, OpenedMessages>): Promise<void> {
    await Promise.all(this.#wanted.accounts.map(async ({ id }) => this.#arrange(id, early.get(id))));
    const [failure] = this.#failures.values();
    if (failure && this.#running.size === 0) throw failure;
    for (const [id, error] of this.#failures) this.#tell(id, error);
    this.#isStarted = true;
  }

  all(): readonly Account[] {
    return [...this.#running.values()];
  }

  get(id: AccountId): Account | undefined {
    return this.#running.get(id);
  }

  /** Why an account could not be started when it was tried last; undefined for one that runs, and for one that nobody wants. */
  failure(id: AccountId): GatewayError | undefined {
    return this.#failures.get(id);
  }

  /**
   * Takes a new configuration over. Accounts that go on running do so by it at once; those to be ended, started or restarted follow
   * in their own time, and the answer settles when they have.
   */
  async apply(settings: Settings): Promise<void> {
    this.#wanted = settings;
    this.#refresh();
    for (const id of this.#failures.keys()) if (!this.#settingsOf(id)) this.#failures.delete(id);
    const ids = new Set([...this.#running.keys(), ...settings.accounts.map(({ id }) => id)]);
    await Promise.all([...ids].map(async (id) => this.#arrange(id)));
  }

  /** Ends an account and starts it again, once what was begun of it before is done. False: the configuration has none of this id. */
  async restart(id: AccountId): Promise<boolean> {
    if (this.#settingsOf(id) === undefined) return false;
    const stopped = (this.#chains.get(id) ?? Promise.resolve()).then(async () => this.#stop(id));
    this.#chains.set(
      id,
      stopped.catch(() => {}),
    );
    await stopped;
    await this.#arrange(id);
    return true;
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    await Promise.all(this.#chains.values());
    await Promise.all([...this.#running.keys()].map(async (id) => this.#stop(id)));
  }

  /** Brings one account in line with the configuration, once what was begun of it before is done. Contract: never rejects. */
  async #arrange(id: AccountId, early?: OpenedMessages): Promise<void> {
    const before = this.#chains.get(id) ?? Promise.resolve();
    const chain = before
      .then(async () => this.#bringInLine(id, early))
      .catch((cause: unknown) => {
        this.#shared.log.error("the account could not be ended", { accountId: id, cause: String(cause) });
      });
    this.#chains.set(id, chain);
    return chain;
  }

  async #bringInLine(id: AccountId, early: OpenedMessages | undefined): Promise<void> {
    if (this.#isClosed) return;
    const wanted = this.#settingsOf(id);
    const running = this.#running.get(id);
    if (running && (!wanted || needsRestart(running.settings, wanted))) {
      await this.#stop(id);
      // Another one may have waited for the database that is free now.
      this.#tryFailedAgain();
    }
    if (wanted && !this.#running.has(id)) await this.#tryStart(wanted, early);
    this.#refresh();
  }

  /** What runs goes by the configuration in force, as far as it can without being started anew. */
  #refresh(): void {
    for (const [id, account] of this.#running) {
      const wanted = this.#settingsOf(id);
      if (wanted && !needsRestart(account.settings, wanted)) account.apply(this.#wanted, wanted);
    }
  }

  #tryFailedAgain(): void {
    for (const id of this.#failures.keys()) void this.#arrange(id);
  }

  async #tryStart(account: AccountSettings, early: OpenedMessages | undefined): Promise<void> {
    const { id } = account;
    try {
      this.#running.set(id, await this.#start(account, early));
      this.#failures.delete(id);
    } catch (cause) {
      const error = toGatewayError(cause);
      await early?.abandon(error);
      this.#leases.get(id)?.close();
      this.#leases.delete(id);
      // One line, not one for each try; at the start it may be what the whole gateway ends with.
      if (this.#isStarted && this.#failures.get(id)?.message !== error.message) this.#tell(id, error);
      this.#failures.set(id, error);
      clearTimeout(this.#again);
      this.#again = setTimeout(() => this.#tryFailedAgain(), AGAIN_MS).unref();
    }
  }

  #tell(accountId: AccountId, { message, hint }: GatewayError): void {
    this.#shared.log.error(`the account does not run: ${message}`, { accountId, hint });
  }

  async #start(account: AccountSettings, early: OpenedMessages | undefined): Promise<Account> {
    const lease = this.#parts.takeAccountLease(account.transport);
    if (lease) this.#leases.set(account.id, lease);
    const { store } = this.#shared;
    await this.#parts.endStrayChildren(store, account.id);
    const opened = early ?? this.#parts.openMessages(account, Promise.resolve(store));
    // Loaded while the child starts.
    const { Account } = await import("./account.ts");
    return Account.start(opened, { settings: this.#wanted, account }, this.#shared);
  }

  async #stop(id: AccountId): Promise<void> {
    const account = this.#running.get(id);
    this.#running.delete(id);
    await account?.close();
    this.#leases.get(id)?.close();
    this.#leases.delete(id);
  }

  #settingsOf(id: AccountId): AccountSettings | undefined {
    return this.#wanted.accounts.find((account) => account.id === id);
  }
}

/** What a running child was started with cannot be changed under it. */
function needsRestart(running: AccountSettings, wanted: AccountSettings): boolean {
  const started = ({ transport, region, catchupMaxAgeMs }: AccountSettings): string =>
    JSON.stringify([transport, region, catchupMaxAgeMs]);
  return started(running) !== started(wanted);
}
