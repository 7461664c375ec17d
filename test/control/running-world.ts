// A gateway as control and server see it: a real state database in a folder of its own, an imsg that answers from lists.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentOffers } from "../../src/model/agent-session.ts";
import type { GatewayEvent, RunningGateway } from "../../src/control/status/running.ts";
import { GatewayError } from "../../src/model/errors.ts";
import type { Media } from "../../src/model/media.ts";
import { asId, type AccountId, type AgentId, type TurnId } from "../../src/model/ids.ts";
import type { ChatSummary } from "../../src/model/message.ts";
import type { AccountHealth, Clock, Messages } from "../../src/model/ports.ts";
import type { Store } from "../../src/model/store.ts";
import type { AccountSettings, Settings } from "../../src/model/settings.ts";
import { entryNamesChat, type Target } from "../../src/model/target.ts";
import { openStore } from "../../src/store/open.ts";
import { HOME, WORK, World, type StateDatabase } from "../contracts/store-world.ts";

/** An account of the world; `home` and `work` are the ones its database knows. */
export function account(id: AccountId, changes: Partial<AccountSettings> = {}): AccountSettings {
  return {
    id,
    name: id,
    transport: { cliPath: "imsg", dbPath: undefined, probeTimeoutMs: 1000, reach: { kind: "local" } },
    media: { isTaken: false, roots: [], maxBytes: 16_777_216 },
    service: "auto",
    region: "US",
    dmPolicy: "pairing",
    allowFrom: [],
    groupPolicy: "allowlist",
    groupAllowFrom: [],
    groups: [],
    historyLimit: 50,
    dmHistoryLimit: 0,
    dmHistoryLimits: [],
    configWrites: true,
    allowTo: undefined,
    selfHandles: [],
    owners: [],
    notified: [],
    catchupMaxAgeMs: 60_000,
    textChunkLimit: 4000,
    maxPartsPerReply: 20,
    chunkMode: "length",
    responsePrefix: "",
    turnsPerMinute: 20,
    sendsPerMinute: 10_000,
    sendsPerHour: 100_000,
    ...changes,
  };
}

/** A configuration with these accounts. */
export function settings(accounts: readonly AccountSettings[], changes: Partial<Settings> = {}): Settings {
  return {
    version: "v1",
    accounts,
    stoppedAccounts: [],
    agents: [],
    defaultAgentId: asId<AgentId>("main"),
    bindings: [],
    dmScope: "main",
    identityLinks: [],
    sessionReset: { mode: "never" },
    commands: { config: false, useAccessGroups: true, allowSms: false },
    debounceMs: 0,
    maxConcurrentTurns: 4,
    gateway: { bind: "127.0.0.1", port: 0, token: undefined, publicUrls: [], metricsToken: undefined },
    storePath: "/nowhere/state.db",
    logLevel: "info",
    warnings: [],
    ...changes,
  };
}

export const HEALTHY: AccountHealth = {
  reading: { state: "ready", reason: undefined, restarts: 0 },
  watching: { ok: true, reason: undefined, head: 120, healthyAtMs: 1, lastEventAtMs: 1 },
  sending: { state: "ready", reason: undefined, restarts: 0 },
  dialect: "v1",
  version: "0.14.0",
};

/** A gateway whose accounts do nothing by themselves: a test plays what the flows would do. */
export class RunningWorld implements RunningGateway {
  readonly startedAtMs = 1_800_000_000_000;
  readonly pid = 4711;
  readonly version = "1.2.3";
  readonly world: World;
  readonly store: Store;
  readonly folder: string;
  /** What `media.outgoing` was asked for. */
  readonly taken: { source: string; by: Parameters<Media["outgoing"]>[1] }[] = [];
  readonly media: RunningGateway["media"] = {
    outgoing: async (source, by) => {
      this.taken.push({ source, by });
      if (source.endsWith(".missing"))
        throw new GatewayError("media/missing", "It is not there.", { hint: "Look." });
      return { path: `/media/${source.length}.png`, name: "chart.png", mimeType: "image/png", bytes: 7 };
    },
  };
  settingsInForce: Settings;
  health: AccountHealth = HEALTHY;
  chats: readonly ChatSummary[] = [];
  error: ReturnType<RunningGateway["configError"]>;
  readonly accountErrors = new Map<AccountId, GatewayError>();
  /** What every agent offers in every session. */
  offers: AgentOffers | undefined;
  /** What the agents of running turns said so far. */
  said = "";
  readonly restarted: AccountId[] = [];
  readonly ended: TurnId[] = [];
  readonly nudged: AccountId[] = [];
  readonly listeners = new Set<(event: GatewayEvent) => void>();
  readonly #past: GatewayEvent[] = [];
  readonly events = {
    bootId: "boot-1",
    seq: 0,
    since: (seq: number) => (seq > this.events.seq ? undefined : this.#past.slice(seq)),
  };

  private constructor(world: World, folder: string) {
    this.world = world;
    this.store = world.store;
    this.folder = folder;
    this.settingsInForce = settings([account(HOME), account(WORK)]);
  }

  static async create(): Promise<RunningWorld> {
    const folder = mkdtempSync(join(tmpdir(), "running-"));
    const world = await World.create(async () => databaseIn(folder));
    return new RunningWorld(world, folder);
  }

  async remove(): Promise<void> {
    await this.world.database.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  settings(): Settings {
    return this.settingsInForce;
  }

  installedVersion(): string | undefined {
    return undefined;
  }

  configError(): ReturnType<RunningGateway["configError"]> {
    return this.error;
  }

  accounts() {
    const { health } = this;
    const messages = {
      chats: async (limit: number) => this.chats.slice(0, limit),
      chat: async (target: Target) => this.chats.find((one) => entryNamesChat(target, one)),
    } as unknown as Messages;
    return this.settingsInForce.accounts.map((settings) => ({
      settings,
      messages,
      health,
      since: { reading: 1, watching: 2, sending: 3 },
    }));
  }

  accountError(accountId: AccountId): GatewayError | undefined {
    return this.accountErrors.get(accountId);
  }

  endTurn(_accountId: AccountId, turnId: TurnId): void {
    this.ended.push(turnId);
  }

  async restartAccount(accountId: AccountId): Promise<boolean> {
    this.restarted.push(accountId);
    return this.settingsInForce.accounts.some(({ id }) => id === accountId);
  }

  nudge(accountId: AccountId): void {
    this.nudged.push(accountId);
  }

  subscribe(listener: (event: GatewayEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  turnOutput() {
    return { text: this.said, chars: this.said.length };
  }

  async agentOffers(): Promise<AgentOffers | undefined> {
    return this.offers;
  }

  emit(event: Omit<GatewayEvent, "seq" | "atMs">): void {
    this.events.seq += 1;
    const told: GatewayEvent = { seq: this.events.seq, atMs: this.world.nowMs, ...event };
    this.#past.push(told);
    for (const listener of this.listeners) listener(told);
  }
}

function databaseIn(folder: string): StateDatabase {
  const opened: Store[] = [];
  return {
    connect: async (clock: Clock) => {
      const store = await openStore({ path: join(folder, "state.db"), clock });
      opened.push(store);
      return store;
    },
    remove: async () => {
      await Promise.all(opened.map(async (store) => store.close()));
    },
  };
}
