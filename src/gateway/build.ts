// The parts a gateway is made of: the only place that names concrete ones.
import { join } from "node:path";
import { createRuntime } from "../agents/runtime.ts";
import { inheritedEnvironment, readEnvironment } from "../config/env.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { ChatPlace } from "../control/chat-operations.ts";
import { createMessages } from "../imsg/account.ts";
import { openLog, type RootLog } from "../lib/log.ts";
import { endIdentified } from "../lib/process-identity.ts";
import type { AccountId } from "../model/ids.ts";
import type { IncomingFiles } from "../model/media.ts";
import type { ChatOperations, Clock, Mac, Observer } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import type { AccountSettings, TransportSettings } from "../model/settings.ts";
import { takeAccountLease, takeLease, type Lease } from "../store/lease.ts";
import type { MakeRuntime } from "./agents.ts";
import { GatewayIncoming } from "./incoming.ts";
import { GatewayMedia } from "./media.ts";
import { Macs } from "./macs.ts";
import { openEarly, type OpenedMessages } from "./open-early.ts";

export type { Lease };

/** How long a sending process that a killed gateway left behind has to end by itself. */
const STRAY_GRACE_MS = 1000;

/** What a gateway is built from. */
export interface Parts {
  readonly log: RootLog;
  readonly clock: Clock;
  readonly makeRuntime: MakeRuntime;
  /** Of the accounts whose `imsg` was started. */
  readonly macs: Macs;
  readonly media: GatewayMedia;
  readonly incoming: IncomingFiles;
  openStore(path: string): Promise<Store>;
  /** Throws `gateway/already-running`. */
  takeLease(storePath: string): Lease;
  /** Throws `gateway/already-running`; undefined where such locks cannot be had. */
  takeAccountLease(transport: TransportSettings): Lease | undefined;
  /** Starts an account's `imsg`; the store may still be opening. */
  openMessages(account: AccountSettings, store: Promise<Store>): OpenedMessages;
  /** What carries out commands in chat. A change of the config file is in force, by `reload`, before it is said to be made. */
  openOperations(place: ChatPlace, reload: () => Promise<void>): Promise<ChatOperations>;
  /** Ends the sending processes that an earlier gateway left, so that no send of theirs can still arrive. */
  endStrayChildren(store: Store, accountId: AccountId): Promise<void>;
}

const clock: Clock = { now: () => Date.now() };

/** Builds the parts for a configuration. `observer` is told of lines of the watch before anything is done with them. */
export function buildParts({ settings, sources }: LoadedConfig, observer?: Observer): Parts {
  const environment = inheritedEnvironment();
  const log = openLog({
    threshold: settings.logLevel,
    secrets: sources.secrets,
    terminal: {
      write: (text) => process.stderr.write(text),
      hasColours: process.stderr.isTTY && process.stderr.hasColors(),
    },
    now: () => clock.now(),
  });
  const macs = new Macs(join(sources.places.stateDir, "outgoing"));
  const media = new GatewayMedia(sources.places.mediaDir);
  return {
    log,
    clock,
    macs,
    makeRuntime: (runtime, agentId) => createRuntime(runtime, { environment, log: log.child({ agentId }) }),
    media,
    incoming: new GatewayIncoming({
      folder: async () => media.folder(),
      mac: (accountId) => macs.of(accountId),
      searchPath: readEnvironment().searchPath,
      log,
    }),
    openStore: async (path) => {
      // Loaded while the children start.
      const { openStore } = await import("../store/open.ts");
      return openStore({ path, clock });
    },
    takeLease,
    takeAccountLease,
    openMessages: (account, store) =>
      openEarly(openAccount(account, { log, store, observer, mac: macs.open(account) }), clock.now()),
    openOperations,
    endStrayChildren,
  };
}

function openAccount(
  account: AccountSettings,
  beside: {
    readonly log: RootLog;
    readonly store: Promise<Store>;
    readonly observer: Observer | undefined;
    readonly mac: Mac;
  },
): ReturnType<typeof createMessages> {
  const { log, store, observer, mac } = beside;
  const accountLog = log.child({ accountId: account.id });
  return createMessages({
    accountId: account.id,
    transport: account.transport,
    mac,
    region: account.region,
    catchupMaxAgeMs: account.catchupMaxAgeMs,
    clock,
    log: (level, line, facts) => accountLog[level](line, facts),
    hooks: {
      onSendingChild: async (identity) => (await store).processes.record(account.id, identity),
      onSendingChildGone: async (identity) => (await store).processes.forget(account.id, identity),
      onLine: () => observer?.step("line.received", { accountId: account.id }),
    },
  });
}

async function openOperations(place: ChatPlace, reload: () => Promise<void>): Promise<ChatOperations> {
  const { createChatOperations } = await import("../control/chat-operations.ts");
  const operations = createChatOperations(place);
  return {
    isOnceOnly: (command) => operations.isOnceOnly(command),
    run: async (command) => {
      const answer = await operations.run(command);
      if (command.command.name === "config" && operations.isOnceOnly(command)) await reload();
      return answer;
    },
  };
}

async function endStrayChildren(store: Store, accountId: AccountId): Promise<void> {
  for (const identity of await store.processes.recorded(accountId)) {
    await endIdentified(identity, STRAY_GRACE_MS);
    await store.processes.forget(accountId, identity);
  }
}
