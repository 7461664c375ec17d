// The parts a gateway is made of: the only place that names concrete ones.
import { join } from "node:path";
import { createRuntime } from "../agents/runtime.ts";
import { inheritedEnvironment, readEnvironment } from "../config/env.ts";
import type { LoadedConfig } from "../config/read/load.ts";
import type { ChatPlace } from "../control/chat/operations.ts";
import { createMessages } from "../imsg/account.ts";
import { openLog, type RootLog } from "../lib/log.ts";
import { openRotatingFile } from "../lib/rotating-file.ts";
import { loadOnce } from "../lib/load-once.ts";
import { Proxies } from "../lib/proxy.ts";
import { endIdentified } from "../lib/process-identity.ts";
import { asId, type AccountId } from "../model/ids.ts";
import type { IncomingFiles } from "../model/media.ts";
import type { ChatOperations, Clock, Mac, Observer } from "../model/ports.ts";
import type { Store } from "../model/store.ts";
import type { AccountSettings, TransportSettings } from "../model/settings.ts";
import type { PageFiles } from "../server/page-files.ts";
import { takeAccountLease, takeLease, type Lease } from "../store/lease.ts";
import { agentEnvironment } from "./agent-environment.ts";
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
  /** What makes runtimes that keep what they must in this store. */
  readonly runtimesOn: (store: Pick<Store, "agentSessions" | "processes">) => MakeRuntime;
  /** Names the variables that agents started from now on are not given. */
  withhold(names: readonly string[]): void;
  /** Of the accounts whose `imsg` was started. */
  readonly macs: Macs;
  readonly media: GatewayMedia;
  /** The control page, which is read once: an update must not mix two versions of it. */
  readonly pageFiles: () => Promise<PageFiles>;
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
  /** Ends the programs of agents that an earlier gateway left, so that none of them still works while its turn is run again. */
  endStrayAgents(store: Store): Promise<void>;
}

const clock: Clock = { now: () => Date.now() };

/** Stands for the agents in the register of processes; no account can be called so. */
const AGENTS = asId<AccountId>("the agents");

/** What parts are built with beside the configuration. */
export interface BuildOptions {
  /** Of this product. */
  readonly version: string;
  /** Told of lines of the watch before anything is done with them. */
  readonly observer?: Observer | undefined;
  /** The log goes there instead of stderr. */
  readonly logFile?: string | undefined;
}

const LOG_ROTATION = { maxBytes: 10 * 1024 * 1024, keep: 3 };

/** Builds the parts for a configuration. */
export function buildParts(
  { settings, sources }: LoadedConfig,
  { version, observer, logFile }: BuildOptions,
): Parts {
  const inherited = inheritedEnvironment();
  let withheld = sources.interpolated;
  const log = openLog({
    threshold: settings.logLevel,
    secrets: sources.secrets,
    terminal:
      logFile === undefined
        ? {
            write: (text) => process.stderr.write(text),
            hasColours: process.stderr.isTTY && process.stderr.hasColors(),
          }
        : openRotatingFile(logFile, LOG_ROTATION),
    now: () => clock.now(),
  });
  const macs = new Macs(join(sources.places.stateDir, "outgoing"));
  const proxies = new Proxies(readEnvironment().variable);
  const media = new GatewayMedia(sources.places.mediaDir, proxies);
  return {
    log,
    clock,
    macs,
    runtimesOn: (store) => (runtime, agentId) =>
      createRuntime(runtime, {
        agentId,
        environment: () => agentEnvironment(inherited, withheld),
        log: log.child({ agentId }),
        version,
        sessions: store.agentSessions,
        proxies,
        keepFile: async (content, name, conversationId) => media.keep(content, name, conversationId),
        processes: {
          record: async (identity) => store.processes.record(AGENTS, identity),
          forget: async (identity) => store.processes.forget(AGENTS, identity),
        },
      }),
    withhold: (names) => {
      withheld = names;
    },
    media,
    pageFiles: loadOnce(async () => (await import("../server/page-files.ts")).readPageFiles()),
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
    endStrayAgents: async (store) => endStrayChildren(store, AGENTS),
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
  const { createChatOperations } = await import("../control/chat/operations.ts");
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
  const recorded = await store.processes.recorded(accountId);
  await Promise.all(
    recorded.map(async (identity) => {
      await endIdentified(identity, STRAY_GRACE_MS);
      await store.processes.forget(accountId, identity);
    }),
  );
}
