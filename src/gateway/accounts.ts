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
  #wanted: Settings;
  /** Starts and ends come one set after another: no account is started twice. */
  #arranging: Promise<void> = Promise.resolve();
  #again: NodeJS.Timeout | undefined;
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
    await this.#startMissing(early);
    const [failure] = this.#failures.values();
    if (failure && this.#running.size === 0) throw failure;
  }

  all(): readonly Account[] {
    return [...this.#running.values()];
  }

  get(id: AccountId): Account | undefined {
    return this.#running.get(id);
  }

  /** Why an account does not run; undefined for one that does, and for one that nobody wants. */
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
    this.#arranging = this.#arranging.then(async () => this.#arrange());
    return this.#arranging;
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    await this.#arranging;
    await Promise.all([...this.#running.keys()].map(async (id) => this.#stop(id)));
  }

  async #arrange(): Promise<void> {
    const gone = [...this.#running].filter(([id, account]) => {
      const wanted = this.#settingsOf(id);
      return !wanted || needsRestart(account.settings, wanted);
    });
    await Promise.all(gone.map(async ([id]) => this.#stop(id)));
    await this.#startMissing(new Map());
    this.#refresh();
  }

  /** What runs goes by the configuration in force, as far as it can without being started anew. */
  #refresh(): void {
    for (const [id, account] of this.#running) {
      const wanted = this.#settingsOf(id);
      if (wanted && !needsRestart(account.settings, wanted)) account.apply(this.#wanted, wanted);
    }
  }

  async #startMissing(early: ReadonlyMap<AccountId, OpenedMessages>): Promise<void> {
    if (this.#isClosed) return;
    for (const id of this.#failures.keys()) if (!this.#settingsOf(id)) this.#failures.delete(id);
    const missing = this.#wanted.accounts.filter(({ id }) => !this.#running.has(id));
    await Promise.all(missing.map(async (account) => this.#tryStart(account, early.get(account.id))));
    if (this.#failures.size > 0) this.#tryAgainLater();
  }

  #tryAgainLater(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      if (this.#isClosed) return;
      this.#arranging = this.#arranging.then(async () => this.#arrange());
    }, AGAIN_MS).unref();
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
      // One line, not one for each try.
      if (this.#failures.get(id)?.message !== error.message)
        this.#shared.log.error(`the account does not run: ${error.message}`, {
          accountId: id,
          hint: error.hint,
        });
      this.#failures.set(id, error);
    }
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
